// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Sched.SCHED_BATCH;
import static dev.jvisor.platform.abi.Sched.SCHED_DEADLINE;
import static dev.jvisor.platform.abi.Sched.SCHED_FIFO;
import static dev.jvisor.platform.abi.Sched.SCHED_IDLE;
import static dev.jvisor.platform.abi.Sched.SCHED_NORMAL;
import static dev.jvisor.platform.abi.Sched.SCHED_RESET_ON_FORK;
import static dev.jvisor.platform.abi.Sched.SCHED_RR;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.PID;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_OUT;

import dev.jvisor.kernel.task.Scheduling;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * sched_yield(2), sched_setscheduler(2), sched_setparam(2) and their relatives.
 *
 * <p>Errors: EINVAL (arguments, policy, priority); ESRCH; EFAULT; EPERM.
 *
 * <p>Deviations: policies and priorities are kept, inherited and reported; the host schedules
 * without them.
 */
@SyscallHandlers
final class SchedulingSyscalls {

    private static final String NOTE = "kept and reported, the host schedules without it";
    private static final int PRIORITY_MAX = 99;
    private static final long RR_INTERVAL_NANOS = 100_000_000;
    private static final long NORMAL_INTERVAL_NANOS = 4_000_000;

    private SchedulingSyscalls() {}

    @Syscall(number = 24, name = "sched_yield")
    static long schedYield(Task task) {
        task.counters().countPreemption();
        Thread.yield();
        return 0;
    }

    @Syscall(number = 142, name = "sched_setparam", support = Support.PARTIAL, note = NOTE)
    static long schedSetparam(Task task, @Arg(PID) int pid, @Arg(POINTER) long parameter)
            throws ErrnoException {
        if (parameter == 0 || pid < 0) {
            throw Errno.EINVAL.exception();
        }
        int priority = task.memory().getInt(parameter);
        Task target = find(task, pid);
        Scheduling s = target.scheduling();
        set(task, target, s.policy(), priority, s.isResetOnFork());
        return 0;
    }

    @Syscall(number = 143, name = "sched_getparam")
    static long schedGetparam(Task task, @Arg(PID) int pid, @Arg(POINTER) long parameter)
            throws ErrnoException {
        if (parameter == 0 || pid < 0) {
            throw Errno.EINVAL.exception();
        }
        task.memory().putInt(parameter, find(task, pid).scheduling().priority());
        return 0;
    }

    @Syscall(number = 144, name = "sched_setscheduler", support = Support.PARTIAL, note = NOTE)
    static long schedSetscheduler(
            Task task, @Arg(PID) int pid, @Arg(INT) int policy, @Arg(POINTER) long parameter)
            throws ErrnoException {
        if (policy < 0 || parameter == 0 || pid < 0) {
            throw Errno.EINVAL.exception();
        }
        int priority = task.memory().getInt(parameter);
        Task target = find(task, pid);
        boolean reset = (policy & SCHED_RESET_ON_FORK) != 0;
        set(task, target, policy & ~SCHED_RESET_ON_FORK, priority, reset);
        return 0;
    }

    @Syscall(number = 145, name = "sched_getscheduler")
    static long schedGetscheduler(Task task, @Arg(PID) int pid) throws ErrnoException {
        if (pid < 0) {
            throw Errno.EINVAL.exception();
        }
        Scheduling s = find(task, pid).scheduling();
        return s.policy() | (s.isResetOnFork() ? SCHED_RESET_ON_FORK : 0);
    }

    @Syscall(number = 146, name = "sched_get_priority_max")
    static long schedGetPriorityMax(Task task, @Arg(INT) int policy) throws ErrnoException {
        return isRealTime(policy) ? PRIORITY_MAX : zeroIfKnown(policy);
    }

    @Syscall(number = 147, name = "sched_get_priority_min")
    static long schedGetPriorityMin(Task task, @Arg(INT) int policy) throws ErrnoException {
        return isRealTime(policy) ? 1 : zeroIfKnown(policy);
    }

    @Syscall(number = 148, name = "sched_rr_get_interval")
    static long schedRrGetInterval(Task task, @Arg(PID) int pid, @Arg(TIMESPEC_OUT) long interval)
            throws ErrnoException {
        if (pid < 0) {
            throw Errno.EINVAL.exception();
        }
        int policy = find(task, pid).scheduling().policy();
        long nanos = switch (policy) {
            case SCHED_RR -> RR_INTERVAL_NANOS;
            case SCHED_NORMAL, SCHED_BATCH -> NORMAL_INTERVAL_NANOS;
            default -> 0;
        };
        task.memory().putLong(interval, 0);
        task.memory().putLong(interval + Long.BYTES, nanos);
        return 0;
    }

    static Task find(Task task, int pid) throws ErrnoException {
        Task target = pid == 0 ? task : task.pids().task(pid);
        if (target == null) {
            throw Errno.ESRCH.exception();
        }
        return target;
    }

    static boolean isRealTime(int policy) {
        return policy == SCHED_FIFO || policy == SCHED_RR;
    }

    private static long zeroIfKnown(int policy) throws ErrnoException {
        if (policy == SCHED_NORMAL
                || policy == SCHED_BATCH
                || policy == SCHED_IDLE
                || policy == SCHED_DEADLINE) {
            return 0;
        }
        throw Errno.EINVAL.exception();
    }

    private static void set(Task task, Task target, int policy, int priority, boolean reset)
            throws ErrnoException {
        set(task, target, policy, priority, target.scheduling().nice(), reset);
    }

    /** Linux: __sched_setscheduler's checks, without SCHED_DEADLINE. */
    static void set(Task task, Task target, int policy, int priority, int nice, boolean reset)
            throws ErrnoException {
        boolean realTime = isRealTime(policy);
        if (!realTime && policy != SCHED_NORMAL && policy != SCHED_BATCH && policy != SCHED_IDLE
                || priority < 0
                || priority > PRIORITY_MAX
                || realTime != (priority != 0)) {
            throw Errno.EINVAL.exception();
        }
        Scheduling s = target.scheduling();
        if (!task.credentials().has(Capabilities.CAP_SYS_NICE)
                && !mayChange(task, target, policy, priority, nice, reset)) {
            throw Errno.EPERM.exception();
        }
        s.setPolicy(policy, priority, reset);
        if (isFair(policy)) {
            s.setNice(nice);
        }
    }

    /** Whether the nice value belongs to a policy. */
    private static boolean isFair(int policy) {
        return policy == SCHED_NORMAL || policy == SCHED_BATCH;
    }

    /** Linux: user_check_sched_setscheduler. */
    private static boolean mayChange(
            Task task, Task target, int policy, int priority, int nice, boolean reset) {
        Scheduling s = target.scheduling();
        boolean realTime = isRealTime(policy);
        if (isFair(policy) && nice < s.nice() && !mayBeNice(target, nice)) {
            return false;
        }
        long limit = target.limit(Resource.RLIMIT_RTPRIO);
        boolean raises = realTime
                && (s.policy() != policy && limit == 0
                        || priority > s.priority() && Long.compareUnsigned(priority, limit) > 0);
        boolean leavesIdle = s.policy() == SCHED_IDLE && policy != SCHED_IDLE;
        if (raises || leavesIdle && !mayBeNice(target, s.nice())) {
            return false;
        }
        return Ownership.sameOwner(task, target) && (!s.isResetOnFork() || reset);
    }

    private static boolean mayBeNice(Task target, int nice) {
        return Long.compareUnsigned(20 - nice, target.limit(Resource.RLIMIT_NICE)) <= 0;
    }
}
