// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import dev.jvisor.platform.abi.TimeConstants;
import dev.jvisor.platform.host.HostClock;
import dev.jvisor.platform.host.HostTsc;

import org.jspecify.annotations.Nullable;

/**
 * The sandbox's clocks: those of the host, to within a microsecond.
 *
 * <p>Where the host keeps time by the processor's time stamp counter, time is computed from that
 * counter here and in the vDSO with the same numbers, so that a guest that reads clocks both ways
 * never sees time run back. The numbers hold for a second at most; who finds them expired (a guest
 * by way of the system call) makes new ones. Nothing happens while nobody asks. Elsewhere the
 * host's clock is asked each time.
 *
 * <p>Every deadline in the Sentry is CLOCK_MONOTONIC in nanoseconds. Thread-safe.
 */
public final class Clocks {

    /** Nanoseconds of a second. */
    public static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Resolution of the clocks with a tick, 4 ms (CONFIG_HZ=250). */
    public static final long COARSE_RESOLUTION_NANOS = 4_000_000;

    /** Sees new parameters. */
    public interface Listener {
        /** New parameters are in force; null: there are none, the host has to be asked. */
        void changed(@Nullable CounterParameters parameters);
    }

    private final boolean useCounter;
    private final CounterCalibration calibration = new CounterCalibration();
    private volatile @Nullable CounterParameters parameters;
    private @Nullable Listener listener;

    /** Clocks that use the counter if the host does. */
    public Clocks() {
        this(HostTsc.isClockSource());
    }

    Clocks(boolean useCounter) {
        this.useCounter = useCounter;
        if (useCounter) {
            refresh(); // the start of the baseline
        }
    }

    /** Sets who is told of new parameters: the vDSO's data page. */
    public synchronized void setListener(Listener listener) {
        this.listener = listener;
        listener.changed(parameters);
    }

    /** CLOCK_MONOTONIC, nanoseconds; the time base of every deadline. */
    public long monotonicNanos() {
        if (!useCounter) {
            return System.nanoTime(); // is clock_gettime(CLOCK_MONOTONIC) in HotSpot on Linux
        }
        CounterParameters p = parameters;
        if (p != null) {
            long counter = HostTsc.read();
            if (p.covers(counter)) {
                return p.monotonicNanos(counter);
            }
        }
        return refresh();
    }

    /** Makes new parameters if the ones in force have expired; returns the time. */
    private synchronized long refresh() {
        HostTsc.Sample sample = HostTsc.sample();
        CounterParameters p = parameters;
        if (p == null || !p.covers(sample.counter)) {
            p = calibration.update(
                    sample.counter, sample.monotonicNanos, sample.realtimeOffsetNanos);
            parameters = p;
            Listener l = listener;
            if (l != null) {
                l.changed(p);
            }
        }
        return p == null
                ? Math.max(sample.monotonicNanos, calibration.floorNanos())
                : p.monotonicNanos(sample.counter);
    }

    /** CLOCK_REALTIME, nanoseconds since 1970. */
    public long realtimeNanos() {
        if (useCounter) {
            long monotonic = monotonicNanos();
            CounterParameters p = parameters;
            if (p != null) {
                return monotonic + p.realtimeOffset();
            }
        }
        return HostClock.nanos(TimeConstants.CLOCK_REALTIME);
    }

    /** CLOCK_BOOTTIME, nanoseconds. */
    public long boottimeNanos() {
        return HostClock.nanos(TimeConstants.CLOCK_BOOTTIME);
    }

    /** Deadline {@code nanos} from now; Long.MAX_VALUE if that is out of range. */
    public long deadlineAfter(long nanos) {
        long deadline = monotonicNanos() + nanos;
        return deadline < 0 ? Long.MAX_VALUE : deadline;
    }

    /** What to add to CLOCK_REALTIME to get CLOCK_MONOTONIC, for absolute deadlines. */
    public long realtimeToMonotonicNanos() {
        return monotonicNanos() - realtimeNanos();
    }
}
