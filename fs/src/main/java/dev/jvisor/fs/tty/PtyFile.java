// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** An open end of a pseudo-terminal. */
abstract class PtyFile extends FileDescription {

    /** Bytes that one step of a write takes (Linux: {@code do_tty_write}). */
    private static final int WRITE_BYTES = 2048;

    final Pty pty;
    private final Inode inode;
    private final TtyIoctls ioctls;

    PtyFile(Pty pty, Inode inode, VfsPath path, int flags, boolean master) {
        super(path, flags);
        this.pty = pty;
        this.inode = inode;
        this.ioctls = new TtyIoctls(pty, master);
    }

    @Override
    public final Inode inode() {
        return inode;
    }

    /** Writes what there is room for; 0 for none. */
    abstract int send(byte[] bytes, int length) throws ErrnoException;

    @Override
    public long writeAt(CallContext context, IovIter source, long offset) throws ErrnoException {
        long total = 0;
        while (source.remaining() > 0) {
            byte[] chunk = new byte[(int) Math.min(source.remaining(), WRITE_BYTES)];
            int got;
            int sent;
            try {
                got = source.copyFrom(chunk, 0, chunk.length);
                sent = send(chunk, got);
            } catch (ErrnoException e) {
                if (total == 0) {
                    throw e;
                }
                break;
            }
            source.revert(got - sent);
            total += sent;
            if (sent < got) {
                break;
            }
        }
        if (total == 0 && source.remaining() > 0) {
            throw Errno.EAGAIN.exception();
        }
        if (total > 0) {
            pty.node().touch(context, true);
        }
        return total;
    }

    @Override
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        return ioctls.call(context, command, argument, isReadable());
    }

    @Override
    public void allocate(CallContext context, int mode, long offset, long length)
            throws ErrnoException {
        throw Errno.ENODEV.exception();
    }
}
