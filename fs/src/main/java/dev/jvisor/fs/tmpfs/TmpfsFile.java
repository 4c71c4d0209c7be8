// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

/** An open regular file. */
final class TmpfsFile extends FileDescription {

    private final TmpfsRegular inode;
    private final Inode shown;
    private final FileData data;

    TmpfsFile(TmpfsRegular inode, Inode shown, VfsPath path, int flags) {
        super(path, flags);
        this.inode = inode;
        this.shown = shown;
        this.data = inode.data();
        inode.addOpen();
    }

    @Override
    public Inode inode() {
        return shown;
    }

    @Override
    public boolean isSeekable() {
        return true;
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        if (offset < 0) {
            throw Errno.EINVAL.exception();
        }
        long n = data.read(destination, offset);
        inode.touchAccess(context, path(), flags());
        return n;
    }

    @Override
    public long write(CallContext context, IovIter source) throws ErrnoException {
        if ((flags() & Fcntl.O_APPEND) == 0) {
            return super.write(context, source);
        }
        if (source.remaining() == 0) {
            return 0; // does not move to the end
        }
        synchronized (positionLock) {
            synchronized (data.writeLock) {
                long n = writeLocked(context, source, data.size());
                setPosition(data.size());
                return n;
            }
        }
    }

    /** As in Linux, O_APPEND wins over the offset. */
    @Override
    public long writeAt(CallContext context, IovIter source, long offset) throws ErrnoException {
        if (offset < 0) {
            throw Errno.EINVAL.exception();
        }
        synchronized (data.writeLock) {
            boolean appends = (flags() & Fcntl.O_APPEND) != 0;
            return writeLocked(context, source, appends ? data.size() : offset);
        }
    }

    private long writeLocked(CallContext context, IovIter source, long offset)
            throws ErrnoException {
        if (source.remaining() == 0) {
            return 0;
        }
        inode.dropSetId(context.credentials());
        long n = data.write(context, source, offset);
        inode.touchModified(context.realtimeNanos());
        return n;
    }

    @Override
    protected long size(CallContext context) {
        return data.size();
    }

    @Override
    public long seek(CallContext context, long offset, int whence) throws ErrnoException {
        if (whence == Fcntl.SEEK_DATA || whence == Fcntl.SEEK_HOLE) {
            synchronized (positionLock) {
                long found = data.seek(offset, whence == Fcntl.SEEK_DATA);
                setPosition(found);
                return found;
            }
        }
        return super.seek(context, offset, whence);
    }

    @Override
    public Mappable mappable(CallContext context) {
        VfsPath path = path();
        if (path != null) {
            inode.setMappingName(Vfs.linkPath(context, path));
        }
        return inode;
    }

    @Override
    public void truncate(CallContext context, long size) throws ErrnoException {
        inode.dropSetId(context.credentials());
        Inode.Changes changes = new Inode.Changes();
        changes.setSize = true;
        changes.size = size;
        inode.setAttributes(context, changes);
    }

    @Override
    public void allocate(CallContext context, int mode, long offset, long length)
            throws ErrnoException {
        data.allocate(context, mode, offset, length);
        inode.dropSetId(context.credentials());
        inode.touchModified(context.realtimeNanos());
    }

    @Override
    public void sync(CallContext context, boolean dataOnly) {}

    @Override
    public long fcntl(CallContext context, int command, long argument) throws ErrnoException {
        return switch (command) {
            case Fcntl.F_GET_SEALS -> data.seals();
            case Fcntl.F_ADD_SEALS -> addSeals((int) argument);
            default -> super.fcntl(context, command, argument);
        };
    }

    private long addSeals(int seals) throws ErrnoException {
        if (!isWritable()) {
            throw Errno.EPERM.exception();
        }
        int known = Fcntl.F_SEAL_SEAL
                | Fcntl.F_SEAL_SHRINK
                | Fcntl.F_SEAL_GROW
                | Fcntl.F_SEAL_WRITE
                | Fcntl.F_SEAL_FUTURE_WRITE
                | Fcntl.F_SEAL_EXEC;
        if ((seals & ~known) != 0) {
            throw Errno.EINVAL.exception();
        }
        int all = seals;
        if ((seals & Fcntl.F_SEAL_EXEC) != 0 && (inode().mode() & 0111) != 0) {
            // A program that must stay one must not change either.
            all |= Fcntl.F_SEAL_SHRINK
                    | Fcntl.F_SEAL_GROW
                    | Fcntl.F_SEAL_WRITE
                    | Fcntl.F_SEAL_FUTURE_WRITE;
        }
        data.addSeals(all);
        return 0;
    }

    @Override
    public boolean isPollable() {
        return false;
    }

    @Override
    protected void onRelease() {
        inode.removeOpen();
    }
}
