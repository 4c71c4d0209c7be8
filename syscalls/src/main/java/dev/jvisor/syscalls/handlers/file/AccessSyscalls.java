// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.syscalls.annotation.Arg.Format.ACCESS_AT_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.ACCESS_MODE;
import static dev.jvisor.syscalls.annotation.Arg.Format.DIRFD;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;

import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** access(2), faccessat(2): EINVAL for mode and flags, then the path. */
@SyscallHandlers
final class AccessSyscalls {

    /** R_OK, W_OK and X_OK of unistd.h. */
    private static final int ACCESS_MODES = 7;

    private AccessSyscalls() {}

    @Syscall(number = 21, name = "access")
    static long access(Task task, @Arg(PATH) long path, @Arg(ACCESS_MODE) int mode)
            throws ErrnoException {
        return faccessat2(task, Fcntl.AT_FDCWD, path, mode, 0);
    }

    @Syscall(number = 269, name = "faccessat")
    static long faccessat(
            Task task, @Arg(DIRFD) int directory, @Arg(PATH) long path, @Arg(ACCESS_MODE) int mode)
            throws ErrnoException {
        return faccessat2(task, directory, path, mode, 0);
    }

    @Syscall(number = 439, name = "faccessat2")
    static long faccessat2(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(ACCESS_MODE) int mode,
            @Arg(ACCESS_AT_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(mode, ACCESS_MODES);
        UserArgs.checkFlags(
                flags, Fcntl.AT_EACCESS | Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH);
        String name = UserArgs.path(task, path, flags);
        Vfs.access(task, UserArgs.start(task, directory, name), name, mode, flags);
        return 0;
    }
}
