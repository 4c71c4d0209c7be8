// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.platform.abi.ErrnoException;

/** With room for two fids and few descriptors, everything is found anew by name all the time. */
final class FewFidsGoferTests extends GoferContract {

    @Override
    GoferFilesystem connect(String tree) throws ErrnoException {
        return new GoferFilesystem(
                LocalGofer.direct(tree, false),
                GoferFilesystem.Caching.EXCLUSIVE,
                false,
                new HandleCache(16),
                2);
    }
}
