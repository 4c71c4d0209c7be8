// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

/** What open(2) with O_PATH gives: a place, nothing to read or write. */
class PathOnlyFile extends FileDescription {

    private final VfsPath place;

    PathOnlyFile(VfsPath place, int flags) {
        super(place, flags & (Fcntl.O_PATH | Fcntl.O_DIRECTORY | Fcntl.O_NOFOLLOW));
        this.place = place;
    }

    @Override
    public Inode inode() {
        return place.dentry().inode();
    }

    private static ErrnoException badDescriptor() {
        return Errno.EBADF.exception();
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        throw badDescriptor();
    }

    @Override
    public long writeAt(CallContext context, IovIter source, long offset) throws ErrnoException {
        throw badDescriptor();
    }

    @Override
    public long seek(CallContext context, long offset, int whence) throws ErrnoException {
        throw badDescriptor();
    }

    @Override
    public void iterate(CallContext context, DirectorySink sink) throws ErrnoException {
        throw badDescriptor();
    }

    @Override
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        throw badDescriptor();
    }

    @Override
    public void truncate(CallContext context, long size) throws ErrnoException {
        throw badDescriptor();
    }

    @Override
    public void allocate(CallContext context, int mode, long offset, long length)
            throws ErrnoException {
        throw badDescriptor();
    }

    @Override
    public void sync(CallContext context, boolean dataOnly) throws ErrnoException {
        throw badDescriptor();
    }
}
