// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Resource.PRIO_PGRP;
import static dev.jvisor.platform.abi.Resource.PRIO_PROCESS;
import static dev.jvisor.platform.abi.Resource.PRIO_USER;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.task.ProcessGroup;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

import java.util.ArrayList;
import java.util.List;

/**
 * getpriority(2), setpriority(2).
 *
 * <p>Errors: EINVAL (which); ESRCH (nobody); EPERM (another user's), EACCES (raising without
 * right).
 *
 * <p>Deviations: nice values are kept, inherited and reported; the host schedules without them.
 */
@SyscallHandlers
final class PrioritySyscalls {

    private static final int NICE_MIN = -20;
    private static final int NICE_MAX = 19;

    private PrioritySyscalls() {}

    /** Returns 20 minus the lowest nice value found, as the system call does. */
    @Syscall(number = 140, name = "getpriority")
    static long getpriority(Task task, @Arg(INT) int which, @Arg(INT) int who)
            throws ErrnoException {
        int best = Integer.MAX_VALUE;
        for (Task t : select(task, which, who)) {
            best = Math.min(best, t.scheduling().nice());
        }
        if (best == Integer.MAX_VALUE) {
            throw Errno.ESRCH.exception();
        }
        return 20 - best;
    }

    @Syscall(
            number = 141,
            name = "setpriority",
            support = Support.PARTIAL,
            note = "kept and reported, the host schedules without it")
    static long setpriority(Task task, @Arg(INT) int which, @Arg(INT) int who, @Arg(INT) int value)
            throws ErrnoException {
        List<Task> targets = select(task, which, who);
        int nice = Math.clamp(value, NICE_MIN, NICE_MAX);
        Errno error = Errno.ESRCH;
        boolean done = false;
        for (Task t : targets) {
            Errno e = setOne(task, t, nice);
            if (e == null) {
                done = true;
            } else {
                error = e;
            }
        }
        if (error != Errno.ESRCH || !done) {
            throw error.exception();
        }
        return 0;
    }

    private static @org.jspecify.annotations.Nullable Errno setOne(Task task, Task t, int nice) {
        Credentials own = task.credentials();
        Credentials other = t.credentials();
        boolean privileged = own.has(Capabilities.CAP_SYS_NICE);
        if (other.uid() != own.euid()
                && other.euid() != own.euid()
                && !own.hasIn(other.userNamespace(), Capabilities.CAP_SYS_NICE)) {
            return Errno.EPERM;
        }
        if (nice < t.scheduling().nice()
                && !privileged
                && Long.compareUnsigned(20 - nice, t.limit(Resource.RLIMIT_NICE)) > 0) {
            return Errno.EACCES;
        }
        t.scheduling().setNice(nice);
        return null;
    }

    static List<Task> select(Task task, int which, int who) throws ErrnoException {
        List<Task> result = new ArrayList<>();
        switch (which) {
            case PRIO_PROCESS -> {
                Task t = who == 0 ? task : task.pids().task(who);
                if (t != null) {
                    result.add(t);
                }
            }
            case PRIO_PGRP -> {
                ProcessGroup group = who == 0
                        ? task.threadGroup().processGroup()
                        : task.pids().processGroup(who);
                if (group != null) {
                    addGroup(task, group, result);
                }
            }
            case PRIO_USER -> {
                Credentials own = task.credentials();
                int uid = who == 0 ? own.uid() : own.userNamespace().kernelUid(who);
                task.pids().forEachThreadGroup(g -> {
                    for (Task t : g.tasks()) {
                        if (t.credentials().uid() == uid) {
                            result.add(t);
                        }
                    }
                    return true;
                });
            }
            default -> throw Errno.EINVAL.exception();
        }
        return result;
    }

    private static void addGroup(Task task, ProcessGroup group, List<Task> result) {
        RankedLock tree = task.kernel().taskTree();
        tree.lock();
        try {
            for (ThreadGroup member : group.membersLocked()) {
                for (Task t : member.tasks()) {
                    result.add(t);
                }
            }
        } finally {
            tree.unlock();
        }
    }
}
