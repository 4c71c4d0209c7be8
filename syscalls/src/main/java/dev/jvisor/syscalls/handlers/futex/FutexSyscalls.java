// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.futex;

import static dev.jvisor.platform.abi.Futex.FUTEX_BITSET_MATCH_ANY;
import static dev.jvisor.platform.abi.Futex.FUTEX_CLOCK_REALTIME;
import static dev.jvisor.platform.abi.Futex.FUTEX_CMD_MASK;
import static dev.jvisor.platform.abi.Futex.FUTEX_CMP_REQUEUE;
import static dev.jvisor.platform.abi.Futex.FUTEX_CMP_REQUEUE_PI;
import static dev.jvisor.platform.abi.Futex.FUTEX_LOCK_PI;
import static dev.jvisor.platform.abi.Futex.FUTEX_LOCK_PI2;
import static dev.jvisor.platform.abi.Futex.FUTEX_PRIVATE_FLAG;
import static dev.jvisor.platform.abi.Futex.FUTEX_REQUEUE;
import static dev.jvisor.platform.abi.Futex.FUTEX_TRYLOCK_PI;
import static dev.jvisor.platform.abi.Futex.FUTEX_UNLOCK_PI;
import static dev.jvisor.platform.abi.Futex.FUTEX_WAIT;
import static dev.jvisor.platform.abi.Futex.FUTEX_WAIT_BITSET;
import static dev.jvisor.platform.abi.Futex.FUTEX_WAIT_REQUEUE_PI;
import static dev.jvisor.platform.abi.Futex.FUTEX_WAKE;
import static dev.jvisor.platform.abi.Futex.FUTEX_WAKE_BITSET;
import static dev.jvisor.platform.abi.Futex.FUTEX_WAKE_OP;
import static dev.jvisor.syscalls.annotation.Arg.Format.FUTEX_OP;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.PID;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_IN;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.futex.FutexTable;
import dev.jvisor.kernel.futex.RobustList;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.time.Clocks;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.time.TimeArgs;

/** futex(2), set_robust_list(2), get_robust_list(2). */
@SyscallHandlers
final class FutexSyscalls {

    private FutexSyscalls() {}

    /**
     * Waits for and wakes tasks by the value of a word.
     *
     * <p>Semantics: FUTEX_WAIT has a relative timeout of CLOCK_MONOTONIC, FUTEX_WAIT_BITSET an
     * absolute one, of CLOCK_REALTIME with that flag. A wait that a signal interrupts goes on
     * unless a handler runs; without timeout also after one with SA_RESTART.
     *
     * <p>Errors: EFAULT and EINVAL for the timeout; ENOSYS for an operation there is not, and for
     * FUTEX_CLOCK_REALTIME where it has no meaning; EINVAL for an address that is not aligned, an
     * empty bitset, negative counts of a requeue; EFAULT; EAGAIN if the word has another value;
     * ETIMEDOUT; EINTR; EPERM for unlocking what is not the caller's, EDEADLK, ESRCH for locks.
     *
     * <p>Deviations: a lock's owner is not scheduled with its waiters' priority.
     */
    @Syscall(
            number = 202,
            name = "futex",
            support = Support.PARTIAL,
            note = "FUTEX_LOCK_PI locks, but priorities are not inherited")
    static long futex(
            Task task,
            @Arg(POINTER) long address,
            @Arg(FUTEX_OP) int operation,
            @Arg(INT) int value,
            @Arg(TIMESPEC_IN) long timeout,
            @Arg(POINTER) long address2,
            @Arg(INT) int value3)
            throws ErrnoException {
        int command = operation & FUTEX_CMD_MASK;
        boolean isPrivate = (operation & FUTEX_PRIVATE_FLAG) != 0;
        boolean realtime = (operation & FUTEX_CLOCK_REALTIME) != 0;
        FutexTable table = task.kernel().futexes();
        if (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) {
            long deadline = deadline(task, command, realtime, timeout);
            if (realtime && command == FUTEX_WAIT) {
                throw Errno.ENOSYS.exception();
            }
            int bitset = command == FUTEX_WAIT ? FUTEX_BITSET_MATCH_ANY : value3;
            return await(task, address, value, bitset, isPrivate, deadline);
        }
        if (command == FUTEX_WAIT_REQUEUE_PI || command == FUTEX_LOCK_PI2) {
            long deadline = deadline(task, command, realtime, timeout);
            if (command == FUTEX_LOCK_PI2) {
                table.lock(task, address, isPrivate, deadline, false);
            } else {
                table.awaitRequeue(task, address, value, isPrivate, deadline, address2);
            }
            return 0;
        }
        if (realtime) {
            throw Errno.ENOSYS.exception();
        }
        int count2 = (int) timeout;
        return switch (command) {
            case FUTEX_WAKE -> table.wake(task, address, value, FUTEX_BITSET_MATCH_ANY, isPrivate);
            case FUTEX_WAKE_BITSET -> table.wake(task, address, value, value3, isPrivate);
            case FUTEX_REQUEUE ->
                table.requeue(
                        task, address, value, count2, address2, false, 0, isPrivate, isPrivate);
            case FUTEX_CMP_REQUEUE ->
                table.requeue(
                        task, address, value, count2, address2, true, value3, isPrivate, isPrivate);
            case FUTEX_WAKE_OP ->
                table.wakeOp(task, address, value, address2, count2, value3, isPrivate);
            case FUTEX_CMP_REQUEUE_PI ->
                table.requeueToLock(task, address, value, count2, address2, value3, isPrivate);
            case FUTEX_LOCK_PI -> {
                // Its timeout is always a time of the wall clock.
                long deadline = deadline(task, command, true, timeout);
                table.lock(task, address, isPrivate, deadline, false);
                yield 0;
            }
            case FUTEX_TRYLOCK_PI -> {
                table.lock(task, address, isPrivate, Long.MAX_VALUE, true);
                yield 0;
            }
            case FUTEX_UNLOCK_PI -> {
                table.unlock(task, address, isPrivate);
                yield 0;
            }
            default -> throw Errno.ENOSYS.exception();
        };
    }

    private static long deadline(Task task, int command, boolean realtime, long timeout)
            throws ErrnoException {
        if (timeout == 0) {
            return Long.MAX_VALUE;
        }
        long nanos = TimeArgs.readTimespec(task, timeout);
        Clocks clocks = task.kernel().clocks();
        if (command == FUTEX_WAIT) {
            return clocks.deadlineAfter(nanos);
        }
        if (!realtime || nanos == Long.MAX_VALUE) {
            return nanos;
        }
        return nanos + clocks.realtimeToMonotonicNanos();
    }

    static long await(
            Task task, long address, int value, int bitset, boolean isPrivate, long deadline)
            throws ErrnoException {
        try {
            task.kernel().futexes().await(task, address, value, bitset, isPrivate, deadline);
            return 0;
        } catch (ErrnoException e) {
            if (e.errno != Errno.ERESTARTSYS || deadline == Long.MAX_VALUE) {
                throw e;
            }
            task.setRestartBlock(
                    again -> await(again, address, value, bitset, isPrivate, deadline));
            throw Errno.ERESTART_RESTARTBLOCK.exception();
        }
    }

    /** Errors: EINVAL unless {@code size} is that of the structure. */
    @Syscall(number = 273, name = "set_robust_list")
    static long setRobustList(Task task, @Arg(POINTER) long head, @Arg(SIZE) long size)
            throws ErrnoException {
        if (size != RobustList.HEAD_SIZE) {
            throw Errno.EINVAL.exception();
        }
        task.robustList().setHead(head);
        return 0;
    }

    /** Errors: ESRCH; EPERM for a task of another user; EFAULT. */
    @Syscall(number = 274, name = "get_robust_list")
    static long getRobustList(
            Task task, @Arg(PID) int tid, @Arg(POINTER) long head, @Arg(POINTER) long size)
            throws ErrnoException {
        Task target = tid == 0 ? task : task.pids().task(tid);
        if (target == null) {
            throw Errno.ESRCH.exception();
        }
        Credentials own = task.credentials();
        if (target.threadGroup() != task.threadGroup()
                && own.euid() != target.credentials().uid()
                && !own.hasIn(target.credentials().userNamespace(), Capabilities.CAP_SYS_PTRACE)) {
            throw Errno.EPERM.exception();
        }
        task.memory().putLong(size, RobustList.HEAD_SIZE);
        task.memory().putLong(head, target.robustList().head());
        return 0;
    }
}
