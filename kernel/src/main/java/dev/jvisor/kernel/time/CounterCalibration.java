// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import org.jspecify.annotations.Nullable;

/**
 * Learns from samples of counter and host clock how time follows from the counter.
 *
 * <p>The rate comes from the longest baseline at hand, up to {@link #BASELINE_MAX_NANOS};
 * parameters hold for a few times the baseline, up to {@link #VALIDITY_MAX_NANOS}, so that the
 * error of the rate cannot grow beyond a few times that of one sample. New parameters never make
 * time go back: where the old ones ran ahead of the host, the new start there and lose the
 * difference over their validity.
 *
 * <p>Not thread-safe; see ADR 6 (vDSO clock).
 */
final class CounterCalibration {

    static final long BASELINE_MIN_NANOS = 5_000_000;
    static final long BASELINE_MAX_NANOS = 16_000_000_000L;
    static final long VALIDITY_MAX_NANOS = 1_000_000_000L;

    private static final int VALIDITY_PER_BASELINE = 4;

    /** Differences of realtime offsets below this are noise of the samples. */
    private static final long OFFSET_NOISE_NANOS = 2_000;

    /**
     * A rate that differs by more than this part from the last one is a break (suspend, migration).
     */
    private static final double RATE_JUMP = 1e-3;

    /** Time is never slowed by more than this part. */
    private static final double SLEW_MAX = 5e-4;

    private static final double UNIT = (double) (1L << CounterParameters.SHIFT);

    private boolean started;
    private long baseCounter;
    private long baseNanos;
    private long nextCounter;
    private long nextNanos;
    private double rate;
    private @Nullable CounterParameters current;
    private long floorNanos = Long.MIN_VALUE;

    /** The parameters in force, or null while there are none. */
    @Nullable
    CounterParameters current() {
        return current;
    }

    /** Time that was given out last at most; what the clock says must not be below. */
    long floorNanos() {
        return floorNanos;
    }

    /**
     * Takes a sample; called when the current parameters do not cover its counter value.
     *
     * @return the new parameters, or null if there is no good baseline yet: the host's clock has to
     *     be asked
     */
    @Nullable
    CounterParameters update(long counter, long monotonicNanos, long realtimeOffset) {
        CounterParameters old = current;
        if (old != null) {
            long last = Long.compareUnsigned(counter, old.counterLimit()) < 0
                    ? counter
                    : old.counterLimit();
            if (Long.compareUnsigned(last, old.counterBase()) >= 0) {
                floorNanos = Math.max(floorNanos, old.monotonicNanos(last));
            }
        }
        long steps = counter - baseCounter;
        long elapsed = monotonicNanos - baseNanos;
        if (!started || steps <= 0 || elapsed < 0) {
            return restart(counter, monotonicNanos);
        }
        if (elapsed < BASELINE_MIN_NANOS) {
            return null;
        }
        double measured = elapsed * UNIT / steps;
        if (rate != 0 && Math.abs(measured - rate) > rate * RATE_JUMP) {
            return restart(counter, monotonicNanos);
        }
        rate = measured;
        current = parameters(counter, monotonicNanos, realtimeOffset, elapsed, old);
        if (monotonicNanos - nextNanos >= BASELINE_MAX_NANOS / 2) {
            baseCounter = nextCounter;
            baseNanos = nextNanos;
            nextCounter = counter;
            nextNanos = monotonicNanos;
        }
        return current;
    }

    private @Nullable CounterParameters restart(long counter, long monotonicNanos) {
        started = true;
        baseCounter = counter;
        baseNanos = monotonicNanos;
        nextCounter = counter;
        nextNanos = monotonicNanos;
        rate = 0;
        current = null;
        return null;
    }

    private CounterParameters parameters(
            long counter,
            long monotonicNanos,
            long realtimeOffset,
            long elapsed,
            @Nullable CounterParameters old) {
        long validity = Math.min(elapsed * VALIDITY_PER_BASELINE, VALIDITY_MAX_NANOS);
        long start = Math.max(monotonicNanos, floorNanos);
        double slowed = rate;
        if (start > monotonicNanos) {
            double part = Math.min((double) (start - monotonicNanos) / validity, SLEW_MAX);
            slowed = rate * (1 - part);
        }
        long offset = realtimeOffset;
        if (old != null && Math.abs(offset - old.realtimeOffset()) < OFFSET_NOISE_NANOS) {
            offset = old.realtimeOffset();
        }
        long limit = counter + (long) (validity * UNIT / rate);
        return new CounterParameters(counter, limit, Math.round(slowed), start, offset);
    }
}
