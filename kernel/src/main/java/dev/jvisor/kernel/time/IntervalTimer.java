// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.TimeConstants;

/**
 * One of the three timers of setitimer(2). ITIMER_REAL follows CLOCK_MONOTONIC; the other two
 * follow CPU time of the process, which nothing announces: the timer looks whether it is time when
 * it can be at the earliest, and less often while the process does not run.
 *
 * <p>Thread-safe.
 */
final class IntervalTimer extends TimerQueue.Timer {

    /** A periodic timer never fires more often (Linux waits for the signal to be taken instead). */
    private static final long PERIOD_MIN_NANOS = 50_000;

    private static final long CPU_POLL_MIN_NANOS = 4_000_000;
    private static final long CPU_POLL_MAX_NANOS = 128_000_000;

    private final ThreadGroup group;
    private final int which;
    private final int signal;

    /** In time of the clock; Long.MAX_VALUE if not armed. */
    private long expiry = Long.MAX_VALUE;

    private long interval;
    private long lastCpu;
    private long poll = CPU_POLL_MIN_NANOS;

    IntervalTimer(ThreadGroup group, int which, int signal) {
        this.group = group;
        this.which = which;
        this.signal = signal;
    }

    private TimerQueue queue() {
        return group.kernel().timerQueue();
    }

    private long now() {
        return switch (which) {
            case TimeConstants.ITIMER_VIRTUAL -> group.userNanos();
            case TimeConstants.ITIMER_PROF -> group.cpuNanos();
            default -> group.kernel().clocks().monotonicNanos();
        };
    }

    /** Nanoseconds left; 0 if not armed, at least a microsecond if it is. */
    synchronized long remaining() {
        if (expiry == Long.MAX_VALUE) {
            return 0;
        }
        return Math.max(expiry - now(), 1000);
    }

    synchronized long interval() {
        return interval;
    }

    /** Arms it for {@code value} nanoseconds from now, 0 to disarm. */
    synchronized void set(long value, long period) {
        interval = period;
        if (value == 0) {
            expiry = Long.MAX_VALUE;
            queue().cancel(this);
            return;
        }
        long now = now();
        expiry = value > Long.MAX_VALUE - 1 - now ? Long.MAX_VALUE - 1 : now + value;
        poll = CPU_POLL_MIN_NANOS;
        lastCpu = now;
        schedule(now);
    }

    private void schedule(long now) {
        long left = expiry - now;
        Clocks clocks = group.kernel().clocks();
        if (which == TimeConstants.ITIMER_REAL) {
            queue().schedule(this, expiry);
        } else {
            long soonest = left / Math.max(1, group.tasks().length);
            queue().schedule(this, clocks.deadlineAfter(Math.max(soonest, poll)));
        }
    }

    @Override
    protected void expired() {
        boolean fire;
        synchronized (this) {
            if (expiry == Long.MAX_VALUE || group.isExiting()) {
                return;
            }
            long now = now();
            fire = expiry <= now;
            if (fire) {
                expiry = interval == 0 ? Long.MAX_VALUE : next(now);
            }
            boolean idle = now == lastCpu;
            poll = idle ? Math.min(poll * 2, CPU_POLL_MAX_NANOS) : CPU_POLL_MIN_NANOS;
            lastCpu = now;
            if (expiry != Long.MAX_VALUE) {
                schedule(now);
            }
        }
        if (fire) {
            Signals.sendToGroup(group, SigInfo.kernel(signal));
        }
    }

    private long next(long now) {
        long period = Math.max(interval, PERIOD_MIN_NANOS);
        return expiry + ((now - expiry) / period + 1) * period;
    }
}
