// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.platform.abi.ErrnoException;

final class DirectExclusiveGoferTests extends GoferContract {

    @Override
    GoferFilesystem connect(String tree) throws ErrnoException {
        return new GoferFilesystem(
                LocalGofer.direct(tree, false), GoferFilesystem.Caching.EXCLUSIVE, false);
    }
}
