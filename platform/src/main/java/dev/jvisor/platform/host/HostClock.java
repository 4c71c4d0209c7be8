// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.SentryBug;

/** clock_gettime(2) of the host. */
public final class HostClock {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private HostClock() {}

    /**
     * Returns a clock's time, in nanoseconds.
     *
     * @param clock {@code CLOCK_*}, or a CPU clock of a thread or process of the host
     */
    public static long nanos(int clock) {
        NativeBuffer buffer = NativeBuffer.scratch();
        long result = Host.syscall(Sys.CLOCK_GETTIME, clock, buffer.address(), 0);
        if (result != 0) {
            throw new SentryBug("clock_gettime clock=" + clock + " result=" + result);
        }
        return buffer.getLong(0) * NANOS_PER_SECOND + buffer.getLong(Long.BYTES);
    }
}
