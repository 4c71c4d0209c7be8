// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

/** The clock and timers that the stack runs on; implemented by the kernel. */
public interface NetTimers {

    /** CLOCK_MONOTONIC, nanoseconds. */
    long nanoTime();

    /** CLOCK_REALTIME, nanoseconds since 1970. */
    long realtimeNanos();

    /**
     * Arms a timer, again if it is armed: {@link NetTimer#fire} is called once, on a thread of the
     * kernel without locks.
     *
     * @param deadlineNanos as {@link #nanoTime} counts
     */
    void schedule(NetTimer timer, long deadlineNanos);
}
