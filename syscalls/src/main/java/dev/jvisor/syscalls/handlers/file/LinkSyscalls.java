// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.syscalls.annotation.Arg.Format.AT_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.BUFFER_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.DEVICE;
import static dev.jvisor.syscalls.annotation.Arg.Format.DIRFD;
import static dev.jvisor.syscalls.annotation.Arg.Format.OCTAL_MODE;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.RENAME_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.UNLINK_FLAGS;

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

import java.nio.charset.StandardCharsets;

/**
 * link(2), unlink(2), symlink(2), readlink(2), rename(2), mknod(2).
 *
 * <p>Errors, in this order: EINVAL for flags; EFAULT, ENAMETOOLONG, ENOENT for the paths as they
 * come; EBADF and ENOTDIR for directories; what the path walk and the file system say.
 */
@SyscallHandlers
final class LinkSyscalls {

    private static final int RENAME_FLAGS_VALID =
            Fcntl.RENAME_NOREPLACE | Fcntl.RENAME_EXCHANGE | Fcntl.RENAME_WHITEOUT;

    private LinkSyscalls() {}

    @Syscall(number = 86, name = "link")
    static long link(Task task, @Arg(PATH) long oldPath, @Arg(PATH) long newPath)
            throws ErrnoException {
        return linkat(task, Fcntl.AT_FDCWD, oldPath, Fcntl.AT_FDCWD, newPath, 0);
    }

    @Syscall(number = 265, name = "linkat")
    static long linkat(
            Task task,
            @Arg(DIRFD) int oldDirectory,
            @Arg(PATH) long oldPath,
            @Arg(DIRFD) int newDirectory,
            @Arg(PATH) long newPath,
            @Arg(AT_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, Fcntl.AT_SYMLINK_FOLLOW | Fcntl.AT_EMPTY_PATH);
        String from = UserArgs.path(task, oldPath, flags);
        VfsPath oldStart = UserArgs.start(task, oldDirectory, from);
        String to;
        VfsPath newStart;
        try {
            to = UserArgs.path(task, newPath);
            newStart = UserArgs.start(task, newDirectory, to);
        } catch (ErrnoException second) {
            // The old name is looked up first: what is wrong with it counts.
            boolean follow = (flags & Fcntl.AT_SYMLINK_FOLLOW) != 0;
            int how = flags & Fcntl.AT_EMPTY_PATH | (follow ? 0 : Fcntl.AT_SYMLINK_NOFOLLOW);
            Vfs.resolve(task, oldStart, from, how);
            throw second;
        }
        Vfs.link(task, oldStart, from, newStart, to, flags);
        return 0;
    }

    @Syscall(number = 87, name = "unlink")
    static long unlink(Task task, @Arg(PATH) long path) throws ErrnoException {
        Vfs.unlink(task, null, UserArgs.path(task, path), 0);
        return 0;
    }

    @Syscall(number = 263, name = "unlinkat")
    static long unlinkat(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(UNLINK_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, Fcntl.AT_REMOVEDIR);
        String name = UserArgs.path(task, path);
        Vfs.unlink(task, UserArgs.start(task, directory, name), name, flags);
        return 0;
    }

    @Syscall(number = 88, name = "symlink")
    static long symlink(Task task, @Arg(PATH) long target, @Arg(PATH) long path)
            throws ErrnoException {
        return symlinkat(task, target, Fcntl.AT_FDCWD, path);
    }

    @Syscall(number = 266, name = "symlinkat")
    static long symlinkat(
            Task task, @Arg(PATH) long target, @Arg(DIRFD) int directory, @Arg(PATH) long path)
            throws ErrnoException {
        String text = UserArgs.path(task, target);
        if (text.isEmpty()) {
            throw Errno.ENOENT.exception();
        }
        String name = UserArgs.path(task, path);
        Vfs.symlink(task, text, UserArgs.start(task, directory, name), name);
        return 0;
    }

    @Syscall(number = 89, name = "readlink")
    static long readlink(Task task, @Arg(PATH) long path, @Arg(BUFFER_OUT) long buffer, int size)
            throws ErrnoException {
        return readlinkat(task, Fcntl.AT_FDCWD, path, buffer, size);
    }

    /** The text is cut to the buffer without an error and without a NUL. */
    @Syscall(number = 267, name = "readlinkat")
    static long readlinkat(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(BUFFER_OUT) long buffer,
            int size)
            throws ErrnoException {
        if (size <= 0) {
            throw Errno.EINVAL.exception();
        }
        String name = UserArgs.path(task, path, Fcntl.AT_EMPTY_PATH);
        String text = Vfs.readlink(task, UserArgs.start(task, directory, name), name);
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int length = Math.min(bytes.length, size);
        task.memory().copyOut(buffer, bytes, 0, length);
        return length;
    }

    @Syscall(number = 82, name = "rename")
    static long rename(Task task, @Arg(PATH) long oldPath, @Arg(PATH) long newPath)
            throws ErrnoException {
        return renameat2(task, Fcntl.AT_FDCWD, oldPath, Fcntl.AT_FDCWD, newPath, 0);
    }

    @Syscall(number = 264, name = "renameat")
    static long renameat(
            Task task,
            @Arg(DIRFD) int oldDirectory,
            @Arg(PATH) long oldPath,
            @Arg(DIRFD) int newDirectory,
            @Arg(PATH) long newPath)
            throws ErrnoException {
        return renameat2(task, oldDirectory, oldPath, newDirectory, newPath, 0);
    }

    @Syscall(number = 316, name = "renameat2")
    static long renameat2(
            Task task,
            @Arg(DIRFD) int oldDirectory,
            @Arg(PATH) long oldPath,
            @Arg(DIRFD) int newDirectory,
            @Arg(PATH) long newPath,
            @Arg(RENAME_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, RENAME_FLAGS_VALID);
        if ((flags & Fcntl.RENAME_EXCHANGE) != 0 && flags != Fcntl.RENAME_EXCHANGE) {
            throw Errno.EINVAL.exception();
        }
        String from = UserArgs.path(task, oldPath);
        VfsPath oldStart = UserArgs.start(task, oldDirectory, from);
        String to;
        VfsPath newStart;
        try {
            to = UserArgs.path(task, newPath);
            newStart = UserArgs.start(task, newDirectory, to);
        } catch (ErrnoException second) {
            // The old name's directory is looked up first: what is wrong with it counts.
            Vfs.resolve(task, oldStart, directoryOf(from), 0);
            throw second;
        }
        Vfs.rename(task, oldStart, from, newStart, to, flags);
        return 0;
    }

    /** Returns the path without its last name, as one that must be a directory. */
    private static String directoryOf(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, path.lastIndexOf('/', end - 1) + 1) + ".";
    }

    @Syscall(number = 133, name = "mknod")
    static long mknod(
            Task task, @Arg(PATH) long path, @Arg(OCTAL_MODE) int mode, @Arg(DEVICE) int device)
            throws ErrnoException {
        return mknodat(task, Fcntl.AT_FDCWD, path, mode, device);
    }

    /** EPERM for a directory, EINVAL for an unknown type come before the path is looked at. */
    @Syscall(number = 259, name = "mknodat")
    static long mknodat(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(OCTAL_MODE) int mode,
            @Arg(DEVICE) int device)
            throws ErrnoException {
        int type = mode & StatMode.S_IFMT;
        switch (type) {
            case 0 -> type = StatMode.S_IFREG;
            case StatMode.S_IFREG,
                    StatMode.S_IFCHR,
                    StatMode.S_IFBLK,
                    StatMode.S_IFIFO,
                    StatMode.S_IFSOCK -> {}
            case StatMode.S_IFDIR -> throw Errno.EPERM.exception();
            default -> throw Errno.EINVAL.exception();
        }
        String name = UserArgs.path(task, path);
        Vfs.mknod(
                task,
                UserArgs.start(task, directory, name),
                name,
                type | mode & 07777,
                device & 0xffff_ffffL);
        return 0;
    }
}
