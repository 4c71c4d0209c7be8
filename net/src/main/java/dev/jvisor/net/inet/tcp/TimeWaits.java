// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.net.inet.core.NetTimer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The connections in TIME_WAIT: a queue, as all stay there for the same time. The monitor guards
 * it; the tables of the protocol are called without it.
 */
final class TimeWaits {

    private static final long TIME_NANOS = 60_000_000_000L;

    private final TcpProtocol protocol;
    private final ArrayDeque<TimeWait> queue = new ArrayDeque<>();
    private int count;
    private final NetTimer timer;

    TimeWaits(TcpProtocol protocol) {
        this.protocol = protocol;
        this.timer = new NetTimer(protocol.stack().timers()) {
            @Override
            public void fire() {
                expire();
            }

            @Override
            protected void expired() {}
        };
    }

    /** Adds one; false if there are too many. */
    synchronized boolean add(TimeWait rest) {
        if (count >= protocol.stack().settings().tcpMaxTimeWaits) {
            return false;
        }
        rest.endNanos = protocol.stack().timers().nanoTime() + TIME_NANOS;
        queue.add(rest);
        count++;
        if (!timer.isSet()) {
            timer.set(rest.endNanos);
        }
        return true;
    }

    synchronized int count() {
        return count;
    }

    /** Ends one before its time. */
    void end(TimeWait rest) {
        synchronized (this) {
            if (rest.isGone) {
                return;
            }
            rest.isGone = true;
            count--;
        }
        forget(rest);
    }

    private void forget(TimeWait rest) {
        protocol.removeConnection(rest.tuple(), rest);
        protocol.ports().release(rest, rest.tuple().localPort());
    }

    private void expire() {
        List<TimeWait> over = new ArrayList<>();
        synchronized (this) {
            long now = protocol.stack().timers().nanoTime();
            for (TimeWait t = queue.peek(); t != null; t = queue.peek()) {
                if (!t.isGone && t.endNanos - now > 0) {
                    break;
                }
                queue.poll();
                if (!t.isGone) {
                    t.isGone = true;
                    count--;
                    over.add(t);
                }
            }
            TimeWait first = queue.peek();
            timer.clear();
            timer.look();
            if (first != null) {
                timer.set(first.endNanos);
            }
        }
        for (TimeWait t : over) {
            forget(t);
        }
    }

    /** All of them. */
    synchronized List<TimeWait> list() {
        List<TimeWait> all = new ArrayList<>();
        for (TimeWait t : queue) {
            if (!t.isGone) {
                all.add(t);
            }
        }
        return all;
    }
}
