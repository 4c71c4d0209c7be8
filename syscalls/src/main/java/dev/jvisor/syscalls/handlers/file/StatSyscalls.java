// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.platform.abi.Fcntl.AT_EMPTY_PATH;
import static dev.jvisor.platform.abi.Fcntl.AT_FDCWD;
import static dev.jvisor.platform.abi.Fcntl.AT_NO_AUTOMOUNT;
import static dev.jvisor.platform.abi.Fcntl.AT_STATX_SYNC_TYPE;
import static dev.jvisor.platform.abi.Fcntl.AT_SYMLINK_NOFOLLOW;
import static dev.jvisor.syscalls.annotation.Arg.Format.AT_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.DIRFD;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.STATFS_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.STATX_MASK;
import static dev.jvisor.syscalls.annotation.Arg.Format.STATX_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.STAT_OUT;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.FilesystemStatus;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * stat(2), statx(2), statfs(2).
 *
 * <p>Errors, in this order: EINVAL for flags; EFAULT, ENAMETOOLONG for the path; EBADF, ENOTDIR for
 * the directory; path walk; EFAULT for the result.
 */
@SyscallHandlers
final class StatSyscalls {

    private static final int AT_VALID =
            AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;

    private StatSyscalls() {}

    @Syscall(number = 4, name = "stat")
    static long stat(Task task, @Arg(PATH) long path, @Arg(STAT_OUT) long result)
            throws ErrnoException {
        return newfstatat(task, AT_FDCWD, path, result, 0);
    }

    @Syscall(number = 6, name = "lstat")
    static long lstat(Task task, @Arg(PATH) long path, @Arg(STAT_OUT) long result)
            throws ErrnoException {
        return newfstatat(task, AT_FDCWD, path, result, AT_SYMLINK_NOFOLLOW);
    }

    @Syscall(number = 5, name = "fstat")
    static long fstat(Task task, @Arg(FD) int fd, @Arg(STAT_OUT) long result)
            throws ErrnoException {
        copyOut(task, result, StatusEncoder.stat(shown(task, status(task, fd))));
        return 0;
    }

    @Syscall(number = 262, name = "newfstatat")
    static long newfstatat(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(STAT_OUT) long result,
            @Arg(AT_FLAGS) int flags)
            throws ErrnoException {
        FileStatus status = status(task, directory, path, flags);
        copyOut(task, result, StatusEncoder.stat(shown(task, status)));
        return 0;
    }

    @Syscall(number = 332, name = "statx")
    static long statx(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(AT_FLAGS) int flags,
            @Arg(STATX_MASK) int mask,
            @Arg(STATX_OUT) long result)
            throws ErrnoException {
        if ((mask & StatMode.STATX__RESERVED) != 0
                || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE) {
            throw Errno.EINVAL.exception();
        }
        FileStatus status = status(task, directory, path, flags);
        copyOut(task, result, StatusEncoder.statx(shown(task, status)));
        return 0;
    }

    @Syscall(number = 137, name = "statfs")
    static long statfs(Task task, @Arg(PATH) long path, @Arg(STATFS_OUT) long result)
            throws ErrnoException {
        VfsPath place = Vfs.resolve(task, null, UserArgs.path(task, path), 0);
        FilesystemStatus status = new FilesystemStatus();
        Vfs.statfs(task, place, status);
        copyOut(task, result, StatusEncoder.statfs(status));
        return 0;
    }

    @Syscall(number = 138, name = "fstatfs")
    static long fstatfs(Task task, @Arg(FD) int fd, @Arg(STATFS_OUT) long result)
            throws ErrnoException {
        FilesystemStatus status = new FilesystemStatus();
        FileDescription file = task.files().acquire(fd);
        try {
            VfsPath place = file.path();
            if (place != null) {
                Vfs.statfs(task, place, status);
            } else {
                file.inode().filesystem().status(task, status);
            }
        } finally {
            file.release();
        }
        copyOut(task, result, StatusEncoder.statfs(status));
        return 0;
    }

    private static FileStatus status(Task task, int directory, long address, int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, AT_VALID);
        String path = UserArgs.pathOrEmpty(task, address, flags);
        if (path.isEmpty() && (flags & AT_EMPTY_PATH) != 0 && directory != AT_FDCWD) {
            return status(task, directory);
        }
        VfsPath place = Vfs.resolve(task, UserArgs.start(task, directory, path), path, flags);
        FileStatus status = new FileStatus();
        Vfs.stat(task, place, status);
        return status;
    }

    private static FileStatus status(Task task, int fd) throws ErrnoException {
        FileStatus status = new FileStatus();
        FileDescription file = task.files().acquire(fd);
        try {
            file.inode().getAttributes(task, status);
            VfsPath place = file.path();
            status.mountId = place == null ? 0 : place.mount().id();
        } finally {
            file.release();
        }
        return status;
    }

    /** Ids as the caller's user namespace has them. */
    private static FileStatus shown(Task task, FileStatus status) {
        UserNamespace users = task.credentials().userNamespace();
        status.uid = users.shownUid(status.uid);
        status.gid = users.shownGid(status.gid);
        return status;
    }

    private static void copyOut(Task task, long address, byte[] struct) throws ErrnoException {
        task.memory().copyOut(address, struct, 0, struct.length);
    }
}
