// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.time;

import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME;
import static dev.jvisor.syscalls.annotation.Arg.Format.CLOCK_ID;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMEVAL_OUT;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.time.ClockId;
import dev.jvisor.kernel.time.Clocks;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * clock_gettime(2), clock_getres(2), gettimeofday(2), time(2), and setting, which is not permitted.
 */
@SyscallHandlers
final class ClockSyscalls {

    private static final int TIMEZONE_SIZE = 8;

    private ClockSyscalls() {}

    /** Errors: EINVAL for a clock there is not; EFAULT. */
    @Syscall(number = 228, name = "clock_gettime")
    static long clockGettime(Task task, @Arg(CLOCK_ID) int clock, @Arg(TIMESPEC_OUT) long time)
            throws ErrnoException {
        TimeArgs.writeTimespec(task, time, ClockId.read(task, clock));
        return 0;
    }

    /** Errors: EINVAL for a clock there is not; EFAULT. */
    @Syscall(number = 229, name = "clock_getres")
    static long clockGetres(Task task, @Arg(CLOCK_ID) int clock, @Arg(TIMESPEC_OUT) long time)
            throws ErrnoException {
        long resolution = ClockId.resolution(task, clock);
        if (time != 0) {
            TimeArgs.writeTimespec(task, time, resolution);
        }
        return 0;
    }

    /**
     * Errors: EINVAL for a clock that nobody can set; EFAULT; EINVAL for the time; EPERM.
     *
     * <p>Deviations: always EPERM, as for a process without CAP_SYS_TIME in the initial user
     * namespace.
     */
    @Syscall(
            number = 227,
            name = "clock_settime",
            support = Support.PARTIAL,
            note = "always EPERM: the clock is the host's")
    static long clockSettime(Task task, @Arg(CLOCK_ID) int clock, @Arg(TIMESPEC_IN) long time)
            throws ErrnoException {
        if (clock != CLOCK_REALTIME && !ClockId.isCpuClock(clock)) {
            throw Errno.EINVAL.exception();
        }
        TimeArgs.readTimespec(task, time);
        throw Errno.EPERM.exception();
    }

    /** The time zone is always UTC. Errors: EFAULT. */
    @Syscall(number = 96, name = "gettimeofday")
    static long gettimeofday(Task task, @Arg(TIMEVAL_OUT) long time, @Arg(POINTER) long zone)
            throws ErrnoException {
        if (time != 0) {
            byte[] b = new byte[TimeArgs.SIZE];
            TimeArgs.putTimeval(b, 0, task.realtimeNanos());
            task.memory().copyOut(time, b, 0, b.length);
        }
        if (zone != 0) {
            task.memory().zero(zone, TIMEZONE_SIZE);
        }
        return 0;
    }

    /** Always EPERM, after EFAULT and EINVAL for the time. */
    @Syscall(
            number = 164,
            name = "settimeofday",
            support = Support.PARTIAL,
            note = "always EPERM: the clock is the host's")
    static long settimeofday(Task task, @Arg(POINTER) long time, @Arg(POINTER) long zone)
            throws ErrnoException {
        if (time != 0) {
            byte[] b = new byte[TimeArgs.SIZE];
            task.memory().copyIn(time, b, 0, b.length);
            TimeArgs.timeval(b, 0);
        }
        if (zone != 0) {
            task.memory().copyIn(zone, new byte[TIMEZONE_SIZE], 0, TIMEZONE_SIZE);
        }
        throw Errno.EPERM.exception();
    }

    /** Seconds since 1970. Errors: EFAULT. */
    @Syscall(number = 201, name = "time")
    static long time(Task task, @Arg(POINTER) long result) throws ErrnoException {
        long seconds = Math.floorDiv(task.realtimeNanos(), Clocks.NANOS_PER_SECOND);
        if (result != 0) {
            task.memory().putLong(result, seconds);
        }
        return seconds;
    }
}
