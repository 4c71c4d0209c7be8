// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.interval;

/**
 * A half-open interval that an {@link IntervalSet} holds.
 *
 * <p>The owner may move {@link #start} and {@link #end} of a member as long as the members' order
 * stays as it is and none overlap.
 */
public class Interval {

    /** First value in the interval. */
    public long start;

    /** First value behind the interval. */
    public long end;

    protected Interval(long start, long end) {
        this.start = start;
        this.end = end;
    }

    /** Returns how many values the interval has. */
    public final long length() {
        return end - start;
    }
}
