// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Resource;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/** Decodes arguments where they enter: what a handler passes on is checked and typed. */
public final class UserArgs {

    /** PATH_MAX of linux/limits.h without the NUL. */
    private static final int PATH_LENGTH_MAX = 4095;

    /** Addresses of user memory are below this (x86-64: TASK_SIZE_MAX with four-level paging). */
    public static final long TASK_SIZE = 0x7fff_ffff_f000L;

    /** Most bytes that one call transfers (Linux: MAX_RW_COUNT). */
    public static final int MAX_RW_COUNT = 0x7fff_f000;

    private UserArgs() {}

    /**
     * Copies a path, as a byte string in ISO-8859-1 (Linux: getname).
     *
     * @throws ErrnoException EFAULT, ENAMETOOLONG, ENOENT for an empty path
     */
    public static String path(Task task, long address) throws ErrnoException {
        return path(task, address, 0);
    }

    /** As {@link #path}, but with AT_EMPTY_PATH the path may be empty. */
    public static String path(Task task, long address, int flags) throws ErrnoException {
        String path = string(task, address, PATH_LENGTH_MAX);
        if (path.isEmpty() && (flags & Fcntl.AT_EMPTY_PATH) == 0) {
            throw Errno.ENOENT.exception();
        }
        return path;
    }

    /**
     * As {@link #path}, but with AT_EMPTY_PATH a null pointer is an empty path (since Linux 6.11).
     */
    public static String pathOrEmpty(Task task, long address, int flags) throws ErrnoException {
        return address == 0 && (flags & Fcntl.AT_EMPTY_PATH) != 0 ? "" : path(task, address, flags);
    }

    /** Copies a byte string of at most {@code maxLength} bytes; ENAMETOOLONG if it is longer. */
    public static String string(Task task, long address, int maxLength) throws ErrnoException {
        byte[] bytes = task.memory().copyInString(address, maxLength);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /**
     * Returns where a relative path starts: null for the working directory. The descriptor is not
     * looked at if the path is absolute.
     *
     * @throws ErrnoException EBADF; ENOTDIR if the descriptor is no directory and the path is not
     *     empty
     */
    public static @Nullable VfsPath start(Task task, int directory, String path)
            throws ErrnoException {
        if (directory == Fcntl.AT_FDCWD || (!path.isEmpty() && path.charAt(0) == '/')) {
            return null;
        }
        FileDescription file = task.files().acquire(directory);
        try {
            VfsPath place = file.path();
            if (place == null) {
                throw Errno.ENOTDIR.exception();
            }
            return place;
        } finally {
            file.release();
        }
    }

    /** EINVAL if a flag is set that is not allowed. */
    public static void checkFlags(long flags, long allowed) throws ErrnoException {
        if ((flags & ~allowed) != 0) {
            throw Errno.EINVAL.exception();
        }
    }

    /**
     * EFAULT if a range is not wholly in user space (Linux: access_ok). Mapped or not is not looked
     * at.
     */
    public static void checkRange(long address, long length) throws ErrnoException {
        if (address < 0 || length < 0 || address > TASK_SIZE - length) {
            throw Errno.EFAULT.exception();
        }
    }

    /** The soft limit on descriptor numbers. */
    public static long descriptorLimit(Task task) {
        return task.limit(Resource.RLIMIT_NOFILE);
    }

    /** Installs a new description at the lowest free number; on failure it is released. */
    public static int install(Task task, FileDescription file, boolean closeOnExec)
            throws ErrnoException {
        return install(task, file, 0, closeOnExec);
    }

    /** As above, at {@code minimum} or above. */
    public static int install(Task task, FileDescription file, int minimum, boolean closeOnExec)
            throws ErrnoException {
        boolean done = false;
        try {
            int fd = task.files().install(file, minimum, closeOnExec, descriptorLimit(task));
            done = true;
            return fd;
        } finally {
            if (!done) {
                file.release();
            }
        }
    }
}
