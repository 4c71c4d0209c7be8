// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.PID;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.ptrace.TraceAccess;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

import org.jspecify.annotations.Nullable;

/** kcmp(2). */
@SyscallHandlers
final class KcmpSyscalls {

    // uapi/linux/kcmp.h
    private static final int KCMP_FILE = 0;
    private static final int KCMP_VM = 1;
    private static final int KCMP_FILES = 2;
    private static final int KCMP_FS = 3;
    private static final int KCMP_SIGHAND = 4;
    private static final int KCMP_IO = 5;
    private static final int KCMP_SYSVSEM = 6;

    private static final int NOT_ORDERED = 3;

    private KcmpSyscalls() {}

    /**
     * Whether two tasks share a thing: 0, or 1 and 2 for an order of things, 3 if there is none.
     *
     * <p>Errors: ESRCH; EPERM unless the caller may trace both; EBADF; EINVAL for the type.
     */
    @Syscall(
            number = 312,
            name = "kcmp",
            support = Support.PARTIAL,
            note = "no KCMP_EPOLL_TFD; KCMP_SYSVSEM looks at the process")
    static long kcmp(
            Task task,
            @Arg(PID) int first,
            @Arg(PID) int second,
            @Arg(INT) int type,
            @Arg(HEX) long index1,
            @Arg(HEX) long index2)
            throws ErrnoException {
        Task one = task.pids().task(first);
        Task two = task.pids().task(second);
        if (one == null || two == null) {
            throw Errno.ESRCH.exception();
        }
        if (!TraceAccess.mayAttach(task, one) || !TraceAccess.mayAttach(task, two)) {
            throw Errno.EPERM.exception();
        }
        return switch (type) {
            case KCMP_FILE -> compare(file(one, index1), file(two, index2));
            case KCMP_VM -> compare(one.memoryOrNull(), two.memoryOrNull());
            case KCMP_FILES -> compare(one.filesOrNull(), two.filesOrNull());
            case KCMP_FS -> compare(one.fsOrNull(), two.fsOrNull());
            case KCMP_SIGHAND ->
                compare(
                        one.threadGroup().signals().handlers(),
                        two.threadGroup().signals().handlers());
            case KCMP_IO -> compare(one.scheduling(), two.scheduling());
            // Nobody has a list of what to undo unless he used one.
            case KCMP_SYSVSEM -> 0;
            default -> throw Errno.EINVAL.exception();
        };
    }

    private static FileDescription file(Task task, long index) throws ErrnoException {
        FdTable files = task.filesOrNull();
        FileDescription file =
                files == null || index != (int) index ? null : files.peek((int) index);
        if (file == null) {
            throw Errno.EBADF.exception();
        }
        return file;
    }

    private static int compare(@Nullable Object a, @Nullable Object b) {
        if (a == b) {
            return 0;
        }
        int order = Integer.compare(System.identityHashCode(a), System.identityHashCode(b));
        return order < 0 ? 1 : order > 0 ? 2 : NOT_ORDERED;
    }
}
