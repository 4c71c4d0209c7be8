// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import static dev.jvisor.platform.abi.TimeConstants.CLOCK_BOOTTIME;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_BOOTTIME_ALARM;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_MONOTONIC;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_MONOTONIC_COARSE;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_MONOTONIC_RAW;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_PROCESS_CPUTIME_ID;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME_ALARM;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME_COARSE;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_TAI;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_THREAD_CPUTIME_ID;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * What a {@code clockid_t} names (Linux: kernel/time/posix-timers.c and posix-cpu-timers.c). A
 * negative one is the CPU clock of a process or thread: {@code ~pid << 3 | CPUCLOCK_PERTHREAD (4) |
 * which}.
 */
public final class ClockId {

    private static final int CPUCLOCK_WHICH_MASK = 3;
    private static final int CPUCLOCK_PERTHREAD = 4;
    private static final int CPUCLOCK_VIRT = 1;
    private static final int CPUCLOCK_SCHED = 2;

    private ClockId() {}

    /** Reads a clock, in nanoseconds. EINVAL for one there is not. */
    public static long read(Task task, int clock) throws ErrnoException {
        Clocks clocks = task.kernel().clocks();
        return switch (clock) {
            case CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI -> clocks.realtimeNanos();
            case CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE ->
                clocks.monotonicNanos();
            case CLOCK_BOOTTIME -> clocks.boottimeNanos();
            case CLOCK_PROCESS_CPUTIME_ID -> task.threadGroup().cpuNanos();
            case CLOCK_THREAD_CPUTIME_ID -> task.cpu().nanos();
            default -> cpuNanos(task, clock);
        };
    }

    /** Whether it measures CPU time. */
    public static boolean isCpuClock(int clock) {
        return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
    }

    /** Whether a clock follows CLOCK_REALTIME. */
    public static boolean isRealtime(int clock) {
        return clock == CLOCK_REALTIME || clock == CLOCK_TAI || clock == CLOCK_REALTIME_ALARM;
    }

    /** What a CPU clock id other than the two constants says. EINVAL. */
    private static long cpuNanos(Task task, int clock) throws ErrnoException {
        if (clock >= 0) {
            throw Errno.EINVAL.exception();
        }
        int which = clock & CPUCLOCK_WHICH_MASK;
        int id = ~(clock >> 3);
        if (which > CPUCLOCK_SCHED) {
            throw Errno.EINVAL.exception(); // CLOCKFD: no such devices
        }
        if ((clock & CPUCLOCK_PERTHREAD) != 0) {
            Task target = id == 0 ? task : task.pids().task(id);
            if (target == null || target.threadGroup() != task.threadGroup()) {
                throw Errno.EINVAL.exception();
            }
            return which == CPUCLOCK_VIRT
                    ? target.cpu().userNanos()
                    : target.cpu().nanos();
        }
        ThreadGroup group = id == 0 ? task.threadGroup() : task.pids().threadGroup(id);
        if (group == null) {
            throw Errno.EINVAL.exception();
        }
        return which == CPUCLOCK_VIRT ? group.userNanos() : group.cpuNanos();
    }

    /** Resolution in nanoseconds. EINVAL for a clock there is not. */
    public static long resolution(Task task, int clock) throws ErrnoException {
        return switch (clock) {
            case CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE -> Clocks.COARSE_RESOLUTION_NANOS;
            case CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM -> throw Errno.EINVAL.exception();
            default -> {
                read(task, clock);
                boolean ticks = clock < 0 && (clock & CPUCLOCK_WHICH_MASK) != CPUCLOCK_SCHED;
                yield ticks ? Clocks.COARSE_RESOLUTION_NANOS : 1;
            }
        };
    }
}
