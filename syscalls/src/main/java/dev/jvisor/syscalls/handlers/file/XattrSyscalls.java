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
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Xattr;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * setxattr(2), getxattr(2), listxattr(2), removexattr(2).
 *
 * <p>Errors, in this order: EINVAL for flags; ERANGE, EFAULT for the name; E2BIG, EFAULT for the
 * value; the path or descriptor; EROFS; EPERM, ENODATA, EACCES as the name's prefix has it; ERANGE
 * for the buffer.
 */
@SyscallHandlers
final class XattrSyscalls {

    /** XATTR_NAME_MAX, XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h. */
    private static final int NAME_MAX = 255;

    private static final int SIZE_MAX = 65536;
    private static final int LIST_MAX = 65536;

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
        Vfs.setXattr(task, resolve(task, path, at), attribute, bytes, flags);
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
            Vfs.setXattr(task, place(file), attribute, bytes, flags);
        } finally {
            file.release();
        }
        return 0;
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
        return get(task, resolve(task, path, 0), attribute, value, size);
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
        VfsPath place = resolve(task, path, Fcntl.AT_SYMLINK_NOFOLLOW);
        return get(task, place, attribute, value, size);
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
            return get(task, place(file), attribute, value, size);
        } finally {
            file.release();
        }
    }

    private static long get(Task task, VfsPath place, String name, long address, long size)
            throws ErrnoException {
        byte[] value = Vfs.getXattr(task, place, name);
        return store(task, address, size, value, value.length);
    }

    @Syscall(number = 194, name = "listxattr")
    static long listxattr(
            Task task, @Arg(PATH) long path, @Arg(BUFFER_OUT) long list, @Arg(SIZE) long size)
            throws ErrnoException {
        return list(task, resolve(task, path, 0), list, size);
    }

    @Syscall(number = 195, name = "llistxattr")
    static long llistxattr(
            Task task, @Arg(PATH) long path, @Arg(BUFFER_OUT) long list, @Arg(SIZE) long size)
            throws ErrnoException {
        VfsPath place = resolve(task, path, Fcntl.AT_SYMLINK_NOFOLLOW);
        return list(task, place, list, size);
    }

    @Syscall(number = 196, name = "flistxattr")
    static long flistxattr(
            Task task, @Arg(FD) int fd, @Arg(BUFFER_OUT) long list, @Arg(SIZE) long size)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            return list(task, place(file), list, size);
        } finally {
            file.release();
        }
    }

    private static long list(Task task, VfsPath place, long address, long size)
            throws ErrnoException {
        byte[] list = new byte[LIST_MAX];
        int length = 0;
        for (String name : Vfs.listXattr(task, place)) {
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
        Vfs.removeXattr(task, resolve(task, path, 0), attribute);
        return 0;
    }

    @Syscall(number = 198, name = "lremovexattr")
    static long lremovexattr(Task task, @Arg(PATH) long path, @Arg(STRING) long name)
            throws ErrnoException {
        String attribute = name(task, name);
        Vfs.removeXattr(task, resolve(task, path, Fcntl.AT_SYMLINK_NOFOLLOW), attribute);
        return 0;
    }

    @Syscall(number = 199, name = "fremovexattr")
    static long fremovexattr(Task task, @Arg(FD) int fd, @Arg(STRING) long name)
            throws ErrnoException {
        String attribute = name(task, name);
        FileDescription file = task.files().acquireForIo(fd);
        try {
            Vfs.removeXattr(task, place(file), attribute);
        } finally {
            file.release();
        }
        return 0;
    }

    private static VfsPath resolve(Task task, long path, int flags) throws ErrnoException {
        return Vfs.resolve(task, null, UserArgs.path(task, path, flags), flags);
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

    /** Files without a place (none so far) have no attributes. */
    private static VfsPath place(FileDescription file) throws ErrnoException {
        VfsPath place = file.path();
        if (place == null) {
            throw Errno.EOPNOTSUPP.exception();
        }
        return place;
    }
}
