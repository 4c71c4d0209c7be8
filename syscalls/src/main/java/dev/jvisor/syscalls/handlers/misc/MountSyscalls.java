// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.misc;

import static dev.jvisor.syscalls.annotation.Arg.Format.MOUNT_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.STRING;
import static dev.jvisor.syscalls.annotation.Arg.Format.UMOUNT_FLAGS;

import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

import java.nio.charset.StandardCharsets;

/** mount(2), umount(2), pivot_root(2). */
@SyscallHandlers
final class MountSyscalls {

    private static final int PAGE_SIZE = 4096;

    private MountSyscalls() {}

    /** EFAULT and ENAMETOOLONG for the strings; then the path; EPERM without CAP_SYS_ADMIN. */
    @Syscall(
            number = 165,
            name = "mount",
            support = Support.PARTIAL,
            note = "no file systems on devices; access times are kept per file system")
    static long mount(
            Task task,
            @Arg(PATH) long source,
            @Arg(PATH) long target,
            @Arg(STRING) long type,
            @Arg(MOUNT_FLAGS) long flags,
            @Arg(STRING) long data)
            throws ErrnoException {
        String typeName = type == 0 ? "" : mountString(task, type);
        String sourceName = source == 0 ? "" : mountString(task, source);
        String options = data == 0 ? "" : options(task, data);
        Vfs.mount(task, sourceName, UserArgs.path(task, target), typeName, flags, options);
        return 0;
    }

    /** Linux: copy_mount_string; EINVAL where a path would be ENAMETOOLONG. */
    private static String mountString(Task task, long address) throws ErrnoException {
        try {
            return UserArgs.string(task, address, PAGE_SIZE - 1);
        } catch (ErrnoException e) {
            throw e.errno == Errno.ENAMETOOLONG ? Errno.EINVAL.exception() : e;
        }
    }

    /** Linux: copy_mount_options; a page at most, whatever follows the string is not looked at. */
    private static String options(Task task, long address) throws ErrnoException {
        byte[] page = new byte[PAGE_SIZE];
        int length = task.memory().copyInPartial(address, page, 0, PAGE_SIZE - 1);
        if (length == 0) {
            throw Errno.EFAULT.exception();
        }
        int end = 0;
        while (end < length && page[end] != 0) {
            end++;
        }
        return new String(page, 0, end, StandardCharsets.ISO_8859_1);
    }

    @Syscall(number = 166, name = "umount2")
    static long umount2(Task task, @Arg(PATH) long target, @Arg(UMOUNT_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(
                flags,
                MountFlags.MNT_FORCE
                        | MountFlags.MNT_DETACH
                        | MountFlags.MNT_EXPIRE
                        | MountFlags.UMOUNT_NOFOLLOW);
        Vfs.umount(task, UserArgs.path(task, target), flags);
        return 0;
    }

    @Syscall(number = 155, name = "pivot_root")
    static long pivotRoot(Task task, @Arg(PATH) long newRoot, @Arg(PATH) long putOld)
            throws ErrnoException {
        Vfs.pivotRoot(task, UserArgs.path(task, newRoot), UserArgs.path(task, putOld));
        return 0;
    }
}
