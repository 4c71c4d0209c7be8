// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import dev.jvisor.net.inet.core.NetTimer;
import dev.jvisor.net.inet.core.NetTimers;

/** The network's timers, on the kernel's queue. */
public final class KernelNetTimers implements NetTimers {

    private final Clocks clocks;
    private final TimerQueue queue;

    public KernelNetTimers(Clocks clocks, TimerQueue queue) {
        this.clocks = clocks;
        this.queue = queue;
    }

    @Override
    public long nanoTime() {
        return clocks.monotonicNanos();
    }

    @Override
    public long realtimeNanos() {
        return clocks.realtimeNanos();
    }

    @Override
    public void schedule(NetTimer timer, long deadlineNanos) {
        // A timer is only ever scheduled with its owner's lock.
        TimerQueue.Timer t = (TimerQueue.Timer) timer.handle;
        if (t == null) {
            t = new TimerQueue.Timer() {
                @Override
                protected void expired() {
                    timer.fire();
                }
            };
            timer.handle = t;
        }
        queue.schedule(t, deadlineNanos);
    }
}
