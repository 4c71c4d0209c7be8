// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.host.HostTransfer;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Permissions;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostStat;

import org.jspecify.annotations.Nullable;

/** An open regular file: everything goes to the donated descriptor, without asking the gofer. */
final class GoferFileDescription extends FileDescription {

    private final GoferInode inode;
    private final HostHandle handle;
    private @Nullable GoferMapping mapping;

    /** Takes over one use of the handle. */
    GoferFileDescription(VfsPath path, int flags, GoferInode inode, HostHandle handle) {
        super(path, flags);
        this.inode = inode;
        this.handle = handle;
    }

    @Override
    protected void onRelease() {
        inode.gofer().handles.release(handle);
    }

    @Override
    public Inode inode() {
        return inode;
    }

    @Override
    public boolean isSeekable() {
        return true;
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        return HostTransfer.readAt(handle.fd, destination, offset);
    }

    @Override
    public long write(CallContext context, IovIter source) throws ErrnoException {
        if ((flags() & Fcntl.O_APPEND) == 0) {
            return super.write(context, source);
        }
        // The end of the file and the write there are one step for all who append.
        synchronized (positionLock) {
            synchronized (inode.writeLock) {
                return super.write(context, source);
            }
        }
    }

    @Override
    public long writeAt(CallContext context, IovIter source, long offset) throws ErrnoException {
        long limit = context.limit(Resource.RLIMIT_FSIZE);
        if (limit >= 0 && source.remaining() > 0) {
            if (offset >= limit) {
                context.raise(Signals.SIGXFSZ);
                throw Errno.EFBIG.exception();
            }
            source.truncate(limit - offset);
        }
        if (source.remaining() == 0) {
            return 0;
        }
        long count;
        synchronized (inode.writeLock) {
            count = HostTransfer.writeAt(handle.fd, source, offset);
        }
        inode.setStale();
        dropSetId(context);
        return count;
    }

    /**
     * Clears set-id bits as Linux does on a write: the host sees a privileged writer and would not.
     */
    private void dropSetId(CallContext context) throws ErrnoException {
        int mode = inode.mode();
        int left = Permissions.modeAfterWrite(context.credentials(), mode);
        if (left != mode) {
            Inode.Changes c = new Inode.Changes();
            c.setMode = true;
            c.mode = left;
            inode.setAttributes(context, c);
        }
    }

    @Override
    protected long size(CallContext context) throws ErrnoException {
        if (inode.gofer().isExclusive() && inode.gofer().isReadOnly()) {
            return inode.attributes().size;
        }
        return hostSize(handle.fd);
    }

    static long hostSize(int fd) throws ErrnoException {
        HostStat s = new HostStat();
        HostFiles.fstat(fd, s);
        return s.size;
    }

    @Override
    public long seek(CallContext context, long offset, int whence) throws ErrnoException {
        if (whence != Fcntl.SEEK_DATA && whence != Fcntl.SEEK_HOLE) {
            return super.seek(context, offset, whence);
        }
        synchronized (positionLock) {
            // The descriptor's own offset means nothing to us: reads and writes name theirs.
            long found = HostFiles.lseek(handle.fd, offset, whence);
            setPosition(found);
            return found;
        }
    }

    @Override
    public Mappable mappable(CallContext context) {
        synchronized (positionLock) {
            GoferMapping m = mapping;
            if (m == null) {
                mapping = m = new GoferMapping(inode, handle, path());
            }
            return m;
        }
    }

    @Override
    public void truncate(CallContext context, long size) throws ErrnoException {
        long limit = context.limit(Resource.RLIMIT_FSIZE);
        if (limit >= 0 && size > limit) {
            context.raise(Signals.SIGXFSZ);
            throw Errno.EFBIG.exception();
        }
        synchronized (inode.writeLock) {
            HostFiles.ftruncate(handle.fd, size);
        }
        inode.setStale();
        dropSetId(context);
    }

    @Override
    public void allocate(CallContext context, int mode, long offset, long length)
            throws ErrnoException {
        long limit = context.limit(Resource.RLIMIT_FSIZE);
        boolean grows = (mode & Fcntl.FALLOC_FL_KEEP_SIZE) == 0;
        if (limit >= 0 && grows && offset + length > limit) {
            context.raise(Signals.SIGXFSZ);
            throw Errno.EFBIG.exception();
        }
        synchronized (inode.writeLock) {
            HostFiles.fallocate(handle.fd, mode, offset, length);
        }
        inode.setStale();
        dropSetId(context);
    }

    @Override
    public void sync(CallContext context, boolean dataOnly) throws ErrnoException {
        if (!inode.gofer().isReadOnly()) {
            HostFiles.fsync(handle.fd, dataOnly);
        }
    }
}
