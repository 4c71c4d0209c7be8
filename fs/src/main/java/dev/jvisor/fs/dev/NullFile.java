// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.dev;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.usercopy.IovIter;

/** /dev/null: always at its end, takes everything without a look. */
final class NullFile extends DeviceFile {

    NullFile(Inode inode, VfsPath path, int flags) {
        super(inode, path, flags);
    }

    @Override
    public long read(CallContext context, IovIter destination) {
        return 0;
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset) {
        return 0;
    }

    @Override
    public long write(CallContext context, IovIter source) {
        return writeAt(context, source, 0);
    }

    @Override
    public long writeAt(CallContext context, IovIter source, long offset) {
        long n = source.remaining();
        source.advance(n);
        return n;
    }
}
