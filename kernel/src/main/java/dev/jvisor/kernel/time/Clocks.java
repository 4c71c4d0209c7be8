// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

/** The sandbox's clocks. Skeleton. */
public final class Clocks {

    /** CLOCK_REALTIME, nanoseconds since 1970. */
    public long realtimeNanos() {
        throw new UnsupportedOperationException();
    }

    /** CLOCK_MONOTONIC, nanoseconds; the time base of every deadline. */
    public long monotonicNanos() {
        throw new UnsupportedOperationException();
    }
}
