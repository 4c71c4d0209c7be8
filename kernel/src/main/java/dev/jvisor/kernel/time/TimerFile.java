// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import static dev.jvisor.platform.abi.TimeConstants.CLOCK_BOOTTIME;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_BOOTTIME_ALARM;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_MONOTONIC;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME_ALARM;

import dev.jvisor.fs.anon.AnonInodes;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Poll;

/**
 * timerfd_create(2): a timer to wait for. A periodic one rests from an expiry until somebody asks;
 * the periods since are counted then, so that a short period costs nothing while nobody looks.
 */
public final class TimerFile extends FileDescription {

    private static final long NEVER = Long.MAX_VALUE;

    private final Kernel kernel;
    private final int clock;
    private final WaitQueue queue = new WaitQueue();
    private final Alarm alarm = new Alarm();

    // Guarded by alarm. Times are of the clock.
    private long expiry = NEVER;
    private long interval;
    private long ticks;

    /** Whether it expired since the last settle: a periodic timer is not in the queue then. */
    private boolean expired;

    private final class Alarm extends TimerQueue.Timer {
        @Override
        protected void expired() {
            synchronized (alarm) {
                if (expiry == NEVER) {
                    return;
                }
                long now = now();
                if (expiry > now) {
                    arm(now); // the wall clock was set back
                    return;
                }
                expired = true;
                ticks++;
            }
            queue.notify(Poll.POLLIN | Poll.POLLRDNORM);
        }
    }

    private TimerFile(Kernel kernel, int clock, boolean nonBlocking) {
        super(AnonInodes.place("[timerfd]"), Fcntl.O_RDWR | (nonBlocking ? Fcntl.O_NONBLOCK : 0));
        this.kernel = kernel;
        this.clock = clock;
    }

    /** Makes one that is not armed. EINVAL for a clock that has no such timers. */
    public static TimerFile create(Kernel kernel, int clock, boolean nonBlocking)
            throws ErrnoException {
        switch (clock) {
            case CLOCK_REALTIME,
                    CLOCK_MONOTONIC,
                    CLOCK_BOOTTIME,
                    CLOCK_REALTIME_ALARM,
                    CLOCK_BOOTTIME_ALARM -> {}
            default -> throw Errno.EINVAL.exception();
        }
        return new TimerFile(kernel, clock, nonBlocking);
    }

    private long now() {
        Clocks clocks = kernel.clocks();
        return switch (clock) {
            case CLOCK_REALTIME, CLOCK_REALTIME_ALARM -> clocks.realtimeNanos();
            case CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM -> clocks.boottimeNanos();
            default -> clocks.monotonicNanos();
        };
    }

    private void arm(long now) {
        long left = Math.max(expiry - now, 0);
        kernel.timerQueue().schedule(alarm, kernel.clocks().deadlineAfter(left));
    }

    /** Counts the periods since the expiry and arms a periodic timer again. */
    private void settle(long now) {
        if (!expired) {
            return;
        }
        expired = false;
        if (interval == 0) {
            expiry = NEVER;
            return;
        }
        long missed = (now - expiry) / interval;
        ticks += missed;
        expiry += (missed + 1) * interval;
        arm(now);
    }

    /**
     * Arms or (0) disarms it; expirations so far are forgotten.
     *
     * @param absolute whether {@code nanos} is a time of the clock
     */
    public void set(long nanos, long period, boolean absolute) {
        synchronized (alarm) {
            kernel.timerQueue().cancel(alarm);
            ticks = 0;
            expired = false;
            interval = period;
            if (nanos == 0) {
                expiry = NEVER;
                return;
            }
            long now = now();
            if (absolute) {
                expiry = Math.min(nanos, NEVER - 1);
            } else {
                expiry = nanos > NEVER - 1 - now ? NEVER - 1 : now + nanos;
            }
            arm(now);
        }
    }

    /** Nanoseconds until the next expiry; 0 if it is not armed. */
    public long remaining() {
        synchronized (alarm) {
            long now = now();
            settle(now);
            return expiry == NEVER ? 0 : Math.max(expiry - now, 1);
        }
    }

    /** The period, in nanoseconds. */
    public long period() {
        synchronized (alarm) {
            return interval;
        }
    }

    @Override
    public Inode inode() {
        return AnonInodes.inode();
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        if (destination.remaining() < Long.BYTES) {
            throw Errno.EINVAL.exception();
        }
        byte[] bytes = new byte[Long.BYTES];
        synchronized (alarm) {
            if (ticks == 0) {
                throw Errno.EAGAIN.exception();
            }
            settle(now());
            LittleEndian.putLong(bytes, 0, ticks);
            ticks = 0;
        }
        if (destination.copyTo(bytes, 0, Long.BYTES) < Long.BYTES) {
            throw Errno.EFAULT.exception();
        }
        return Long.BYTES;
    }

    @Override
    public int poll() {
        synchronized (alarm) {
            return ticks != 0 ? Poll.POLLIN | Poll.POLLRDNORM : 0;
        }
    }

    /** Accepted without effect (Linux: noop_llseek). */
    @Override
    public long seek(CallContext context, long offset, int whence) {
        return 0;
    }

    @Override
    public WaitQueue waitQueue() {
        return queue;
    }

    @Override
    protected void onRelease() {
        set(0, 0, false);
    }
}
