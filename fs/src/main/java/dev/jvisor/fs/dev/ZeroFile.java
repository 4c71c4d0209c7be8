// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.dev;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** /dev/zero and /dev/full: an endless run of zero bytes; writes vanish or find the disk full. */
final class ZeroFile extends DeviceFile {

    private final boolean full;
    private final PageAllocator pages;

    ZeroFile(Inode inode, VfsPath path, int flags, boolean full, PageAllocator pages) {
        super(inode, path, flags);
        this.full = full;
        this.pages = pages;
    }

    @Override
    public long read(CallContext context, IovIter destination) throws ErrnoException {
        return readAt(context, destination, 0);
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        return destination.zero(destination.remaining());
    }

    @Override
    public long write(CallContext context, IovIter source) throws ErrnoException {
        return writeAt(context, source, 0);
    }

    @Override
    public long writeAt(CallContext context, IovIter source, long offset) throws ErrnoException {
        if (full) {
            throw Errno.ENOSPC.exception();
        }
        long n = source.remaining();
        source.advance(n);
        return n;
    }

    @Override
    public Mappable mappable(CallContext context) throws ErrnoException {
        if (full) {
            throw Errno.ENODEV.exception();
        }
        return new ZeroMappable(pages, inode());
    }
}
