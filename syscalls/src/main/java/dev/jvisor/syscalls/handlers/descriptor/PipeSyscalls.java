// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.descriptor;

import static dev.jvisor.syscalls.annotation.Arg.Format.PIPE_FDS_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.PIPE_FLAGS;

import dev.jvisor.fs.pipe.Pipefs;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** pipe(2). */
@SyscallHandlers
final class PipeSyscalls {

    private PipeSyscalls() {}

    @Syscall(number = 22, name = "pipe")
    static long pipe(Task task, @Arg(PIPE_FDS_OUT) long fds) throws ErrnoException {
        return pipe2(task, fds, 0);
    }

    /** EINVAL for flags; ENFILE, EMFILE; EFAULT, after which both ends are closed again. */
    @Syscall(number = 293, name = "pipe2")
    static long pipe2(Task task, @Arg(PIPE_FDS_OUT) long fds, @Arg(PIPE_FLAGS) int flags)
            throws ErrnoException {
        Pipefs.Ends ends = Pipefs.create(task, flags);
        boolean closeOnExec = (flags & Fcntl.O_CLOEXEC) != 0;
        int reader;
        try {
            reader = UserArgs.install(task, ends.reader(), closeOnExec);
        } catch (ErrnoException e) {
            ends.writer().release();
            throw e;
        }
        int writer;
        try {
            writer = UserArgs.install(task, ends.writer(), closeOnExec);
        } catch (ErrnoException e) {
            task.files().remove(reader).release();
            throw e;
        }
        try {
            task.memory().putLong(fds, reader | (long) writer << 32);
        } catch (ErrnoException e) {
            task.files().remove(reader).release();
            task.files().remove(writer).release();
            throw e;
        }
        return 0;
    }
}
