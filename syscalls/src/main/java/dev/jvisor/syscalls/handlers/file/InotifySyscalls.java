// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.platform.abi.Eventfd.IN_ALL_EVENTS;
import static dev.jvisor.platform.abi.Eventfd.IN_CLOEXEC;
import static dev.jvisor.platform.abi.Eventfd.IN_DONT_FOLLOW;
import static dev.jvisor.platform.abi.Eventfd.IN_EXCL_UNLINK;
import static dev.jvisor.platform.abi.Eventfd.IN_IGNORED;
import static dev.jvisor.platform.abi.Eventfd.IN_ISDIR;
import static dev.jvisor.platform.abi.Eventfd.IN_MASK_ADD;
import static dev.jvisor.platform.abi.Eventfd.IN_MASK_CREATE;
import static dev.jvisor.platform.abi.Eventfd.IN_NONBLOCK;
import static dev.jvisor.platform.abi.Eventfd.IN_ONESHOT;
import static dev.jvisor.platform.abi.Eventfd.IN_ONLYDIR;
import static dev.jvisor.platform.abi.Eventfd.IN_Q_OVERFLOW;
import static dev.jvisor.platform.abi.Eventfd.IN_UNMOUNT;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.INOTIFY_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.INOTIFY_MASK;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;

import dev.jvisor.fs.inotify.InotifyFile;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** inotify_init(2), inotify_add_watch(2), inotify_rm_watch(2). */
@SyscallHandlers
final class InotifySyscalls {

    /** Linux: ALL_INOTIFY_BITS. */
    private static final int ALL_BITS = IN_ALL_EVENTS
            | IN_UNMOUNT
            | IN_Q_OVERFLOW
            | IN_IGNORED
            | IN_ONLYDIR
            | IN_DONT_FOLLOW
            | IN_EXCL_UNLINK
            | IN_MASK_CREATE
            | IN_MASK_ADD
            | IN_ISDIR
            | IN_ONESHOT;

    private static final int MAY_READ = 4;

    private InotifySyscalls() {}

    @Syscall(number = 253, name = "inotify_init")
    static long inotifyInit(Task task) throws ErrnoException {
        return inotifyInit1(task, 0);
    }

    /** Errors: EINVAL for flags; EMFILE for the user's instances, then for the descriptor. */
    @Syscall(number = 294, name = "inotify_init1")
    static long inotifyInit1(Task task, @Arg(INOTIFY_FLAGS) int flags) throws ErrnoException {
        UserArgs.checkFlags(flags, IN_CLOEXEC | IN_NONBLOCK);
        int uid = task.credentials().euid();
        InotifyFile file =
                InotifyFile.create(task.kernel().inotifyLimits(), uid, (flags & IN_NONBLOCK) != 0);
        return UserArgs.install(task, file, (flags & IN_CLOEXEC) != 0);
    }

    /**
     * Errors: EINVAL for the mask; EBADF; EINVAL for flags that exclude each other and for another
     * kind of descriptor; EFAULT, ENOENT, ENOTDIR (IN_ONLYDIR), EACCES and their like for the path;
     * EEXIST (IN_MASK_CREATE); ENOSPC.
     */
    @Syscall(
            number = 254,
            name = "inotify_add_watch",
            support = Support.PARTIAL,
            note = "changes that the host makes are not seen")
    static long inotifyAddWatch(
            Task task, @Arg(FD) int fd, @Arg(PATH) long path, @Arg(INOTIFY_MASK) int mask)
            throws ErrnoException {
        if ((mask & ~ALL_BITS) != 0 || mask == 0) {
            throw Errno.EINVAL.exception();
        }
        FileDescription file = task.files().acquireForIo(fd);
        try {
            int exclusive = IN_MASK_ADD | IN_MASK_CREATE;
            if ((mask & exclusive) == exclusive) {
                throw Errno.EINVAL.exception();
            }
            InotifyFile inotify = instance(file);
            String name = UserArgs.path(task, path);
            int flags = (mask & IN_DONT_FOLLOW) != 0 ? Fcntl.AT_SYMLINK_NOFOLLOW : 0;
            VfsPath place = Vfs.resolve(task, null, name, flags);
            if ((mask & IN_ONLYDIR) != 0 && !place.dentry().inode().isDirectory()) {
                throw Errno.ENOTDIR.exception();
            }
            Vfs.checkPermission(task, place.dentry().inode(), MAY_READ);
            return inotify.addWatch(place, mask);
        } finally {
            file.release();
        }
    }

    /** Errors: EBADF; EINVAL for another kind of descriptor and for what is no watch. */
    @Syscall(number = 255, name = "inotify_rm_watch")
    static long inotifyRmWatch(Task task, @Arg(FD) int fd, int watch) throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            instance(file).removeWatch(watch);
            return 0;
        } finally {
            file.release();
        }
    }

    private static InotifyFile instance(FileDescription file) throws ErrnoException {
        if (file instanceof InotifyFile inotify) {
            return inotify;
        }
        throw Errno.EINVAL.exception();
    }
}
