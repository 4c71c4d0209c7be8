// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.time;

import static dev.jvisor.platform.abi.TimeConstants.CLOCK_BOOTTIME;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_MONOTONIC;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_TAI;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_THREAD_CPUTIME_ID;
import static dev.jvisor.platform.abi.TimeConstants.TIMER_ABSTIME;
import static dev.jvisor.syscalls.annotation.Arg.Format.CLOCK_ID;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_OUT;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.time.ClockId;
import dev.jvisor.kernel.time.Clocks;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** nanosleep(2), clock_nanosleep(2). */
@SyscallHandlers
final class SleepSyscalls {

    private SleepSyscalls() {}

    /**
     * Sleeps for a time. A signal without handler does not shorten it; after a handler the call
     * fails and stores what was left.
     *
     * <p>Errors: EFAULT; EINVAL for the time; EINTR.
     */
    @Syscall(number = 35, name = "nanosleep")
    static long nanosleep(Task task, @Arg(TIMESPEC_IN) long time, @Arg(TIMESPEC_OUT) long remaining)
            throws ErrnoException {
        long nanos = TimeArgs.readTimespec(task, time);
        return relative(task, task.kernel().clocks().deadlineAfter(nanos), remaining);
    }

    /**
     * Sleeps for a time or, with TIMER_ABSTIME, until one; flags that are not known are ignored.
     *
     * <p>Errors: EINVAL for a clock there is not; EOPNOTSUPP for one that cannot be slept on;
     * EFAULT; EINVAL for the time; EINTR (a restart after a signal without handler is not seen).
     */
    @Syscall(number = 230, name = "clock_nanosleep")
    static long clockNanosleep(
            Task task,
            @Arg(CLOCK_ID) int clock,
            @Arg(HEX) int flags,
            @Arg(TIMESPEC_IN) long time,
            @Arg(TIMESPEC_OUT) long remaining)
            throws ErrnoException {
        checkClock(task, clock);
        long nanos = TimeArgs.readTimespec(task, time);
        boolean absolute = (flags & TIMER_ABSTIME) != 0;
        if (ClockId.isCpuClock(clock)) {
            return onCpuClock(
                    task, clock, absolute ? nanos : add(ClockId.read(task, clock), nanos));
        }
        if (absolute) {
            return until(task, clock, nanos);
        }
        return relative(task, task.kernel().clocks().deadlineAfter(nanos), remaining);
    }

    private static long add(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }

    private static void checkClock(Task task, int clock) throws ErrnoException {
        if (clock == CLOCK_REALTIME
                || clock == CLOCK_MONOTONIC
                || clock == CLOCK_BOOTTIME
                || clock == CLOCK_TAI) {
            return;
        }
        ClockId.read(task, clock);
        if (clock == CLOCK_THREAD_CPUTIME_ID) {
            throw Errno.EINVAL.exception();
        }
        if (!ClockId.isCpuClock(clock)) {
            throw Errno.EOPNOTSUPP.exception();
        }
    }

    private static long relative(Task task, long deadline, long remaining) throws ErrnoException {
        Clocks clocks = task.kernel().clocks();
        try {
            while (clocks.monotonicNanos() < deadline) {
                task.sleep(deadline);
            }
            return 0;
        } catch (ErrnoException interrupted) {
            long left = deadline - clocks.monotonicNanos();
            if (left <= 0) {
                return 0;
            }
            if (remaining != 0) {
                TimeArgs.writeTimespec(task, remaining, left);
            }
            task.setRestartBlock(again -> relative(again, deadline, remaining));
            throw Errno.ERESTART_RESTARTBLOCK.exception();
        }
    }

    /** Looks at the clock itself again after each sleep: it may have been set meanwhile. */
    private static long until(Task task, int clock, long time) throws ErrnoException {
        try {
            for (; ; ) {
                long left = time - ClockId.read(task, clock);
                if (left <= 0) {
                    return 0;
                }
                task.sleep(task.kernel().clocks().deadlineAfter(left));
            }
        } catch (ErrnoException interrupted) {
            throw Errno.ERESTARTNOHAND.exception();
        }
    }

    /** CPU time passes at most as fast as all threads together run. */
    private static long onCpuClock(Task task, int clock, long time) throws ErrnoException {
        try {
            for (; ; ) {
                long left = time - ClockId.read(task, clock);
                if (left <= 0) {
                    return 0;
                }
                long wait = Math.max(left / 2, Clocks.COARSE_RESOLUTION_NANOS);
                task.sleep(task.kernel().clocks().deadlineAfter(wait));
            }
        } catch (ErrnoException interrupted) {
            throw interrupted.errno == Errno.EINVAL
                    ? interrupted
                    : Errno.ERESTARTNOHAND.exception();
        }
    }
}
