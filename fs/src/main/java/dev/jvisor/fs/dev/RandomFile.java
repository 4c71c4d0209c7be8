// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.dev;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.ErrnoException;

/** /dev/random and /dev/urandom: bytes of the host's generator; what is written adds nothing. */
final class RandomFile extends DeviceFile {

    RandomFile(Inode inode, VfsPath path, int flags) {
        super(inode, path, flags);
    }

    @Override
    public long read(CallContext context, IovIter destination) throws ErrnoException {
        return readAt(context, destination, 0);
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        return RandomBytes.read(destination);
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
