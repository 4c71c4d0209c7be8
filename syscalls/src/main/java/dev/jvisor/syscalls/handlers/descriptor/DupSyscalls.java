// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.descriptor;

import static dev.jvisor.syscalls.annotation.Arg.Format.DUP_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * dup(2).
 *
 * <p>Errors, in this order: EINVAL for dup3's flags and equal numbers; EBADF for a new number that
 * is not below RLIMIT_NOFILE; EBADF for the old one; EMFILE.
 */
@SyscallHandlers
final class DupSyscalls {

    private DupSyscalls() {}

    @Syscall(number = 32, name = "dup")
    static long dup(Task task, @Arg(FD) int fd) throws ErrnoException {
        return UserArgs.install(task, task.files().acquire(fd), false);
    }

    @Syscall(number = 33, name = "dup2")
    static long dup2(Task task, @Arg(FD) int oldFd, @Arg(FD) int newFd) throws ErrnoException {
        if (oldFd == newFd) {
            task.files().acquire(oldFd).release();
            return newFd;
        }
        return duplicate(task, oldFd, newFd, false);
    }

    @Syscall(number = 292, name = "dup3")
    static long dup3(Task task, @Arg(FD) int oldFd, @Arg(FD) int newFd, @Arg(DUP_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, Fcntl.O_CLOEXEC);
        if (oldFd == newFd) {
            throw Errno.EINVAL.exception();
        }
        return duplicate(task, oldFd, newFd, flags != 0);
    }

    private static long duplicate(Task task, int oldFd, int newFd, boolean closeOnExec)
            throws ErrnoException {
        FileDescription file = task.files().acquire(oldFd);
        boolean done = false;
        try {
            task.files().installAt(newFd, file, closeOnExec, UserArgs.descriptorLimit(task));
            done = true;
        } finally {
            if (!done) {
                file.release();
            }
        }
        return newFd;
    }
}
