// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import static dev.jvisor.platform.abi.Signals.SIGALRM;
import static dev.jvisor.platform.abi.Signals.SIGPROF;
import static dev.jvisor.platform.abi.Signals.SIGVTALRM;
import static dev.jvisor.platform.abi.TimeConstants.ITIMER_PROF;
import static dev.jvisor.platform.abi.TimeConstants.ITIMER_REAL;

import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** Interval and POSIX timers of a process; made when first used. Thread-safe. */
public final class ProcessTimers {

    private static final int[] SIGNALS = {SIGALRM, SIGVTALRM, SIGPROF};

    private final ThreadGroup group;
    private final @Nullable IntervalTimer[] intervals = new @Nullable IntervalTimer[SIGNALS.length];
    private @Nullable PosixTimers posix;

    public ProcessTimers(ThreadGroup group) {
        this.group = group;
    }

    private synchronized IntervalTimer interval(int which) throws ErrnoException {
        if (which < ITIMER_REAL || which > ITIMER_PROF) {
            throw Errno.EINVAL.exception();
        }
        IntervalTimer timer = intervals[which];
        if (timer == null) {
            timer = new IntervalTimer(group, which, SIGNALS[which]);
            intervals[which] = timer;
        }
        return timer;
    }

    /** What is left of an interval timer, in nanoseconds; 0 if it is not armed. EINVAL. */
    public long remaining(int which) throws ErrnoException {
        return interval(which).remaining();
    }

    /** The period of an interval timer, in nanoseconds. EINVAL. */
    public long period(int which) throws ErrnoException {
        return interval(which).interval();
    }

    /** Arms an interval timer, or with 0 disarms it. EINVAL. */
    public void set(int which, long nanos, long periodNanos) throws ErrnoException {
        interval(which).set(nanos, periodNanos);
    }

    /** The timers of timer_create(2). */
    public synchronized PosixTimers posix() {
        PosixTimers p = posix;
        if (p == null) {
            p = new PosixTimers(group);
            posix = p;
        }
        return p;
    }

    /** Disarms all; when the process exits. */
    public void onExit() {
        onExec();
        synchronized (this) {
            for (IntervalTimer t : intervals) {
                if (t != null) {
                    t.set(0, 0);
                }
            }
        }
    }

    /** POSIX timers go, interval timers stay. */
    public void onExec() {
        PosixTimers p;
        synchronized (this) {
            p = posix;
            posix = null;
        }
        if (p != null) {
            p.deleteAll();
        }
    }
}
