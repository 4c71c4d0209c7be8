// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.IOVEC_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;
import static dev.jvisor.syscalls.annotation.Arg.Format.SPLICE_FLAGS;

import dev.jvisor.fs.pipe.PipeFile;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.Transfer;
import dev.jvisor.syscalls.handlers.UserArgs;

/** tee(2), vmsplice(2). */
@SyscallHandlers
final class PipeCopySyscalls {

    private static final int VALID = Fcntl.SPLICE_F_MOVE
            | Fcntl.SPLICE_F_NONBLOCK
            | Fcntl.SPLICE_F_MORE
            | Fcntl.SPLICE_F_GIFT;

    /** What one call copies at most; and what a pipe that is writable has room for at least. */
    private static final int TEE_MAX = 64 * 1024;

    private PipeCopySyscalls() {}

    /**
     * Copies from pipe to pipe what stays in the first.
     *
     * <p>Errors, in this order: EINVAL for flags; EBADF; EBADF for access modes; EINVAL unless both
     * are pipes, and not the same; EAGAIN; EINTR; EPIPE.
     */
    @Syscall(number = 276, name = "tee")
    static long tee(
            Task task,
            @Arg(FD) int in,
            @Arg(FD) int out,
            @Arg(SIZE) long count,
            @Arg(SPLICE_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, VALID);
        if (count == 0) {
            return 0;
        }
        FileDescription input = task.files().acquireForIo(in);
        try {
            FileDescription output = task.files().acquireForIo(out);
            try {
                if (!input.isReadable() || !output.isWritable()) {
                    throw Errno.EBADF.exception();
                }
                if (!(input instanceof PipeFile from)
                        || !(output instanceof PipeFile to)
                        || from.pipe() == to.pipe()) {
                    throw Errno.EINVAL.exception();
                }
                boolean noWait = (flags & Fcntl.SPLICE_F_NONBLOCK) != 0
                        || input.isNonBlocking()
                        || output.isNonBlocking();
                return tee(task, from, to, (int) Math.min(count, TEE_MAX), noWait);
            } finally {
                output.release();
            }
        } finally {
            input.release();
        }
    }

    private static long tee(Task task, PipeFile from, PipeFile to, int count, boolean noWait)
            throws ErrnoException {
        byte[] buffer = new byte[count];
        for (; ; ) {
            PipeFile waits = from;
            int wanted = Poll.POLLIN;
            try {
                int n = from.pipe().peek(buffer);
                if (n == 0) {
                    return 0;
                }
                waits = to;
                wanted = Poll.POLLOUT;
                return to.write(task, IovIter.of(buffer, 0, n));
            } catch (ErrnoException e) {
                if (e.errno != Errno.EAGAIN || noWait) {
                    throw e;
                }
            }
            task.waitFor(waits, wanted, Long.MAX_VALUE);
        }
    }

    /**
     * Writes memory to a pipe, or reads a pipe into memory, as the descriptor is open.
     *
     * <p>Errors, in this order: EINVAL for flags; EBADF, also for what is no pipe; EFAULT, EINVAL
     * for the vector; EAGAIN; EINTR; EPIPE.
     */
    @Syscall(
            number = 278,
            name = "vmsplice",
            support = Support.PARTIAL,
            note = "copies: later changes of the memory do not show in the pipe")
    static long vmsplice(
            Task task,
            @Arg(FD) int fd,
            @Arg(IOVEC_IN) long iov,
            int count,
            @Arg(SPLICE_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, VALID);
        FileDescription file = task.files().acquireForIo(fd);
        try {
            if (!(file instanceof PipeFile)) {
                throw Errno.EBADF.exception();
            }
            IovIter iter = task.memory().iterVector(iov, count);
            iter.truncate(UserArgs.MAX_RW_COUNT);
            if (iter.remaining() == 0) {
                return 0;
            }
            boolean noWait = (flags & Fcntl.SPLICE_F_NONBLOCK) != 0;
            return file.isWritable()
                    ? Transfer.write(task, file, iter, noWait)
                    : Transfer.read(task, file, iter, noWait);
        } finally {
            file.release();
        }
    }
}
