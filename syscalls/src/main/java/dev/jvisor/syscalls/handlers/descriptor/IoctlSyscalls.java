// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.descriptor;

import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.IOCTL_COMMAND;

import dev.jvisor.fs.tty.PtyMaster;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.Transfer;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * ioctl(2): what works on every descriptor is served here, the rest by the file.
 *
 * <p>Errors: EBADF (O_PATH descriptors, too); then EFAULT, EINVAL or ENOTTY as the command has it.
 */
@SyscallHandlers
final class IoctlSyscalls {

    private IoctlSyscalls() {}

    @Syscall(number = 16, name = "ioctl")
    static long ioctl(
            Task task, @Arg(FD) int fd, @Arg(IOCTL_COMMAND) int command, @Arg(HEX) long argument)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            return switch (command) {
                case Ioctls.FIOCLEX -> setCloseOnExec(task, fd, true);
                case Ioctls.FIONCLEX -> setCloseOnExec(task, fd, false);
                case Ioctls.FIONBIO ->
                    setFlag(file, Fcntl.O_NONBLOCK, task.memory().getInt(argument) != 0);
                case Ioctls.FIOASYNC -> setAsync(file, fd, task.memory().getInt(argument) != 0);
                case Ioctls.FIOQSIZE -> size(task, file, argument);
                case Ioctls.FIONREAD -> available(task, file, argument);
                case Ioctls.TIOCGPTPEER -> openPeer(task, file, (int) argument);
                default -> file.ioctl(task, command, argument);
            };
        } finally {
            file.release();
        }
    }

    private static long setCloseOnExec(Task task, int fd, boolean on) throws ErrnoException {
        task.files().setCloseOnExec(fd, on);
        return 0;
    }

    private static long setAsync(FileDescription file, int fd, boolean on) throws ErrnoException {
        int before = file.flags();
        if ((before & Fcntl.O_ASYNC) != 0 != on && !AsyncCommands.hasAsync(file)) {
            throw Errno.ENOTTY.exception();
        }
        setFlag(file, Fcntl.O_ASYNC, on);
        AsyncCommands.flagsChanged(file, fd, before);
        return 0;
    }

    private static long setFlag(FileDescription file, int flag, boolean on) throws ErrnoException {
        int flags = file.flags();
        file.setStatusFlags(on ? flags | flag : flags & ~flag);
        return 0;
    }

    /** Size of regular files, directories and links, as a loff_t. */
    private static long size(Task task, FileDescription file, long result) throws ErrnoException {
        int type = file.inode().mode() & StatMode.S_IFMT;
        if (type != StatMode.S_IFREG && type != StatMode.S_IFDIR && type != StatMode.S_IFLNK) {
            throw Errno.ENOTTY.exception();
        }
        task.memory().putLong(result, Transfer.sizeOf(task, file));
        return 0;
    }

    /** The slave of a pseudo-terminal as a new descriptor. */
    private static long openPeer(Task task, FileDescription file, int flags) throws ErrnoException {
        if (!(file instanceof PtyMaster master)) {
            throw Errno.ENOTTY.exception();
        }
        FileDescription slave = master.openPeer(task, flags & ~Fcntl.O_CLOEXEC);
        return UserArgs.install(task, slave, (flags & Fcntl.O_CLOEXEC) != 0);
    }

    /** What is left to read of a regular file; others know themselves. */
    private static long available(Task task, FileDescription file, long result)
            throws ErrnoException {
        if ((file.inode().mode() & StatMode.S_IFMT) != StatMode.S_IFREG) {
            return file.ioctl(task, Ioctls.FIONREAD, result);
        }
        task.memory().putInt(result, (int) (Transfer.sizeOf(task, file) - file.position()));
        return 0;
    }
}
