// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.OFFSET_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;
import static dev.jvisor.syscalls.annotation.Arg.Format.SPLICE_FLAGS;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Fsnotify;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.Transfer;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * sendfile(2), copy_file_range(2), splice(2): bytes from one file to another, through a buffer of
 * the Sentry.
 */
@SyscallHandlers
final class CopySyscalls {

    private static final int CHUNK_MAX = 64 * 1024;

    /** What a pipe that polls writable has room for at least (PIPE_BUF). */
    private static final int PIPE_CHUNK = 4096;

    private static final int SPLICE_VALID = Fcntl.SPLICE_F_MOVE
            | Fcntl.SPLICE_F_NONBLOCK
            | Fcntl.SPLICE_F_MORE
            | Fcntl.SPLICE_F_GIFT;

    /** One side of a copy: its own position or an explicit one. */
    private static final class Side {
        final FileDescription file;
        final boolean explicit;
        long offset;

        Side(FileDescription file, boolean explicit, long offset) {
            this.file = file;
            this.explicit = explicit;
            this.offset = explicit || !file.isSeekable() ? offset : file.position();
        }

        void advance(long count) {
            offset += count;
            if (!explicit && file.isSeekable()) {
                file.setPosition(offset);
            }
        }
    }

    private CopySyscalls() {}

    /**
     * Errors, in this order: EFAULT for the offset; EBADF for the input; ESPIPE for an offset in a
     * stream; EINVAL for a negative one and for an input without positions; EBADF for the output;
     * EINVAL for an output with O_APPEND.
     */
    @Syscall(number = 40, name = "sendfile")
    static long sendfile(
            Task task,
            @Arg(FD) int out,
            @Arg(FD) int in,
            @Arg(OFFSET_IN) long offset,
            @Arg(SIZE) long count)
            throws ErrnoException {
        long position = offset == 0 ? 0 : task.memory().getLong(offset);
        FileDescription input = task.files().acquireForIo(in);
        try {
            checkReadable(input);
            if (!input.isSeekable()) {
                throw (offset != 0 ? Errno.ESPIPE : Errno.EINVAL).exception();
            }
            if (position < 0 || count < 0) {
                throw Errno.EINVAL.exception();
            }
            FileDescription output = task.files().acquireForIo(out);
            try {
                checkWritable(output);
                if ((output.flags() & Fcntl.O_APPEND) != 0) {
                    throw Errno.EINVAL.exception();
                }
                Side from = new Side(input, offset != 0, position);
                long copied = copy(task, from, new Side(output, false, 0), count, CHUNK_MAX, false);
                if (offset != 0) {
                    task.memory().putLong(offset, from.offset);
                }
                return copied;
            } finally {
                output.release();
            }
        } finally {
            input.release();
        }
    }

    /**
     * EINVAL for flags; EBADF; EFAULT; EISDIR, EINVAL for the types; EBADF for O_APPEND; EINVAL
     * overlap.
     */
    @Syscall(number = 326, name = "copy_file_range")
    static long copyFileRange(
            Task task,
            @Arg(FD) int in,
            @Arg(OFFSET_IN) long inOffset,
            @Arg(FD) int out,
            @Arg(OFFSET_IN) long outOffset,
            @Arg(SIZE) long count,
            int flags)
            throws ErrnoException {
        FileDescription input = task.files().acquireForIo(in);
        try {
            FileDescription output = task.files().acquireForIo(out);
            try {
                Side from = side(task, input, inOffset);
                Side to = side(task, output, outOffset);
                UserArgs.checkFlags(flags, 0);
                checkRegular(input);
                checkRegular(output);
                checkReadable(input);
                checkWritable(output);
                if ((output.flags() & Fcntl.O_APPEND) != 0) {
                    throw Errno.EBADF.exception();
                }
                checkRanges(from, to, count);
                long copied = copy(task, from, to, count, CHUNK_MAX, false);
                storeOffset(task, inOffset, from);
                storeOffset(task, outOffset, to);
                return copied;
            } finally {
                output.release();
            }
        } finally {
            input.release();
        }
    }

    private static void checkRanges(Side from, Side to, long count) throws ErrnoException {
        if (from.offset < 0 || to.offset < 0) {
            throw Errno.EINVAL.exception();
        }
        if (count < 0 || from.offset + count < 0 || to.offset + count < 0) {
            throw Errno.EOVERFLOW.exception();
        }
        boolean overlap = from.offset + count > to.offset && to.offset + count > from.offset;
        if (from.file.inode() == to.file.inode() && overlap) {
            throw Errno.EINVAL.exception();
        }
    }

    /**
     * Errors, in this order: EINVAL for flags; EBADF; ESPIPE for an offset of a pipe; EINVAL if
     * neither side is a pipe.
     */
    @Syscall(
            number = 275,
            name = "splice",
            support = Support.PARTIAL,
            note = "copies; what was read from a pipe is lost if the output then fails")
    static long splice(
            Task task,
            @Arg(FD) int in,
            @Arg(OFFSET_IN) long inOffset,
            @Arg(FD) int out,
            @Arg(OFFSET_IN) long outOffset,
            @Arg(SIZE) long count,
            @Arg(SPLICE_FLAGS) int flags)
            throws ErrnoException {
        if (count == 0) {
            return 0;
        }
        UserArgs.checkFlags(flags, SPLICE_VALID);
        FileDescription input = task.files().acquireForIo(in);
        try {
            FileDescription output = task.files().acquireForIo(out);
            try {
                checkReadable(input);
                checkWritable(output);
                boolean fromPipe = isPipe(input);
                boolean toPipe = isPipe(output);
                if (fromPipe && inOffset != 0 || toPipe && outOffset != 0) {
                    throw Errno.ESPIPE.exception();
                }
                boolean appends = (output.flags() & Fcntl.O_APPEND) != 0;
                boolean same = input.inode() == output.inode();
                if (!fromPipe && !toPipe || count < 0 || same || appends) {
                    throw Errno.EINVAL.exception();
                }
                Side from = side(task, input, inOffset);
                Side to = side(task, output, outOffset);
                boolean noWait = (flags & Fcntl.SPLICE_F_NONBLOCK) != 0;
                int chunk = toPipe ? PIPE_CHUNK : CHUNK_MAX;
                long copied = copy(task, from, to, Math.min(count, chunk), chunk, noWait);
                storeOffset(task, inOffset, from);
                storeOffset(task, outOffset, to);
                return copied;
            } finally {
                output.release();
            }
        } finally {
            input.release();
        }
    }

    private static boolean isPipe(FileDescription file) {
        return (file.inode().mode() & StatMode.S_IFMT) == StatMode.S_IFIFO;
    }

    private static Side side(Task task, FileDescription file, long address) throws ErrnoException {
        if (address == 0) {
            return new Side(file, false, 0);
        }
        if (!file.isSeekable()) {
            throw Errno.ESPIPE.exception();
        }
        return new Side(file, true, task.memory().getLong(address));
    }

    private static void storeOffset(Task task, long address, Side side) throws ErrnoException {
        if (address != 0) {
            task.memory().putLong(address, side.offset);
        }
    }

    private static void checkRegular(FileDescription file) throws ErrnoException {
        int type = file.inode().mode() & StatMode.S_IFMT;
        if (type == StatMode.S_IFDIR) {
            throw Errno.EISDIR.exception();
        }
        if (type != StatMode.S_IFREG) {
            throw Errno.EINVAL.exception();
        }
    }

    private static void checkReadable(FileDescription file) throws ErrnoException {
        if (!file.isReadable()) {
            throw Errno.EBADF.exception();
        }
    }

    private static void checkWritable(FileDescription file) throws ErrnoException {
        if (!file.isWritable()) {
            throw Errno.EBADF.exception();
        }
    }

    /**
     * Copies until the input ends or an error comes; what was copied before an error is the result.
     */
    private static long copy(Task task, Side from, Side to, long count, int chunk, boolean noWait)
            throws ErrnoException {
        long left = Math.min(count, UserArgs.MAX_RW_COUNT);
        byte[] buffer = new byte[(int) Math.min(left, chunk)];
        long total = 0;
        while (left > 0) {
            try {
                if (!to.file.isSeekable()) {
                    awaitRoom(task, to.file, from.file.isSeekable(), noWait);
                }
                // A stream that has run dry ends the copy once there is something to tell.
                boolean wait = !noWait && total == 0;
                int n = read(task, from, buffer, (int) Math.min(left, buffer.length), !wait);
                if (n == 0) {
                    return total;
                }
                long written = write(task, to, buffer, n, noWait);
                if (from.file.isSeekable()) {
                    Fsnotify.access(from.file);
                }
                if (written > 0 && to.file.isSeekable()) {
                    Fsnotify.modify(to.file);
                }
                from.advance(written);
                to.advance(written);
                total += written;
                left -= written;
                if (written < n || task.hasPendingSignal()) {
                    return total;
                }
            } catch (ErrnoException e) {
                if (total > 0) {
                    return total;
                }
                throw e;
            }
        }
        return total;
    }

    /** Before a stream is read: what it gives could not be put back. */
    private static void awaitRoom(Task task, FileDescription file, boolean fromFile, boolean noWait)
            throws ErrnoException {
        int ready = Poll.POLLOUT | Poll.POLLERR | Poll.POLLHUP;
        int events = file.poll();
        // Nobody reads: that counts before the end of a file, but not before an empty pipe.
        if (fromFile && isPipe(file) && (events & Poll.POLLERR) != 0) {
            task.raise(Signals.SIGPIPE);
            throw Errno.EPIPE.exception();
        }
        if ((events & ready) == 0) {
            if (noWait || file.isNonBlocking()) {
                throw Errno.EAGAIN.exception();
            }
            task.waitFor(file, Poll.POLLOUT, Long.MAX_VALUE);
        }
    }

    private static int read(Task task, Side from, byte[] buffer, int length, boolean noWait)
            throws ErrnoException {
        IovIter iter = IovIter.of(buffer, 0, length);
        return (int)
                (from.file.isSeekable()
                        ? from.file.readAt(task, iter, from.offset)
                        : Transfer.read(task, from.file, iter, noWait));
    }

    private static long write(Task task, Side to, byte[] buffer, int length, boolean noWait)
            throws ErrnoException {
        IovIter iter = IovIter.of(buffer, 0, length);
        return to.file.isSeekable()
                ? to.file.writeAt(task, iter, to.offset)
                : Transfer.write(task, to.file, iter, noWait);
    }
}
