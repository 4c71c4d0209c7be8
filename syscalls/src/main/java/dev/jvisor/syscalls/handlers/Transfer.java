// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Fsnotify;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.syscalls.handlers.socket.SocketTransfer;

/**
 * Reads and writes that wait where the file says "would block".
 *
 * <p>A read returns what the first successful attempt gives. A write to a stream goes on until
 * everything is written; what was written before a signal or an error is the result.
 */
public final class Transfer {

    private static final long FOREVER = Long.MAX_VALUE;

    private Transfer() {}

    /** read(2) and readv(2) after the descriptor's look-up. */
    public static long read(Task task, FileDescription file, IovIter to, boolean noWait)
            throws ErrnoException {
        long n = -1;
        try {
            n = readOrWait(task, file, to, noWait);
            return n;
        } finally {
            task.counters().countRead(n);
        }
    }

    private static long readOrWait(Task task, FileDescription file, IovIter to, boolean noWait)
            throws ErrnoException {
        if (file instanceof Socket socket) {
            return SocketTransfer.read(task, socket, to, noWait || file.isNonBlocking());
        }
        for (; ; ) {
            try {
                long n = file.read(task, to);
                if (n > 0) {
                    Fsnotify.access(file);
                }
                return n;
            } catch (ErrnoException e) {
                if (e.errno != Errno.EAGAIN || noWait || file.isNonBlocking()) {
                    throw e;
                }
            }
            task.waitFor(file, Poll.POLLIN | Poll.POLLRDNORM, FOREVER);
        }
    }

    /** write(2) and writev(2) after the descriptor's look-up. */
    public static long write(Task task, FileDescription file, IovIter from, boolean noWait)
            throws ErrnoException {
        long n = -1;
        try {
            n = writeOrWait(task, file, from, noWait);
            return n;
        } finally {
            task.counters().countWrite(n);
        }
    }

    private static long writeOrWait(Task task, FileDescription file, IovIter from, boolean noWait)
            throws ErrnoException {
        if (file instanceof Socket socket) {
            return SocketTransfer.write(task, socket, from, noWait || file.isNonBlocking());
        }
        long total = 0;
        for (; ; ) {
            try {
                long n = file.write(task, from);
                if (n > 0) {
                    Fsnotify.modify(file);
                }
                total += n;
                boolean done = from.remaining() == 0 || !isStream(file);
                if (done || noWait || file.isNonBlocking()) {
                    return total;
                }
            } catch (ErrnoException e) {
                if (e.errno != Errno.EAGAIN || noWait || file.isNonBlocking()) {
                    return partial(total, e);
                }
                try {
                    task.waitFor(file, Poll.POLLOUT | Poll.POLLWRNORM, FOREVER);
                } catch (ErrnoException signal) {
                    return partial(total, signal);
                }
            }
        }
    }

    /** Whether a write goes on until all is written, as pipes and terminals do. */
    private static boolean isStream(FileDescription file) {
        return switch (file.inode().mode() & StatMode.S_IFMT) {
            case StatMode.S_IFIFO, StatMode.S_IFCHR -> !file.isSeekable();
            default -> false;
        };
    }

    private static long partial(long total, ErrnoException error) throws ErrnoException {
        if (total > 0) {
            return total;
        }
        throw error;
    }

    /** pread(2): the file has positions. */
    public static long readAt(Task task, FileDescription file, IovIter to, long offset)
            throws ErrnoException {
        if (!file.isSeekable()) {
            throw Errno.ESPIPE.exception();
        }
        long n = -1;
        try {
            n = file.readAt(task, to, offset);
        } finally {
            task.counters().countRead(n);
        }
        if (n > 0) {
            Fsnotify.access(file);
        }
        return n;
    }

    /** pwrite(2): with O_APPEND the offset is not looked at (as Linux has it, against POSIX). */
    public static long writeAt(Task task, FileDescription file, IovIter from, long offset)
            throws ErrnoException {
        if (!file.isSeekable()) {
            throw Errno.ESPIPE.exception();
        }
        boolean append = (file.flags() & Fcntl.O_APPEND) != 0;
        return writeAtExactly(task, file, from, append ? sizeOf(task, file) : offset);
    }

    /** Writes at an offset whatever the file's flags say. */
    public static long writeAtExactly(Task task, FileDescription file, IovIter from, long offset)
            throws ErrnoException {
        long n = -1;
        try {
            n = file.writeAt(task, from, offset);
        } finally {
            task.counters().countWrite(n);
        }
        if (n > 0) {
            Fsnotify.modify(file);
        }
        return n;
    }

    /** Size of a file, bytes. */
    public static long sizeOf(Task task, FileDescription file) throws ErrnoException {
        FileStatus status = new FileStatus();
        file.inode().getAttributes(task, status);
        return status.size;
    }
}
