// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.syscalls.annotation.Arg.Format.BUFFER_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.BUFFER_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;
import static dev.jvisor.syscalls.annotation.Arg.Format.STRING;
import static dev.jvisor.syscalls.annotation.Arg.Format.XATTR_FLAGS;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.abi.Xattr;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;
import org.jspecify.annotations.Nullable;

/**
 * setxattr(2), getxattr(2), listxattr(2), removexattr(2).
 *
 * <p>Errors, in this order: EINVAL for flags; ERANGE, EFAULT for the name; E2BIG, EFAULT for the value; the
 * path or descriptor; EROFS; EPERM, ENODATA, EACCES as the name's prefix has it; ERANGE for the buffer.
 */
@SyscallHandlers
final class XattrSyscalls {

    /** XATTR_NAME_MAX, XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h. */
    private static final int NAME_MAX = 255;

    private static final int SIZE_MAX = 65536;
    private static final int LIST_MAX = 65536;

    private static final int MAY_WRITE = 2;
    private static final int MAY_READ = 4;

    private XattrSyscalls() {}

    @Syscall(number = 188, name = "setxattr")
    static long setxattr(
            Task task,
            @Arg(PATH) long path,
            @Arg(STRING) long name,
            @Arg(BUFFER_IN) long value,
            @Arg(SIZE) long size,
            @Arg(XATTR_FLAGS) int flags)
            throws ErrnoException {
        return set(task, path, 0, name, value, size, flags);
    }

    @Syscall(number = 189, name = "lsetxattr")
    static long lsetxattr(
            Task task,
            @Arg(PATH) long path,
            @Arg(STRING) long name,
            @Arg(BUFFER_IN) long value,
            @Arg(SIZE) long size,
            @Arg(XATTR_FLAGS) int flags)
            throws ErrnoException {
        return set(task, path, Fcntl.AT_SYMLINK_NOFOLLOW, name, value, size, flags);
    }

    private static long set(
            Task task, long path, int at, long name, long value, long size, int flags)
            throws ErrnoException {
        String attribute = checkedName(task, name, flags);
        byte[] bytes = value(task, value, size);
        VfsPath place = resolve(task, path, at);
        set(task, place, place.dentry().inode(), attribute, bytes, flags);
        return 0;
    }

    @Syscall(number = 190, name = "fsetxattr")
    static long fsetxattr(
            Task task,
            @Arg(FD) int fd,
            @Arg(STRING) long name,
            @Arg(BUFFER_IN) long value,
            @Arg(SIZE) long size,
            @Arg(XATTR_FLAGS) int flags)
            throws ErrnoException {
        String attribute = checkedName(task, name, flags);
        byte[] bytes = value(task, value, size);
        FileDescription file = task.files().acquireForIo(fd);
        try {
            set(task, file.path(), file.inode(), attribute, bytes, flags);
        } finally {
            file.release();
        }
        return 0;
    }

    private static void set(
            Task task, @Nullable VfsPath place, Inode inode, String name, byte[] value, int flags)
            throws ErrnoException {
        checkWritable(place);
        checkPermission(task, inode, name, MAY_WRITE);
        inode.setXattr(task, name, value, flags);
    }

    @Syscall(number = 191, name = "getxattr")
    static long getxattr(
            Task task,
            @Arg(PATH) long path,
            @Arg(STRING) long name,
            @Arg(BUFFER_OUT) long value,
            @Arg(SIZE) long size)
            throws ErrnoException {
        String attribute = name(task, name);
        Inode inode = resolve(task, path, 0).dentry().inode();
        return get(task, inode, attribute, value, size);
    }

    @Syscall(number = 192, name = "lgetxattr")
    static long lgetxattr(
            Task task,
            @Arg(PATH) long path,
            @Arg(STRING) long name,
            @Arg(BUFFER_OUT) long value,
            @Arg(SIZE) long size)
            throws ErrnoException {
        String attribute = name(task, name);
        Inode inode = resolve(task, path, Fcntl.AT_SYMLINK_NOFOLLOW).dentry().inode();
        return get(task, inode, attribute, value, size);
    }

    @Syscall(number = 193, name = "fgetxattr")
    static long fgetxattr(
            Task task,
            @Arg(FD) int fd,
            @Arg(STRING) long name,
            @Arg(BUFFER_OUT) long value,
            @Arg(SIZE) long size)
            throws ErrnoException {
        String attribute = name(task, name);
        FileDescription file = task.files().acquireForIo(fd);
        try {
            return get(task, file.inode(), attribute, value, size);
        } finally {
            file.release();
        }
    }

    private static long get(Task task, Inode inode, String name, long address, long size)
            throws ErrnoException {
        checkPermission(task, inode, name, MAY_READ);
        byte[] value = inode.getXattr(task, name);
        if (value == null) {
            throw Errno.ENODATA.exception();
        }
        return store(task, address, size, value, value.length);
    }

    @Syscall(number = 194, name = "listxattr")
    static long listxattr(
            Task task, @Arg(PATH) long path, @Arg(BUFFER_OUT) long list, @Arg(SIZE) long size)
            throws ErrnoException {
        return list(task, resolve(task, path, 0).dentry().inode(), list, size);
    }

    @Syscall(number = 195, name = "llistxattr")
    static long llistxattr(
            Task task, @Arg(PATH) long path, @Arg(BUFFER_OUT) long list, @Arg(SIZE) long size)
            throws ErrnoException {
        VfsPath place = resolve(task, path, Fcntl.AT_SYMLINK_NOFOLLOW);
        return list(task, place.dentry().inode(), list, size);
    }

    @Syscall(number = 196, name = "flistxattr")
    static long flistxattr(
            Task task, @Arg(FD) int fd, @Arg(BUFFER_OUT) long list, @Arg(SIZE) long size)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            return list(task, file.inode(), list, size);
        } finally {
            file.release();
        }
    }

    private static long list(Task task, Inode inode, long address, long size)
            throws ErrnoException {
        boolean seesTrusted = task.credentials().has(Capabilities.CAP_SYS_ADMIN);
        byte[] list = new byte[LIST_MAX];
        int length = 0;
        for (String name : inode.listXattr(task)) {
            if (name.startsWith("trusted.") && !seesTrusted) {
                continue;
            }
            if (length + name.length() + 1 > list.length) {
                throw Errno.E2BIG.exception();
            }
            for (int i = 0; i < name.length(); i++) {
                list[length++] = (byte) name.charAt(i);
            }
            list[length++] = 0;
        }
        return store(task, address, size, list, length);
    }

    @Syscall(number = 197, name = "removexattr")
    static long removexattr(Task task, @Arg(PATH) long path, @Arg(STRING) long name)
            throws ErrnoException {
        String attribute = name(task, name);
        VfsPath place = resolve(task, path, 0);
        remove(task, place, place.dentry().inode(), attribute);
        return 0;
    }

    @Syscall(number = 198, name = "lremovexattr")
    static long lremovexattr(Task task, @Arg(PATH) long path, @Arg(STRING) long name)
            throws ErrnoException {
        String attribute = name(task, name);
        VfsPath place = resolve(task, path, Fcntl.AT_SYMLINK_NOFOLLOW);
        remove(task, place, place.dentry().inode(), attribute);
        return 0;
    }

    @Syscall(number = 199, name = "fremovexattr")
    static long fremovexattr(Task task, @Arg(FD) int fd, @Arg(STRING) long name)
            throws ErrnoException {
        String attribute = name(task, name);
        FileDescription file = task.files().acquireForIo(fd);
        try {
            remove(task, file.path(), file.inode(), attribute);
        } finally {
            file.release();
        }
        return 0;
    }

    private static void remove(Task task, @Nullable VfsPath place, Inode inode, String name)
            throws ErrnoException {
        checkWritable(place);
        checkPermission(task, inode, name, MAY_WRITE);
        inode.removeXattr(task, name);
    }

    private static VfsPath resolve(Task task, long path, int flags) throws ErrnoException {
        return Vfs.resolve(task, null, UserArgs.path(task, path), flags);
    }

    private static String checkedName(Task task, long address, int flags) throws ErrnoException {
        UserArgs.checkFlags(flags, Xattr.XATTR_CREATE | Xattr.XATTR_REPLACE);
        return name(task, address);
    }

    private static String name(Task task, long address) throws ErrnoException {
        String name;
        try {
            name = UserArgs.string(task, address, NAME_MAX);
        } catch (ErrnoException e) {
            throw e.errno == Errno.ENAMETOOLONG ? Errno.ERANGE.exception() : e;
        }
        if (name.isEmpty()) {
            throw Errno.ERANGE.exception();
        }
        return name;
    }

    private static byte[] value(Task task, long address, long size) throws ErrnoException {
        if (Long.compareUnsigned(size, SIZE_MAX) > 0) {
            throw Errno.E2BIG.exception();
        }
        byte[] value = new byte[(int) size];
        task.memory().copyIn(address, value, 0, value.length);
        return value;
    }

    /** Size 0 asks for the length only. */
    private static long store(Task task, long address, long size, byte[] bytes, int length)
            throws ErrnoException {
        if (size == 0) {
            return length;
        }
        if (Long.compareUnsigned(size, length) < 0) {
            throw Errno.ERANGE.exception();
        }
        task.memory().copyOut(address, bytes, 0, length);
        return length;
    }

    private static void checkWritable(@Nullable VfsPath place) throws ErrnoException {
        if (place != null && (place.mount().flags() & MountFlags.MS_RDONLY) != 0) {
            throw Errno.EROFS.exception();
        }
    }

    /** Linux: xattr_permission. */
    private static void checkPermission(Task task, Inode inode, String name, int mask)
            throws ErrnoException {
        if (name.startsWith("security.") || name.startsWith("system.")) {
            return;
        }
        Errno denied = mask == MAY_WRITE ? Errno.EPERM : Errno.ENODATA;
        if (name.startsWith("trusted.")) {
            if (!task.credentials().has(Capabilities.CAP_SYS_ADMIN)) {
                throw denied.exception();
            }
            return;
        }
        if (!name.startsWith("user.")) {
            throw Errno.EOPNOTSUPP.exception();
        }
        int mode = inode.mode();
        int type = mode & StatMode.S_IFMT;
        if (type != StatMode.S_IFREG && type != StatMode.S_IFDIR) {
            throw denied.exception();
        }
        boolean sticky = type == StatMode.S_IFDIR && (mode & StatMode.S_ISVTX) != 0;
        if (sticky
                && mask == MAY_WRITE
                && inode.uid() != task.credentials().fsuid()
                && !task.credentials().has(Capabilities.CAP_FOWNER)) {
            throw Errno.EPERM.exception();
        }
        Vfs.checkPermission(task, inode, mask);
    }
}
