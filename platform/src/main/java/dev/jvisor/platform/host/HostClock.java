// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.SentryBug;

/** clock_gettime(2) of the host. */
public final class HostClock {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** The C library's function: it answers from the host's vDSO where it can. */
    private static final long CLOCK_GETTIME = Native.symbol("clock_gettime");

    /** Linux: {@code MAKE_THREAD_CPUCLOCK(tid, CPUCLOCK_SCHED)}. */
    private static final int CPU_CLOCK_SHIFT = 3;

    private static final int CPU_CLOCK_OF_THREAD = 4 | 2;

    private HostClock() {}

    /** Returns the CPU time of a thread of this process, in nanoseconds; -1 if it is gone. */
    public static long threadNanos(int tid) {
        int clock = ~tid << CPU_CLOCK_SHIFT | CPU_CLOCK_OF_THREAD;
        NativeBuffer buffer = NativeBuffer.scratch();
        if ((int) Native.call(CLOCK_GETTIME, clock, buffer.address(), 0, 0, 0, 0) != 0) {
            return -1;
        }
        return buffer.getLong(0) * NANOS_PER_SECOND + buffer.getLong(Long.BYTES);
    }

    /**
     * Returns a clock's time, in nanoseconds.
     *
     * @param clock {@code CLOCK_*}
     */
    public static long nanos(int clock) {
        NativeBuffer buffer = NativeBuffer.scratch();
        if ((int) Native.call(CLOCK_GETTIME, clock, buffer.address(), 0, 0, 0, 0) != 0) {
            throw new SentryBug("clock_gettime clock=" + clock);
        }
        return buffer.getLong(0) * NANOS_PER_SECOND + buffer.getLong(Long.BYTES);
    }
}
