// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/** A clock that goes on when a test says so, with timers and other things to come. */
public final class VirtualTime implements NetTimers {

    private record Event(long when, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return when != other.when
                    ? Long.compare(when, other.when)
                    : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Map<NetTimer, Long> armed = new HashMap<>();
    private long now = 1_000_000_000_000L;
    private long count;

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public long realtimeNanos() {
        return now;
    }

    @Override
    public void schedule(NetTimer timer, long deadlineNanos) {
        armed.put(timer, deadlineNanos);
        at(deadlineNanos, () -> {
            Long wanted = armed.get(timer);
            if (wanted != null && wanted == deadlineNanos) {
                armed.remove(timer);
                timer.fire();
            }
        });
    }

    /** Something that happens at a time. */
    public void at(long when, Runnable action) {
        events.add(new Event(Math.max(when, now), count++, action));
    }

    /** Goes to the next thing that happens; false if there is none within the time. */
    public boolean step(long withinNanos) {
        Event next = events.peek();
        if (next == null || next.when - now > withinNanos) {
            now += next == null ? 0 : withinNanos;
            return false;
        }
        events.poll();
        now = next.when;
        next.action.run();
        return true;
    }
}
