// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.PID;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TaskIds;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** setpgid(2), getpgid(2), getpgrp(2), setsid(2), getsid(2). */
@SyscallHandlers
final class ProcessGroupSyscalls {

    private ProcessGroupSyscalls() {}

    /**
     * EINVAL for a negative group; ESRCH if there is no such process or it is neither the caller
     * nor its child; EINVAL for a thread; EPERM for another session or a session leader; EACCES for
     * a child that has executed a program; EPERM if the group is not in the session.
     */
    @Syscall(number = 109, name = "setpgid")
    static long setpgid(Task task, @Arg(PID) int pid, @Arg(PID) int pgid) throws ErrnoException {
        TaskIds.setProcessGroup(task, pid, pgid);
        return 0;
    }

    /** ESRCH. */
    @Syscall(number = 121, name = "getpgid")
    static long getpgid(Task task, @Arg(PID) int pid) throws ErrnoException {
        return TaskIds.processGroupId(task, pid);
    }

    @Syscall(number = 111, name = "getpgrp")
    static long getpgrp(Task task) {
        return task.threadGroup().processGroup().pid().numberIn(task.pids());
    }

    /** EPERM if a process group has the caller's id. */
    @Syscall(number = 112, name = "setsid")
    static long setsid(Task task) throws ErrnoException {
        return TaskIds.setSession(task);
    }

    /** ESRCH. */
    @Syscall(number = 124, name = "getsid")
    static long getsid(Task task, @Arg(PID) int pid) throws ErrnoException {
        return TaskIds.sessionId(task, pid);
    }
}
