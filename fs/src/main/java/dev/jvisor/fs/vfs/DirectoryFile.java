// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;

/** What open directories of all file systems share: no read or write, positions, dots. */
public abstract class DirectoryFile extends FileDescription {

    private final Inode inode;

    protected DirectoryFile(Inode inode, VfsPath path, int flags) {
        super(path, flags);
        this.inode = inode;
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
    public boolean isPollable() {
        return false;
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        throw Errno.EISDIR.exception();
    }

    @Override
    public void sync(CallContext context, boolean dataOnly) throws ErrnoException {}

    /** Positions are cookies: only SEEK_SET and SEEK_CUR make sense. */
    @Override
    public long seek(CallContext context, long offset, int whence) throws ErrnoException {
        synchronized (positionLock) {
            long target = switch (whence) {
                case Fcntl.SEEK_SET -> offset;
                case Fcntl.SEEK_CUR -> position() + offset;
                default -> throw Errno.EINVAL.exception();
            };
            if (target < 0) {
                throw Errno.EINVAL.exception();
            }
            setPosition(target);
            return target;
        }
    }

    /**
     * Gives "." and ".." if the position is before them (positions 0 and 1); false if the sink is
     * full. The position lock is held.
     */
    protected final boolean emitDots(DirectorySink sink, long self, long parent) {
        if (position() == 0) {
            if (!sink.entry(".", self, Dirent.DT_DIR, 1)) {
                return false;
            }
            setPosition(1);
        }
        if (position() == 1) {
            if (!sink.entry("..", parent, Dirent.DT_DIR, 2)) {
                return false;
            }
            setPosition(2);
        }
        return true;
    }

    /** The {@code DT_*} of a mode. */
    public static int typeOf(int mode) {
        return (mode & StatMode.S_IFMT) >>> 12;
    }
}
