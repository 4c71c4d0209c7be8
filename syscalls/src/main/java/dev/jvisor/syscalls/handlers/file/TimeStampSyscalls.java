// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.syscalls.annotation.Arg.Format.AT_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.DIRFD;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.UTIMBUF_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.UTIMENS_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.UTIMES_IN;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.TimespecStruct;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

import org.jspecify.annotations.Nullable;

/**
 * utime(2), utimes(2), utimensat(2).
 *
 * <p>Errors, in this order: EFAULT and EINVAL for the times; EINVAL for flags; then the path as in
 * stat(2); EACCES, EPERM, EROFS.
 */
@SyscallHandlers
final class TimeStampSyscalls {

    private static final int UTIME_NOW = 0x3fffffff;
    private static final int UTIME_OMIT = 0x3ffffffe;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long MICROS_PER_SECOND = 1_000_000;

    private TimeStampSyscalls() {}

    @Syscall(number = 132, name = "utime")
    static long utime(Task task, @Arg(PATH) long path, @Arg(UTIMBUF_IN) long times)
            throws ErrnoException {
        long[] to = null;
        if (times != 0) {
            to = new long[] {task.memory().getLong(times), 0, task.memory().getLong(times + 8), 0};
        }
        return set(task, Fcntl.AT_FDCWD, path, to, 0);
    }

    @Syscall(number = 235, name = "utimes")
    static long utimes(Task task, @Arg(PATH) long path, @Arg(UTIMES_IN) long times)
            throws ErrnoException {
        return futimesat(task, Fcntl.AT_FDCWD, path, times);
    }

    @Syscall(number = 261, name = "futimesat")
    static long futimesat(
            Task task, @Arg(DIRFD) int directory, @Arg(PATH) long path, @Arg(UTIMES_IN) long times)
            throws ErrnoException {
        long[] to = null;
        if (times != 0) {
            to = copyIn(task, times);
            for (int i = 1; i < to.length; i += 2) {
                if (to[i] < 0 || to[i] >= MICROS_PER_SECOND) {
                    throw Errno.EINVAL.exception();
                }
                to[i] *= NANOS_PER_SECOND / MICROS_PER_SECOND;
            }
        }
        return set(task, directory, path, to, 0);
    }

    @Syscall(number = 280, name = "utimensat")
    static long utimensat(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(UTIMENS_IN) long times,
            @Arg(AT_FLAGS) int flags)
            throws ErrnoException {
        long[] to = null;
        if (times != 0) {
            to = copyIn(task, times);
            // Nothing to do is no reason to look at the path.
            if (to[1] == UTIME_OMIT && to[3] == UTIME_OMIT) {
                return 0;
            }
            if (to[1] == UTIME_NOW && to[3] == UTIME_NOW) {
                to = null;
            }
        }
        return set(task, directory, path, to, flags);
    }

    private static void checkNanos(long nanos) throws ErrnoException {
        boolean special = nanos == UTIME_NOW || nanos == UTIME_OMIT;
        if (!special && (nanos < 0 || nanos >= NANOS_PER_SECOND)) {
            throw Errno.EINVAL.exception();
        }
    }

    private static long[] copyIn(Task task, long times) throws ErrnoException {
        byte[] b = new byte[2 * TimespecStruct.SIZE];
        task.memory().copyIn(times, b, 0, b.length);
        long[] words = new long[4];
        for (int i = 0; i < words.length; i++) {
            words[i] = LittleEndian.getLong(b, 8 * i);
        }
        return words;
    }

    /** A null path means the descriptor itself. */
    private static long set(Task task, int directory, long path, long @Nullable [] times, int flags)
            throws ErrnoException {
        if (path == 0 && directory != Fcntl.AT_FDCWD) {
            UserArgs.checkFlags(flags, 0);
            FileDescription file = task.files().acquireForIo(directory);
            try {
                VfsPath place = file.path();
                if (place == null) {
                    throw Errno.EPERM.exception();
                }
                set(task, place, times);
            } finally {
                file.release();
            }
            return 0;
        }
        UserArgs.checkFlags(flags, Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH);
        String name = UserArgs.path(task, path, flags);
        VfsPath place = Vfs.resolve(task, UserArgs.start(task, directory, name), name, flags);
        set(task, place, times);
        return 0;
    }

    /** EINVAL for nanoseconds comes after what the path says. */
    private static void set(Task task, VfsPath place, long @Nullable [] times)
            throws ErrnoException {
        if (times != null) {
            checkNanos(times[1]);
            checkNanos(times[3]);
        }
        Vfs.setTimes(task, place, times);
    }
}
