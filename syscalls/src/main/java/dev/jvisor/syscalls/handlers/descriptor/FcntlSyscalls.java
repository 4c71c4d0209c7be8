// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.descriptor;

import static dev.jvisor.syscalls.annotation.Arg.Format.FCNTL_ARGUMENT;
import static dev.jvisor.syscalls.annotation.Arg.Format.FCNTL_COMMAND;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * fcntl(2).
 *
 * <p>EBADF first; on O_PATH descriptors only F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD and F_GETFL
 * work (EBADF for others).
 */
@SyscallHandlers
final class FcntlSyscalls {

    private FcntlSyscalls() {}

    @Syscall(
            number = 72,
            name = "fcntl",
            support = Support.PARTIAL,
            note = "no leases; F_NOTIFY's registration belongs to the open file")
    static long fcntl(
            Task task,
            @Arg(FD) int fd,
            @Arg(FCNTL_COMMAND) int command,
            @Arg(FCNTL_ARGUMENT) long argument)
            throws ErrnoException {
        FileDescription file = task.files().acquire(fd);
        try {
            if (file.isPathOnly() && !worksOnPathOnly(command)) {
                throw Errno.EBADF.exception();
            }
            return switch (command) {
                case Fcntl.F_DUPFD -> duplicate(task, file, argument, false);
                case Fcntl.F_DUPFD_CLOEXEC -> duplicate(task, file, argument, true);
                case Fcntl.F_GETFD -> task.files().isCloseOnExec(fd) ? Fcntl.FD_CLOEXEC : 0;
                case Fcntl.F_SETFD -> {
                    task.files().setCloseOnExec(fd, (argument & Fcntl.FD_CLOEXEC) != 0);
                    yield 0;
                }
                case Fcntl.F_GETFL -> file.flags();
                case Fcntl.F_SETFL -> {
                    int before = file.flags();
                    setFlags(task, file, (int) argument);
                    AsyncCommands.flagsChanged(file, fd, before);
                    yield 0;
                }
                case Fcntl.F_GETOWN -> AsyncCommands.getOwner(task, file);
                case Fcntl.F_SETOWN -> AsyncCommands.setOwner(task, file, (int) argument);
                case Fcntl.F_GETOWN_EX -> AsyncCommands.getOwnerEx(task, file, argument);
                case Fcntl.F_SETOWN_EX -> AsyncCommands.setOwnerEx(task, file, argument);
                case Fcntl.F_GETSIG -> AsyncCommands.getSignal(file);
                case Fcntl.F_SETSIG -> AsyncCommands.setSignal(file, argument);
                case Fcntl.F_NOTIFY -> AsyncCommands.notify(task, file, fd, (int) argument);
                case Fcntl.F_GETLEASE -> Fcntl.F_UNLCK;
                case Fcntl.F_ADD_SEALS -> {
                    WriteSeal.check(task, file, argument);
                    yield file.fcntl(task, command, argument);
                }
                case Fcntl.F_GETLK, Fcntl.F_OFD_GETLK ->
                    RecordLocks.get(task, file, command == Fcntl.F_OFD_GETLK, argument);
                case Fcntl.F_SETLK, Fcntl.F_OFD_SETLK ->
                    RecordLocks.set(task, file, command == Fcntl.F_OFD_SETLK, argument, false);
                case Fcntl.F_SETLKW, Fcntl.F_OFD_SETLKW ->
                    RecordLocks.set(task, file, command == Fcntl.F_OFD_SETLKW, argument, true);
                default -> file.fcntl(task, command, argument);
            };
        } finally {
            file.release();
        }
    }

    private static boolean worksOnPathOnly(int command) {
        return switch (command) {
            case Fcntl.F_DUPFD,
                    Fcntl.F_DUPFD_CLOEXEC,
                    Fcntl.F_GETFD,
                    Fcntl.F_SETFD,
                    Fcntl.F_GETFL -> true;
            default -> false;
        };
    }

    private static long duplicate(
            Task task, FileDescription file, long minimum, boolean closeOnExec)
            throws ErrnoException {
        if (minimum < 0 || minimum >= Integer.MAX_VALUE) {
            throw Errno.EINVAL.exception();
        }
        file.retain();
        return UserArgs.install(task, file, (int) minimum, closeOnExec);
    }

    private static long setFlags(Task task, FileDescription file, int flags) throws ErrnoException {
        boolean setsNoAtime = (flags & ~file.flags() & Fcntl.O_NOATIME) != 0;
        if (setsNoAtime
                && file.inode().uid() != task.credentials().fsuid()
                && !task.credentials().has(Capabilities.CAP_FOWNER)) {
            throw Errno.EPERM.exception();
        }
        // A file that sends no signals does not keep the flag.
        boolean async = AsyncCommands.hasAsync(file);
        file.setStatusFlags(async ? flags : flags & ~Fcntl.O_ASYNC);
        return 0;
    }
}
