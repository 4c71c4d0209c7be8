// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.platform.abi.Fcntl.AT_FDCWD;
import static dev.jvisor.platform.abi.Fcntl.O_ACCMODE;
import static dev.jvisor.platform.abi.Fcntl.O_APPEND;
import static dev.jvisor.platform.abi.Fcntl.O_ASYNC;
import static dev.jvisor.platform.abi.Fcntl.O_CLOEXEC;
import static dev.jvisor.platform.abi.Fcntl.O_CREAT;
import static dev.jvisor.platform.abi.Fcntl.O_DIRECT;
import static dev.jvisor.platform.abi.Fcntl.O_DIRECTORY;
import static dev.jvisor.platform.abi.Fcntl.O_EXCL;
import static dev.jvisor.platform.abi.Fcntl.O_NOATIME;
import static dev.jvisor.platform.abi.Fcntl.O_NOCTTY;
import static dev.jvisor.platform.abi.Fcntl.O_NOFOLLOW;
import static dev.jvisor.platform.abi.Fcntl.O_NONBLOCK;
import static dev.jvisor.platform.abi.Fcntl.O_PATH;
import static dev.jvisor.platform.abi.Fcntl.O_SYNC;
import static dev.jvisor.platform.abi.Fcntl.O_TMPFILE;
import static dev.jvisor.platform.abi.Fcntl.O_TRUNC;
import static dev.jvisor.platform.abi.Fcntl.O_WRONLY;
import static dev.jvisor.syscalls.annotation.Arg.Format.DIRFD;
import static dev.jvisor.syscalls.annotation.Arg.Format.OCTAL_MODE;
import static dev.jvisor.syscalls.annotation.Arg.Format.OPEN_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.OPEN_HOW_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.OpenHowStruct;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * open(2), openat2(2).
 *
 * <p>Errors, in this order: EINVAL for the flags; EFAULT and ENAMETOOLONG for the path; EBADF and
 * ENOTDIR for the directory; EMFILE; what path walk and file say.
 *
 * <p>Deviation: EMFILE comes after EBADF and ENOTDIR for the directory, which Linux finds later.
 */
@SyscallHandlers
final class OpenSyscalls {

    private static final int O_LARGEFILE = 0100000;

    /** The bit of O_TMPFILE that is not O_DIRECTORY. */
    private static final int TMPFILE_BIT = O_TMPFILE & ~O_DIRECTORY;

    /** VALID_OPEN_FLAGS of linux/fcntl.h; open(2) ignores others. */
    private static final int VALID_FLAGS = O_ACCMODE
            | O_CREAT
            | O_EXCL
            | O_NOCTTY
            | O_TRUNC
            | O_APPEND
            | O_NONBLOCK
            | O_SYNC
            | O_ASYNC
            | O_DIRECT
            | O_LARGEFILE
            | O_DIRECTORY
            | O_NOFOLLOW
            | O_NOATIME
            | O_CLOEXEC
            | O_PATH
            | O_TMPFILE;

    /** What counts beside O_PATH. */
    private static final int PATH_FLAGS = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;

    private static final int MODE_BITS = 07777;

    /** VALID_RESOLVE_FLAGS of linux/fcntl.h. */
    private static final long VALID_RESOLVE = 0x3f;

    private static final int PAGE_SIZE = 4096;

    private OpenSyscalls() {}

    @Syscall(number = 2, name = "open")
    static long open(
            Task task, @Arg(PATH) long path, @Arg(OPEN_FLAGS) int flags, @Arg(OCTAL_MODE) int mode)
            throws ErrnoException {
        return openat(task, AT_FDCWD, path, flags, mode);
    }

    @Syscall(number = 85, name = "creat")
    static long creat(Task task, @Arg(PATH) long path, @Arg(OCTAL_MODE) int mode)
            throws ErrnoException {
        return openat(task, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
    }

    @Syscall(number = 257, name = "openat")
    static long openat(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(OPEN_FLAGS) int flags,
            @Arg(OCTAL_MODE) int mode)
            throws ErrnoException {
        int served = flags & VALID_FLAGS | O_LARGEFILE;
        if ((served & O_PATH) != 0) {
            served &= PATH_FLAGS;
        }
        boolean creates = (served & (O_CREAT | TMPFILE_BIT)) != 0;
        return open(task, directory, path, served, creates ? mode & MODE_BITS : 0, 0);
    }

    /**
     * Strict where open(2) is lenient: EINVAL for unknown flags, E2BIG for a longer, non-zero how.
     */
    @Syscall(number = 437, name = "openat2")
    static long openat2(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(OPEN_HOW_IN) long how,
            @Arg(SIZE) long size)
            throws ErrnoException {
        if (Long.compareUnsigned(size, OpenHowStruct.SIZE) < 0) {
            throw Errno.EINVAL.exception();
        }
        if (Long.compareUnsigned(size, PAGE_SIZE) > 0) {
            throw Errno.E2BIG.exception();
        }
        byte[] struct = new byte[(int) size];
        task.memory().copyIn(how, struct, 0, struct.length);
        for (int i = OpenHowStruct.SIZE; i < struct.length; i++) {
            if (struct[i] != 0) {
                throw Errno.E2BIG.exception();
            }
        }
        long flags = LittleEndian.getLong(struct, OpenHowStruct.FLAGS);
        long mode = LittleEndian.getLong(struct, OpenHowStruct.MODE);
        long resolve = LittleEndian.getLong(struct, OpenHowStruct.RESOLVE);
        UserArgs.checkFlags(flags, VALID_FLAGS);
        UserArgs.checkFlags(resolve, VALID_RESOLVE);
        boolean creates = (flags & (O_CREAT | TMPFILE_BIT)) != 0;
        UserArgs.checkFlags(mode, creates ? MODE_BITS : 0);
        if ((flags & O_PATH) != 0) {
            UserArgs.checkFlags(flags, PATH_FLAGS);
        }
        int large = (flags & O_PATH) != 0 ? 0 : O_LARGEFILE;
        return open(task, directory, path, (int) flags | large, (int) mode, resolve);
    }

    private static long open(
            Task task, int directory, long pathAddress, int flags, int mode, long resolve)
            throws ErrnoException {
        checkCombination(flags);
        String path = UserArgs.path(task, pathAddress);
        VfsPath start = UserArgs.start(task, directory, path);
        // The number comes first: without one, nothing is created or truncated.
        FdTable files = task.files();
        int fd = files.reserve(UserArgs.descriptorLimit(task));
        boolean done = false;
        try {
            FileDescription file = Vfs.open(task, start, path, flags & ~O_CLOEXEC, mode, resolve);
            files.fill(fd, file, (flags & O_CLOEXEC) != 0);
            done = true;
            return fd;
        } finally {
            if (!done) {
                files.unreserve(fd);
            }
        }
    }

    /** Linux: build_open_flags. */
    private static void checkCombination(int flags) throws ErrnoException {
        boolean writes = (flags & O_ACCMODE) != 0;
        if ((flags & (O_DIRECTORY | O_CREAT)) == (O_DIRECTORY | O_CREAT)) {
            throw Errno.EINVAL.exception();
        }
        if ((flags & TMPFILE_BIT) != 0 && ((flags & O_DIRECTORY) == 0 || !writes)) {
            throw Errno.EINVAL.exception();
        }
    }
}
