// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import dev.jvisor.platform.abi.TimeConstants;
import dev.jvisor.platform.host.HostClock;

/**
 * The sandbox's clocks. They are the host's: a guest sees the same time as a native program.
 *
 * <p>Every deadline in the Sentry is CLOCK_MONOTONIC in nanoseconds.
 */
public final class Clocks {

    /** Nanoseconds of a second. */
    public static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Resolution of the clocks with a tick, 4 ms (CONFIG_HZ=250). */
    public static final long COARSE_RESOLUTION_NANOS = 4_000_000;

    /** CLOCK_REALTIME, nanoseconds since 1970. */
    public long realtimeNanos() {
        return HostClock.nanos(TimeConstants.CLOCK_REALTIME);
    }

    /** CLOCK_MONOTONIC, nanoseconds; the time base of every deadline. */
    public long monotonicNanos() {
        return System.nanoTime(); // is clock_gettime(CLOCK_MONOTONIC) in HotSpot on Linux
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
