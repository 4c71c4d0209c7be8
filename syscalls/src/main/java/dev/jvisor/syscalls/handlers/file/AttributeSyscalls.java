// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.syscalls.annotation.Arg.Format.AT_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.DIRFD;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.OCTAL_MODE;
import static dev.jvisor.syscalls.annotation.Arg.Format.OFFSET;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.UID;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Fsnotify;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * chmod(2), chown(2), truncate(2).
 *
 * <p>Errors, in this order: EINVAL for flags and lengths; EFAULT, ENAMETOOLONG for the path; EBADF,
 * ENOTDIR for the directory; path walk; EROFS, EPERM.
 */
@SyscallHandlers
final class AttributeSyscalls {

    private static final int MODE_BITS = 07777;
    private static final int AT_VALID = Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH;

    private AttributeSyscalls() {}

    @Syscall(number = 90, name = "chmod")
    static long chmod(Task task, @Arg(PATH) long path, @Arg(OCTAL_MODE) int mode)
            throws ErrnoException {
        return fchmodat2(task, Fcntl.AT_FDCWD, path, mode, 0);
    }

    @Syscall(number = 91, name = "fchmod")
    static long fchmod(Task task, @Arg(FD) int fd, @Arg(OCTAL_MODE) int mode)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            Vfs.chmod(task, place(file), mode & MODE_BITS);
        } finally {
            file.release();
        }
        return 0;
    }

    @Syscall(number = 268, name = "fchmodat")
    static long fchmodat(
            Task task, @Arg(DIRFD) int directory, @Arg(PATH) long path, @Arg(OCTAL_MODE) int mode)
            throws ErrnoException {
        return fchmodat2(task, directory, path, mode, 0);
    }

    /** EOPNOTSUPP for a symbolic link itself. */
    @Syscall(number = 452, name = "fchmodat2")
    static long fchmodat2(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(OCTAL_MODE) int mode,
            @Arg(AT_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, AT_VALID);
        Vfs.chmod(task, resolve(task, directory, path, flags), mode & MODE_BITS);
        return 0;
    }

    @Syscall(number = 92, name = "chown")
    static long chown(Task task, @Arg(PATH) long path, @Arg(UID) int uid, @Arg(UID) int gid)
            throws ErrnoException {
        return fchownat(task, Fcntl.AT_FDCWD, path, uid, gid, 0);
    }

    @Syscall(number = 94, name = "lchown")
    static long lchown(Task task, @Arg(PATH) long path, @Arg(UID) int uid, @Arg(UID) int gid)
            throws ErrnoException {
        return fchownat(task, Fcntl.AT_FDCWD, path, uid, gid, Fcntl.AT_SYMLINK_NOFOLLOW);
    }

    @Syscall(number = 93, name = "fchown")
    static long fchown(Task task, @Arg(FD) int fd, @Arg(UID) int uid, @Arg(UID) int gid)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            chown(task, place(file), uid, gid);
        } finally {
            file.release();
        }
        return 0;
    }

    /** EINVAL for ids without a name in the caller's user namespace; -1 leaves one as it is. */
    private static void chown(Task task, VfsPath place, int uid, int gid) throws ErrnoException {
        UserNamespace users = task.credentials().userNamespace();
        int kernelUid = uid == -1 ? -1 : users.kernelUid(uid);
        int kernelGid = gid == -1 ? -1 : users.kernelGid(gid);
        if (uid != -1 && kernelUid == -1 || gid != -1 && kernelGid == -1) {
            throw Errno.EINVAL.exception();
        }
        Vfs.chown(task, place, kernelUid, kernelGid);
    }

    @Syscall(number = 260, name = "fchownat")
    static long fchownat(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(UID) int uid,
            @Arg(UID) int gid,
            @Arg(AT_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, AT_VALID);
        chown(task, resolve(task, directory, path, flags), uid, gid);
        return 0;
    }

    @Syscall(number = 76, name = "truncate")
    static long truncate(Task task, @Arg(PATH) long path, @Arg(OFFSET) long length)
            throws ErrnoException {
        if (length < 0) {
            throw Errno.EINVAL.exception();
        }
        Vfs.truncate(task, resolve(task, Fcntl.AT_FDCWD, path, 0), length);
        return 0;
    }

    /** EINVAL for a negative length; EBADF; EINVAL for what is no regular file open for writing. */
    @Syscall(number = 77, name = "ftruncate")
    static long ftruncate(Task task, @Arg(FD) int fd, @Arg(OFFSET) long length)
            throws ErrnoException {
        if (length < 0) {
            throw Errno.EINVAL.exception();
        }
        FileDescription file = task.files().acquireForIo(fd);
        try {
            boolean regular = (file.inode().mode() & StatMode.S_IFMT) == StatMode.S_IFREG;
            if (!regular || !file.isWritable()) {
                throw Errno.EINVAL.exception();
            }
            file.truncate(task, length);
            Fsnotify.truncated(file);
        } finally {
            file.release();
        }
        return 0;
    }

    private static VfsPath resolve(Task task, int directory, long path, int flags)
            throws ErrnoException {
        String name = UserArgs.path(task, path, flags);
        return Vfs.resolve(task, UserArgs.start(task, directory, name), name, flags);
    }

    /** Files without a name (pipes, sockets) do not keep attributes. */
    private static VfsPath place(FileDescription file) throws ErrnoException {
        VfsPath place = file.path();
        if (place == null) {
            throw Errno.EPERM.exception();
        }
        return place;
    }
}
