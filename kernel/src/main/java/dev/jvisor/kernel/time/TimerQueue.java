// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

/** Timers of a kernel. Skeleton. */
public final class TimerQueue {

    public TimerQueue(Clocks clocks) {}

    /** Ends the timer thread. */
    public void close() {}
}
