// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.PID;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** set_robust_list(2), get_robust_list(2). */
@SyscallHandlers
final class RobustListSyscalls {

    /** Size of {@code struct robust_list_head} (linux/futex.h), in bytes. */
    private static final int HEAD_SIZE = 24;

    private RobustListSyscalls() {}

    /** EINVAL for the size. */
    @Syscall(number = 273, name = "set_robust_list")
    static long setRobustList(Task task, @Arg(POINTER) long head, @Arg(SIZE) long size)
            throws ErrnoException {
        if (size != HEAD_SIZE) {
            throw Errno.EINVAL.exception();
        }
        task.robustList().setHead(head);
        return 0;
    }

    /** ESRCH; EPERM for another user's task; EFAULT. */
    @Syscall(number = 274, name = "get_robust_list")
    static long getRobustList(
            Task task, @Arg(PID) int pid, @Arg(POINTER) long head, @Arg(POINTER) long size)
            throws ErrnoException {
        Task target = pid == 0 ? task : task.kernel().tasks().task(pid);
        if (target == null) {
            throw Errno.ESRCH.exception();
        }
        if (target.threadGroup() != task.threadGroup() && !Ownership.sameOwner(task, target)) {
            throw Errno.EPERM.exception();
        }
        task.memory().putLong(size, HEAD_SIZE);
        task.memory().putLong(head, target.robustList().head());
        return 0;
    }
}
