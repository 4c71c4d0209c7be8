// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.AT_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.DIRFD;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.STRING_ARRAY;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TaskExec;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

import java.util.ArrayList;
import java.util.List;

/**
 * execve(2), execveat(2).
 *
 * <p>Semantics: the program replaces the process's memory and handlers; other threads end;
 * close-on-exec descriptors close; set-id bits apply.
 *
 * <p>Errors: EFAULT, ENAMETOOLONG (path); EINVAL (execveat flags); ENOENT, ENOTDIR, ELOOP, EACCES,
 * ETXTBSY (file); E2BIG, EFAULT (strings); ENOEXEC, ELIBBAD, EIO, ENOMEM (program).
 *
 * <p>Deviations: file capabilities are ignored. A null argv is an empty one, as in Linux.
 */
@SyscallHandlers
final class ExecSyscalls {

    /** Linux: {@code MAX_ARG_STRLEN}; longest string with its NUL, in bytes. */
    private static final int STRING_SIZE_MAX = 32 * 4096;

    /** Linux: {@code _STK_LIM / 4 * 3}; bound of a quarter of the stack limit, in bytes. */
    private static final long TOTAL_SIZE_MAX = (8L << 20) / 4 * 3;

    /** Linux: {@code ARG_MAX}; always allowed, in bytes. */
    private static final long TOTAL_SIZE_MIN = 131072;

    private static final byte[][] NONE = {};

    private ExecSyscalls() {}

    @Syscall(
            number = 59,
            name = "execve",
            support = Support.PARTIAL,
            note = "file capabilities are ignored")
    static long execve(
            Task task,
            @Arg(PATH) long path,
            @Arg(STRING_ARRAY) long arguments,
            @Arg(STRING_ARRAY) long environment)
            throws ErrnoException {
        String name = UserArgs.path(task, path);
        return execute(task, null, name, name, false, 0, arguments, environment);
    }

    @Syscall(
            number = 322,
            name = "execveat",
            support = Support.PARTIAL,
            note = "file capabilities are ignored")
    static long execveat(
            Task task,
            @Arg(DIRFD) int directory,
            @Arg(PATH) long path,
            @Arg(STRING_ARRAY) long arguments,
            @Arg(STRING_ARRAY) long environment,
            @Arg(AT_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, Fcntl.AT_EMPTY_PATH | Fcntl.AT_SYMLINK_NOFOLLOW);
        String name = UserArgs.path(task, path, flags);
        VfsPath start = UserArgs.start(task, directory, name);
        String shown = name;
        if (directory != Fcntl.AT_FDCWD && !name.startsWith("/")) {
            shown = name.isEmpty() ? "/dev/fd/" + directory : "/dev/fd/" + directory + "/" + name;
        }
        boolean lost = !shown.equals(name) && task.files().isCloseOnExec(directory);
        return execute(task, start, name, shown, lost, flags, arguments, environment);
    }

    /**
     * Executes a file.
     *
     * @param shown what the new program sees as its path (AT_EXECFN)
     * @param lost whether that path goes with a descriptor that is closed
     */
    private static long execute(
            Task task,
            @org.jspecify.annotations.Nullable VfsPath start,
            String name,
            String shown,
            boolean lost,
            int flags,
            long arguments,
            long environment)
            throws ErrnoException {
        FileDescription file = Vfs.openForExec(task, start, name, flags);
        try {
            long[] left = {sizeLimit(task)};
            byte[][] argv = copyStrings(task, arguments, left);
            byte[][] envp = copyStrings(task, environment, left);
            if (argv.length == 0) {
                argv = new byte[][] {new byte[0]}; // since Linux 5.18 there is always an argv[0]
            }
            TaskExec.execute(task, file, shown, lost, argv, envp);
            return 0;
        } finally {
            file.release();
        }
    }

    private static long sizeLimit(Task task) {
        long stack = task.limit(Resource.RLIMIT_STACK);
        long quarter = (stack < 0 ? Long.MAX_VALUE : stack) / 4;
        return Math.max(Math.min(quarter, TOTAL_SIZE_MAX), TOTAL_SIZE_MIN);
    }

    private static byte[][] copyStrings(Task task, long array, long[] left) throws ErrnoException {
        if (array == 0) {
            return NONE;
        }
        List<byte[]> strings = new ArrayList<>();
        for (long at = array; ; at += Long.BYTES) {
            long address = task.memory().getLong(at);
            if (address == 0) {
                return strings.toArray(NONE);
            }
            byte[] string;
            try {
                string = task.memory().copyInString(address, STRING_SIZE_MAX - 1);
            } catch (ErrnoException e) {
                throw e.errno == Errno.ENAMETOOLONG ? Errno.E2BIG.exception() : e;
            }
            left[0] -= string.length + 1 + Long.BYTES;
            if (left[0] < 0) {
                throw Errno.E2BIG.exception();
            }
            strings.add(string);
        }
    }
}
