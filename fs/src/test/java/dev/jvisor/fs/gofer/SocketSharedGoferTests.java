// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.platform.abi.ErrnoException;

final class SocketSharedGoferTests extends GoferContract {

    @Override
    GoferFilesystem connect(String tree) throws ErrnoException {
        return new GoferFilesystem(
                LocalGofer.threaded(tree, false), GoferFilesystem.Caching.SHARED, false);
    }
}
