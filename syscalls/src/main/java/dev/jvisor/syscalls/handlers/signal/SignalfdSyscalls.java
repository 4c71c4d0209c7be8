// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.signal;

import static dev.jvisor.platform.abi.Eventfd.SFD_CLOEXEC;
import static dev.jvisor.platform.abi.Eventfd.SFD_NONBLOCK;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGNALFD_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGSET_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.signal.SignalFile;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * signalfd(2).
 *
 * <p>Errors, in this order: EINVAL for {@code size}; EFAULT; EINVAL for flags; EBADF, EINVAL for a
 * descriptor of another kind; EMFILE.
 */
@SyscallHandlers
final class SignalfdSyscalls {

    private SignalfdSyscalls() {}

    @Syscall(number = 282, name = "signalfd")
    static long signalfd(Task task, @Arg(FD) int fd, @Arg(SIGSET_IN) long set, @Arg(SIZE) long size)
            throws ErrnoException {
        return signalfd4(task, fd, set, size, 0);
    }

    @Syscall(number = 289, name = "signalfd4")
    static long signalfd4(
            Task task,
            @Arg(FD) int fd,
            @Arg(SIGSET_IN) long set,
            @Arg(SIZE) long size,
            @Arg(SIGNALFD_FLAGS) int flags)
            throws ErrnoException {
        SignalArgs.checkSetSize(size);
        long wanted = SignalArgs.readSet(task, set);
        UserArgs.checkFlags(flags, SFD_CLOEXEC | SFD_NONBLOCK);
        if (fd == -1) {
            SignalFile made = new SignalFile(task.kernel(), wanted, (flags & SFD_NONBLOCK) != 0);
            return UserArgs.install(task, made, (flags & SFD_CLOEXEC) != 0);
        }
        FileDescription file = task.files().acquireForIo(fd);
        try {
            if (!(file instanceof SignalFile existing)) {
                throw Errno.EINVAL.exception();
            }
            existing.setWanted(wanted);
            return fd;
        } finally {
            file.release();
        }
    }
}
