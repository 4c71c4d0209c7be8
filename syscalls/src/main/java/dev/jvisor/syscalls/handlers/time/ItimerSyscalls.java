// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.time;

import static dev.jvisor.platform.abi.TimeConstants.ITIMER_REAL;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.UNSIGNED;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.time.Clocks;
import dev.jvisor.kernel.time.ProcessTimers;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** setitimer(2), getitimer(2), alarm(2). */
@SyscallHandlers
final class ItimerSyscalls {

    /** {@code struct itimerval}: interval, then value. */
    private static final int SIZE = 2 * TimeArgs.SIZE;

    private ItimerSyscalls() {}

    /** Errors: EINVAL for {@code which}; EFAULT. */
    @Syscall(number = 36, name = "getitimer")
    static long getitimer(Task task, @Arg(INT) int which, @Arg(POINTER) long value)
            throws ErrnoException {
        ProcessTimers timers = task.threadGroup().timers();
        write(task, value, timers.period(which), timers.remaining(which));
        return 0;
    }

    private static void write(Task task, long address, long period, long remaining)
            throws ErrnoException {
        byte[] b = new byte[SIZE];
        TimeArgs.putTimeval(b, 0, period);
        TimeArgs.putTimeval(b, TimeArgs.SIZE, remaining);
        task.memory().copyOut(address, b, 0, SIZE);
    }

    /**
     * A null {@code value} disarms. Errors: EFAULT, EINVAL for times; EINVAL for {@code which};
     * EFAULT.
     */
    @Syscall(number = 38, name = "setitimer")
    static long setitimer(
            Task task, @Arg(INT) int which, @Arg(POINTER) long value, @Arg(POINTER) long old)
            throws ErrnoException {
        byte[] b = new byte[SIZE];
        if (value != 0) {
            task.memory().copyIn(value, b, 0, SIZE);
        }
        long period = TimeArgs.timeval(b, 0);
        long nanos = TimeArgs.timeval(b, TimeArgs.SIZE);
        ProcessTimers timers = task.threadGroup().timers();
        long oldPeriod = timers.period(which);
        long oldRemaining = timers.remaining(which);
        timers.set(which, nanos, nanos == 0 ? 0 : period);
        if (old != 0) {
            write(task, old, oldPeriod, oldRemaining);
        }
        return 0;
    }

    /**
     * SIGALRM after some seconds; returns what was left before, rounded to seconds but not to 0.
     */
    @Syscall(number = 37, name = "alarm")
    static long alarm(Task task, @Arg(UNSIGNED) int seconds) throws ErrnoException {
        ProcessTimers timers = task.threadGroup().timers();
        long remaining = timers.remaining(ITIMER_REAL);
        long wanted = seconds < 0 ? Integer.MAX_VALUE : seconds;
        timers.set(ITIMER_REAL, wanted * Clocks.NANOS_PER_SECOND, 0);
        long left = remaining / Clocks.NANOS_PER_SECOND;
        long fraction = remaining % Clocks.NANOS_PER_SECOND;
        if (left == 0 && fraction > 0 || fraction >= Clocks.NANOS_PER_SECOND / 2) {
            left++;
        }
        return left;
    }
}
