// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import static dev.jvisor.platform.abi.TimeConstants.SIGEV_NONE;

import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/**
 * A timer of timer_create(2) (Linux: {@code struct k_itimer}). It has at most one signal queued:
 * while that waits, a periodic timer rests, and taking the signal counts the periods missed and
 * arms it again.
 *
 * <p>Locks: its monitor is taken under the signal lock (a signal is taken) and takes only the timer
 * queue's; signals are sent without it.
 */
public final class PosixTimer extends TimerQueue.Timer implements SigInfo.Source {

    /** DELAYTIMER_MAX. */
    private static final int OVERRUN_MAX = Integer.MAX_VALUE;

    private static final long PERIOD_MIN_NANOS = 50_000;
    private static final long CPU_POLL_MIN_NANOS = 4_000_000;

    private final ThreadGroup group;
    private final int id;
    private final int clock;
    private final int notify;
    private final int signal;
    private final @Nullable Task thread;
    private final long value;

    /** In time of the clock; Long.MAX_VALUE if not armed. */
    private long expiry = Long.MAX_VALUE;

    private long interval;
    private boolean queued;
    private int overrun;

    /** Counts settings, so that a signal of an older one does not arm it. */
    private int setting;

    PosixTimer(
            ThreadGroup group,
            int id,
            int clock,
            int notify,
            int signal,
            @Nullable Task thread,
            long value) {
        this.group = group;
        this.id = id;
        this.clock = clock;
        this.notify = notify;
        this.signal = signal;
        this.thread = thread;
        this.value = value;
    }

    private long now() {
        try {
            return ClockId.read(thread != null ? thread : group.leader(), clock);
        } catch (ErrnoException gone) {
            return 0; // the CPU clock of a process that has ended stands still
        }
    }

    /** Nanoseconds left; 0 if not armed. */
    public synchronized long remaining() {
        if (expiry == Long.MAX_VALUE) {
            return 0;
        }
        long now = now();
        if (expiry <= now && interval > 0) {
            long missed = (now - expiry) / interval + 1;
            return expiry + missed * interval - now;
        }
        return expiry <= now ? (notify == SIGEV_NONE ? 0 : 1) : expiry - now;
    }

    public synchronized long interval() {
        return interval;
    }

    /** Overruns of the last signal that was taken. */
    public synchronized int overrun() {
        return overrun;
    }

    /**
     * Arms or (0) disarms it.
     *
     * @param absolute whether {@code nanos} is a time of the clock
     */
    public synchronized void set(long nanos, long period, boolean absolute) {
        setting++;
        overrun = 0;
        queued = false;
        interval = period;
        group.kernel().timerQueue().cancel(this);
        if (nanos == 0) {
            expiry = Long.MAX_VALUE;
            return;
        }
        long now = now();
        if (absolute) {
            expiry = Math.min(nanos, Long.MAX_VALUE - 1);
        } else {
            expiry = nanos > Long.MAX_VALUE - 1 - now ? Long.MAX_VALUE - 1 : now + nanos;
        }
        schedule(now);
    }

    synchronized void disarm() {
        set(0, 0, false);
    }

    private void schedule(long now) {
        if (notify == SIGEV_NONE) {
            return;
        }
        long left = expiry - now;
        if (ClockId.isCpuClock(clock)) {
            left = Math.max(left / Math.max(1, group.tasks().length), CPU_POLL_MIN_NANOS);
        }
        Clocks clocks = group.kernel().clocks();
        group.kernel().timerQueue().schedule(this, clocks.deadlineAfter(Math.max(left, 0)));
    }

    @Override
    protected void expired() {
        SigInfo info;
        synchronized (this) {
            if (expiry == Long.MAX_VALUE || queued || group.isExiting()) {
                return;
            }
            long now = now();
            if (expiry > now) {
                schedule(now);
                return;
            }
            queued = true;
            info = SigInfo.timer(signal, id, 0, value, this, setting);
            if (interval == 0) {
                expiry = Long.MAX_VALUE;
            }
        }
        boolean sent = Signals.sendTimer(group, thread, info);
        if (!sent) {
            dropped();
        }
    }

    /** Nobody will take the signal: it is ignored. */
    private synchronized void dropped() {
        queued = false;
        if (expiry != Long.MAX_VALUE) {
            long now = now();
            advance(now);
            schedule(now);
        }
    }

    /** Moves a periodic expiry behind now; returns the periods that were missed. */
    private long advance(long now) {
        long period = Math.max(interval, PERIOD_MIN_NANOS);
        long periods = expiry > now ? 1 : (now - expiry) / period + 1;
        expiry += periods * period;
        return (periods - 1) * (period / interval);
    }

    /** The signal is taken (or dropped from a queue). */
    @Override
    public synchronized int taken(int signalSetting) {
        if (signalSetting != setting) {
            return 0;
        }
        queued = false;
        overrun = 0;
        if (expiry != Long.MAX_VALUE && interval > 0) {
            long now = now();
            overrun = (int) Math.min(advance(now), OVERRUN_MAX);
            schedule(now);
        }
        return overrun;
    }
}
