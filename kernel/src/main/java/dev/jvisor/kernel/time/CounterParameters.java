// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

/**
 * How time follows from the processor's time stamp counter, for a while. Immutable; the vDSO's data
 * page holds the same numbers.
 *
 * @param counterBase counter at the start
 * @param counterLimit last counter value they hold for
 * @param multiplier nanoseconds of a counter step times 2<sup>32</sup>
 * @param monotonicBase CLOCK_MONOTONIC at the start
 * @param realtimeOffset CLOCK_REALTIME minus CLOCK_MONOTONIC
 */
public record CounterParameters(
        long counterBase,
        long counterLimit,
        long multiplier,
        long monotonicBase,
        long realtimeOffset) {

    /** Bits behind the point of the multiplier. */
    public static final int SHIFT = 32;

    /** Whether they hold for a counter value. */
    boolean covers(long counter) {
        return Long.compareUnsigned(counter, counterBase) >= 0
                && Long.compareUnsigned(counter, counterLimit) <= 0;
    }

    /** CLOCK_MONOTONIC at a counter value not before the base. */
    long monotonicNanos(long counter) {
        long steps = counter - counterBase;
        long high = Math.unsignedMultiplyHigh(steps, multiplier);
        return monotonicBase + (high << SHIFT | steps * multiplier >>> SHIFT);
    }
}
