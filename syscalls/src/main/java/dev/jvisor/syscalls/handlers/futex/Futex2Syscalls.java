// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.futex;

import static dev.jvisor.platform.abi.Futex.FUTEX_32;
import static dev.jvisor.platform.abi.Futex.FUTEX_PRIVATE_FLAG;
import static dev.jvisor.platform.abi.Futex.FUTEX_WAITV_MAX;
import static dev.jvisor.syscalls.annotation.Arg.Format.CLOCK_ID;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.UNSIGNED;

import dev.jvisor.kernel.futex.FutexTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.TimeConstants;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;
import dev.jvisor.syscalls.handlers.time.TimeArgs;

/**
 * futex_waitv, futex_wait, futex_wake, futex_requeue: futexes with a size, of which there is one,
 * 32 bits.
 */
@SyscallHandlers
final class Futex2Syscalls {

    private static final int SIZE_MASK = 3;
    private static final int FLAGS = SIZE_MASK | FUTEX_PRIVATE_FLAG;

    /** {@code struct futex_waitv}: value, address, flags, reserved. */
    private static final int WAITER_SIZE = 24;

    private Futex2Syscalls() {}

    private static void checkFlags(int flags) throws ErrnoException {
        if ((flags & ~FLAGS) != 0 || (flags & SIZE_MASK) != FUTEX_32) {
            throw Errno.EINVAL.exception();
        }
    }

    private static boolean isPrivate(int flags) {
        return (flags & FUTEX_PRIVATE_FLAG) != 0;
    }

    /** The words of an array of {@code futex_waitv}. EFAULT, EINVAL. */
    private static FutexTable.Word[] words(Task task, long waiters, int count)
            throws ErrnoException {
        FutexTable.Word[] words = new FutexTable.Word[count];
        byte[] b = new byte[WAITER_SIZE];
        for (int i = 0; i < count; i++) {
            task.memory().copyIn(waiters + (long) i * WAITER_SIZE, b, 0, WAITER_SIZE);
            int flags = LittleEndian.getInt(b, 16);
            checkFlags(flags);
            long value = LittleEndian.getLong(b, 0);
            if (LittleEndian.getInt(b, 20) != 0 || value >>> Integer.SIZE != 0) {
                throw Errno.EINVAL.exception();
            }
            words[i] =
                    new FutexTable.Word(LittleEndian.getLong(b, 8), (int) value, isPrivate(flags));
        }
        return words;
    }

    /** CLOCK_MONOTONIC of an absolute timeout; EINVAL for other clocks, EFAULT, EINVAL. */
    private static long deadline(Task task, long timeout, int clock) throws ErrnoException {
        if (timeout == 0) {
            return Long.MAX_VALUE;
        }
        if (clock != TimeConstants.CLOCK_REALTIME && clock != TimeConstants.CLOCK_MONOTONIC) {
            throw Errno.EINVAL.exception();
        }
        long nanos = TimeArgs.readTimespec(task, timeout);
        return clock == TimeConstants.CLOCK_MONOTONIC || nanos == Long.MAX_VALUE
                ? nanos
                : nanos + task.kernel().clocks().realtimeToMonotonicNanos();
    }

    /**
     * Waits for any of several words.
     *
     * <p>Errors: EINVAL for flags, count, clock; EFAULT; EINVAL for a word; EAGAIN if one has
     * another value; ETIMEDOUT; EINTR.
     */
    @Syscall(number = 449, name = "futex_waitv")
    static long futexWaitv(
            Task task,
            @Arg(POINTER) long waiters,
            @Arg(UNSIGNED) int count,
            @Arg(HEX) int flags,
            @Arg(TIMESPEC_IN) long timeout,
            @Arg(CLOCK_ID) int clock)
            throws ErrnoException {
        UserArgs.checkFlags(flags, 0);
        if (count <= 0 || count > FUTEX_WAITV_MAX || waiters == 0) {
            throw Errno.EINVAL.exception();
        }
        long deadline = deadline(task, timeout, clock);
        FutexTable.Word[] words = words(task, waiters, count);
        return task.kernel().futexes().awaitAny(task, words, deadline);
    }

    /** Errors: EINVAL for flags and mask; EFAULT. */
    @Syscall(number = 454, name = "futex_wake")
    static long futexWake(
            Task task, @Arg(POINTER) long address, @Arg(HEX) long mask, int count, int flags)
            throws ErrnoException {
        checkFlags(flags);
        if (mask >>> Integer.SIZE != 0 || mask == 0) {
            throw Errno.EINVAL.exception();
        }
        if (count == 0) {
            return 0;
        }
        return task.kernel().futexes().wake(task, address, count, (int) mask, isPrivate(flags));
    }

    /** Errors: EINVAL for flags, value, mask, clock; EFAULT; EAGAIN; ETIMEDOUT; EINTR. */
    @Syscall(number = 455, name = "futex_wait")
    static long futexWait(
            Task task,
            @Arg(POINTER) long address,
            @Arg(HEX) long value,
            @Arg(HEX) long mask,
            int flags,
            @Arg(TIMESPEC_IN) long timeout,
            @Arg(CLOCK_ID) int clock)
            throws ErrnoException {
        checkFlags(flags);
        if (value >>> Integer.SIZE != 0 || mask >>> Integer.SIZE != 0) {
            throw Errno.EINVAL.exception();
        }
        long deadline = deadline(task, timeout, clock);
        return FutexSyscalls.await(
                task, address, (int) value, (int) mask, isPrivate(flags), deadline);
    }

    /** Errors: EINVAL for flags and counts; EFAULT; EINVAL for a word; EAGAIN. */
    @Syscall(number = 456, name = "futex_requeue")
    static long futexRequeue(
            Task task, @Arg(POINTER) long waiters, int flags, int wakeCount, int requeueCount)
            throws ErrnoException {
        UserArgs.checkFlags(flags, 0);
        if (waiters == 0) {
            throw Errno.EINVAL.exception();
        }
        FutexTable.Word[] words = words(task, waiters, 2);
        return task.kernel()
                .futexes()
                .requeue(
                        task,
                        words[0].address(),
                        wakeCount,
                        requeueCount,
                        words[1].address(),
                        true,
                        words[0].value(),
                        words[0].isPrivate(),
                        words[1].isPrivate());
    }
}
