// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.misc;

import static dev.jvisor.platform.abi.Fcntl.AT_EMPTY_PATH;
import static dev.jvisor.platform.abi.Fcntl.AT_FDCWD;
import static dev.jvisor.platform.abi.Fcntl.AT_NO_AUTOMOUNT;
import static dev.jvisor.platform.abi.Fcntl.AT_RECURSIVE;
import static dev.jvisor.platform.abi.Fcntl.AT_SYMLINK_NOFOLLOW;
import static dev.jvisor.platform.abi.MountAttr.FSCONFIG_CMD_CREATE;
import static dev.jvisor.platform.abi.MountAttr.FSCONFIG_CMD_CREATE_EXCL;
import static dev.jvisor.platform.abi.MountAttr.FSCONFIG_CMD_RECONFIGURE;
import static dev.jvisor.platform.abi.MountAttr.FSCONFIG_SET_BINARY;
import static dev.jvisor.platform.abi.MountAttr.FSCONFIG_SET_FD;
import static dev.jvisor.platform.abi.MountAttr.FSCONFIG_SET_FLAG;
import static dev.jvisor.platform.abi.MountAttr.FSCONFIG_SET_PATH;
import static dev.jvisor.platform.abi.MountAttr.FSCONFIG_SET_PATH_EMPTY;
import static dev.jvisor.platform.abi.MountAttr.FSCONFIG_SET_STRING;
import static dev.jvisor.platform.abi.MountAttr.FSMOUNT_CLOEXEC;
import static dev.jvisor.platform.abi.MountAttr.FSOPEN_CLOEXEC;
import static dev.jvisor.platform.abi.MountAttr.FSPICK_CLOEXEC;
import static dev.jvisor.platform.abi.MountAttr.FSPICK_EMPTY_PATH;
import static dev.jvisor.platform.abi.MountAttr.FSPICK_NO_AUTOMOUNT;
import static dev.jvisor.platform.abi.MountAttr.FSPICK_SYMLINK_NOFOLLOW;
import static dev.jvisor.platform.abi.MountAttr.MOUNT_ATTR_NOATIME;
import static dev.jvisor.platform.abi.MountAttr.MOUNT_ATTR_NODEV;
import static dev.jvisor.platform.abi.MountAttr.MOUNT_ATTR_NODIRATIME;
import static dev.jvisor.platform.abi.MountAttr.MOUNT_ATTR_NOEXEC;
import static dev.jvisor.platform.abi.MountAttr.MOUNT_ATTR_NOSUID;
import static dev.jvisor.platform.abi.MountAttr.MOUNT_ATTR_NOSYMFOLLOW;
import static dev.jvisor.platform.abi.MountAttr.MOUNT_ATTR_RDONLY;
import static dev.jvisor.platform.abi.MountAttr.MOUNT_ATTR_RELATIME;
import static dev.jvisor.platform.abi.MountAttr.MOUNT_ATTR_SIZE_VER0;
import static dev.jvisor.platform.abi.MountAttr.MOUNT_ATTR_STRICTATIME;
import static dev.jvisor.platform.abi.MountAttr.MOUNT_ATTR__ATIME;
import static dev.jvisor.platform.abi.MountAttr.MOVE_MOUNT_F_AUTOMOUNTS;
import static dev.jvisor.platform.abi.MountAttr.MOVE_MOUNT_F_EMPTY_PATH;
import static dev.jvisor.platform.abi.MountAttr.MOVE_MOUNT_F_SYMLINKS;
import static dev.jvisor.platform.abi.MountAttr.MOVE_MOUNT_T_AUTOMOUNTS;
import static dev.jvisor.platform.abi.MountAttr.MOVE_MOUNT_T_EMPTY_PATH;
import static dev.jvisor.platform.abi.MountAttr.MOVE_MOUNT_T_SYMLINKS;
import static dev.jvisor.platform.abi.MountAttr.OPEN_TREE_CLOEXEC;
import static dev.jvisor.platform.abi.MountAttr.OPEN_TREE_CLONE;
import static dev.jvisor.syscalls.annotation.Arg.Format.DIRFD;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;
import static dev.jvisor.syscalls.annotation.Arg.Format.STRING;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.MountApi;
import dev.jvisor.fs.vfs.MountContextFile;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * fsopen(2), fsconfig(2), fsmount(2), fspick(2), open_tree(2), move_mount(2), mount_setattr(2).
 *
 * <p>Deviations: an option that a file system does not know is found when the instance is made, not
 * when it is given; no messages are to be read from the context.
 */
@SyscallHandlers
final class MountApiSyscalls {

    private static final int PAGE_SIZE = 4096;
    private static final int STRING_MAX = 255;
    private static final int BLOB_MAX = 1024 * 1024;

    private static final int ATTRIBUTES = MOUNT_ATTR_RDONLY
            | MOUNT_ATTR_NOSUID
            | MOUNT_ATTR_NODEV
            | MOUNT_ATTR_NOEXEC
            | MOUNT_ATTR__ATIME
            | MOUNT_ATTR_NODIRATIME
            | MOUNT_ATTR_NOSYMFOLLOW;

    private static final int PROPAGATION = MountFlags.MS_SHARED
            | MountFlags.MS_PRIVATE
            | MountFlags.MS_SLAVE
            | MountFlags.MS_UNBINDABLE;

    private MountApiSyscalls() {}

    /** EPERM, EINVAL, EFAULT, ENODEV. */
    @Syscall(number = 430, name = "fsopen")
    static long fsopen(Task task, @Arg(STRING) long name, @Arg(HEX) int flags)
            throws ErrnoException {
        MountApi.checkMayMount(task);
        UserArgs.checkFlags(flags, FSOPEN_CLOEXEC);
        FileDescription file = MountContextFile.open(task, string(task, name, PAGE_SIZE - 1));
        return UserArgs.install(task, file, (flags & FSOPEN_CLOEXEC) != 0);
    }

    /** Linux: strndup_user; EINVAL for a string that is too long. */
    private static String string(Task task, long address, int maxLength) throws ErrnoException {
        try {
            return UserArgs.string(task, address, maxLength);
        } catch (ErrnoException e) {
            throw e.errno == Errno.ENAMETOOLONG ? Errno.EINVAL.exception() : e;
        }
    }

    /** EINVAL, EOPNOTSUPP, EBADF, EFAULT, EBUSY in the wrong order, EPERM. */
    @Syscall(
            number = 431,
            name = "fsconfig",
            support = Support.PARTIAL,
            note = "options are checked when the instance is made")
    static long fsconfig(
            Task task,
            @Arg(FD) int fd,
            @Arg(INT) int command,
            @Arg(STRING) long key,
            @Arg(POINTER) long value,
            @Arg(INT) int aux)
            throws ErrnoException {
        if (fd < 0) {
            throw Errno.EINVAL.exception();
        }
        checkArguments(command, key != 0, value != 0, aux);
        FileDescription file = task.files().acquireForIo(fd);
        try {
            if (!(file instanceof MountContextFile context)) {
                throw Errno.EINVAL.exception();
            }
            switch (command) {
                case FSCONFIG_CMD_CREATE, FSCONFIG_CMD_CREATE_EXCL -> context.create(task);
                case FSCONFIG_CMD_RECONFIGURE -> context.reconfigure(task);
                case FSCONFIG_SET_FLAG -> context.set(string(task, key, STRING_MAX), null);
                case FSCONFIG_SET_STRING -> {
                    String name = string(task, key, STRING_MAX);
                    context.set(name, string(task, value, STRING_MAX));
                }
                // No file system takes options of these kinds.
                default -> throw Errno.EINVAL.exception();
            }
            return 0;
        } finally {
            file.release();
        }
    }

    private static void checkArguments(int command, boolean key, boolean value, int aux)
            throws ErrnoException {
        boolean valid = switch (command) {
            case FSCONFIG_SET_FLAG -> key && !value && aux == 0;
            case FSCONFIG_SET_STRING -> key && value && aux == 0;
            case FSCONFIG_SET_BINARY -> key && value && aux > 0 && aux <= BLOB_MAX;
            case FSCONFIG_SET_PATH, FSCONFIG_SET_PATH_EMPTY ->
                key && value && (aux == AT_FDCWD || aux >= 0);
            case FSCONFIG_SET_FD -> key && !value && aux >= 0;
            case FSCONFIG_CMD_CREATE, FSCONFIG_CMD_CREATE_EXCL, FSCONFIG_CMD_RECONFIGURE ->
                !key && !value && aux == 0;
            default -> throw Errno.EOPNOTSUPP.exception();
        };
        if (!valid) {
            throw Errno.EINVAL.exception();
        }
    }

    /** EPERM, EINVAL, EBADF, EBUSY. */
    @Syscall(number = 432, name = "fsmount")
    static long fsmount(Task task, @Arg(FD) int fd, @Arg(HEX) int flags, @Arg(HEX) int attributes)
            throws ErrnoException {
        MountApi.checkMayMount(task);
        UserArgs.checkFlags(flags, FSMOUNT_CLOEXEC);
        UserArgs.checkFlags(attributes, ATTRIBUTES);
        checkAtime(attributes);
        FileDescription file = task.files().acquireForIo(fd);
        try {
            if (!(file instanceof MountContextFile context)) {
                throw Errno.EINVAL.exception();
            }
            FileDescription tree = context.mount(task, MountApi.flagsOf(attributes));
            return UserArgs.install(task, tree, (flags & FSMOUNT_CLOEXEC) != 0);
        } finally {
            file.release();
        }
    }

    private static void checkAtime(int attributes) throws ErrnoException {
        int atime = attributes & MOUNT_ATTR__ATIME;
        if (atime != MOUNT_ATTR_RELATIME
                && atime != MOUNT_ATTR_NOATIME
                && atime != MOUNT_ATTR_STRICTATIME) {
            throw Errno.EINVAL.exception();
        }
    }

    /** EPERM, EINVAL; EINVAL for what is not the root of a mount. */
    @Syscall(number = 433, name = "fspick")
    static long fspick(
            Task task, @Arg(DIRFD) int directory, @Arg(PATH) long path, @Arg(HEX) int flags)
            throws ErrnoException {
        MountApi.checkMayMount(task);
        UserArgs.checkFlags(
                flags,
                FSPICK_CLOEXEC | FSPICK_SYMLINK_NOFOLLOW | FSPICK_NO_AUTOMOUNT | FSPICK_EMPTY_PATH);
        int how = ((flags & FSPICK_SYMLINK_NOFOLLOW) != 0 ? AT_SYMLINK_NOFOLLOW : 0)
                | ((flags & FSPICK_EMPTY_PATH) != 0 ? AT_EMPTY_PATH : 0);
        FileDescription file = MountContextFile.pick(task, place(task, directory, path, how));
        return UserArgs.install(task, file, (flags & FSPICK_CLOEXEC) != 0);
    }

    private static VfsPath place(Task task, int directory, long address, int flags)
            throws ErrnoException {
        String path = UserArgs.path(task, address, flags);
        return Vfs.resolve(task, UserArgs.start(task, directory, path), path, flags);
    }

    /** EINVAL, EPERM (for a copy), what the path says, EINVAL for what cannot be copied. */
    @Syscall(number = 428, name = "open_tree")
    static long openTree(
            Task task, @Arg(DIRFD) int directory, @Arg(PATH) long path, @Arg(HEX) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(
                flags,
                AT_EMPTY_PATH
                        | AT_NO_AUTOMOUNT
                        | AT_RECURSIVE
                        | AT_SYMLINK_NOFOLLOW
                        | OPEN_TREE_CLONE
                        | OPEN_TREE_CLOEXEC);
        boolean copies = (flags & OPEN_TREE_CLONE) != 0;
        boolean recursive = (flags & AT_RECURSIVE) != 0;
        if (recursive && !copies) {
            throw Errno.EINVAL.exception();
        }
        if (copies) {
            MountApi.checkMayMount(task);
        }
        VfsPath place = place(task, directory, path, flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
        FileDescription file =
                copies ? MountApi.openCopy(task, place, recursive) : MountApi.openPlace(place);
        return UserArgs.install(task, file, (flags & OPEN_TREE_CLOEXEC) != 0);
    }

    /** EPERM, EINVAL, what the paths say, EINVAL and ELOOP for what may not be moved there. */
    @Syscall(
            number = 429,
            name = "move_mount",
            support = Support.PARTIAL,
            note = "without MOVE_MOUNT_SET_GROUP and MOVE_MOUNT_BENEATH")
    static long moveMount(
            Task task,
            @Arg(DIRFD) int fromDirectory,
            @Arg(PATH) long fromPath,
            @Arg(DIRFD) int toDirectory,
            @Arg(PATH) long toPath,
            @Arg(HEX) int flags)
            throws ErrnoException {
        MountApi.checkMayMount(task);
        UserArgs.checkFlags(
                flags,
                MOVE_MOUNT_F_SYMLINKS
                        | MOVE_MOUNT_F_AUTOMOUNTS
                        | MOVE_MOUNT_F_EMPTY_PATH
                        | MOVE_MOUNT_T_SYMLINKS
                        | MOVE_MOUNT_T_AUTOMOUNTS
                        | MOVE_MOUNT_T_EMPTY_PATH);
        int fromHow = ((flags & MOVE_MOUNT_F_SYMLINKS) != 0 ? 0 : AT_SYMLINK_NOFOLLOW)
                | ((flags & MOVE_MOUNT_F_EMPTY_PATH) != 0 ? AT_EMPTY_PATH : 0);
        int toHow = ((flags & MOVE_MOUNT_T_SYMLINKS) != 0 ? 0 : AT_SYMLINK_NOFOLLOW)
                | ((flags & MOVE_MOUNT_T_EMPTY_PATH) != 0 ? AT_EMPTY_PATH : 0);
        VfsPath from = place(task, fromDirectory, fromPath, fromHow);
        MountApi.move(task, from, place(task, toDirectory, toPath, toHow));
        return 0;
    }

    /**
     * {@code struct mount_attr}: attr_set, attr_clr, propagation, userns_fd, eight bytes each.
     *
     * <p>EINVAL, E2BIG, EPERM, EFAULT; EINVAL for attributes; what the path says; EPERM for what a
     * user namespace above has locked.
     */
    @Syscall(
            number = 442,
            name = "mount_setattr",
            support = Support.PARTIAL,
            note = "no ids of another user namespace (MOUNT_ATTR_IDMAP)")
    static long mountSetattr(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(HEX) int flags,
            @Arg(POINTER) long attributes,
            @Arg(SIZE) long size)
            throws ErrnoException {
        UserArgs.checkFlags(
                flags, AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
        if (Long.compareUnsigned(size, PAGE_SIZE) > 0) {
            throw Errno.E2BIG.exception();
        }
        if (size < MOUNT_ATTR_SIZE_VER0) {
            throw Errno.EINVAL.exception();
        }
        MountApi.checkMayMount(task);
        byte[] raw = new byte[(int) size];
        task.memory().copyIn(attributes, raw, 0, raw.length);
        for (int i = MOUNT_ATTR_SIZE_VER0; i < raw.length; i++) {
            if (raw[i] != 0) {
                throw Errno.E2BIG.exception();
            }
        }
        long set = LittleEndian.getLong(raw, 0);
        long clear = LittleEndian.getLong(raw, 8);
        long propagation = LittleEndian.getLong(raw, 16);
        if ((set | clear | propagation) == 0) {
            return 0;
        }
        UserArgs.checkFlags(propagation, PROPAGATION);
        UserArgs.checkFlags(set | clear, ATTRIBUTES);
        boolean clearsAtime = (clear & MOUNT_ATTR__ATIME) != 0;
        if (Long.bitCount(propagation) > 1
                || clearsAtime && (clear & MOUNT_ATTR__ATIME) != MOUNT_ATTR__ATIME
                || !clearsAtime && (set & MOUNT_ATTR__ATIME) != 0) {
            throw Errno.EINVAL.exception();
        }
        checkAtime((int) set);
        VfsPath place = place(task, directory, path, flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
        boolean recursive = (flags & AT_RECURSIVE) != 0;
        MountApi.setAttributes(task, place, recursive, (int) clear, (int) set, (int) propagation);
        return 0;
    }
}
