// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.wait;

/**
 * Waiters for events of one object (Linux: {@code wait_queue_head_t}).
 *
 * <p>Use: add an entry, check the condition, sleep, remove the entry. {@link #notify} after the condition
 * changed; an entry added before the check cannot miss it. Thread-safe; a leaf in the lock order.
 */
public final class WaitQueue {

    /** One waiter on one queue. Reusable after removal. */
    public abstract static class Entry {
        /** Events ({@code POLL*} bits) this entry is called for. */
        public int mask;

        WaitQueue queue;
        Entry next;
        Entry previous;

        /**
         * Called with the queue locked: must not block and must not touch any queue. Wake-ups of tasks and
         * marking an epoll item ready are fine.
         *
         * @param events what happened
         */
        protected abstract void wake(int events);

        /** Whether it is on a queue. */
        public final boolean isQueued() {
            return queue != null;
        }
    }

    private Entry first;
    private Entry last;

    /** Appends an entry. */
    public synchronized void add(Entry entry) {
        if (entry.queue != null) {
            throw new IllegalStateException("already queued");
        }
        entry.queue = this;
        entry.previous = last;
        entry.next = null;
        if (last == null) {
            first = entry;
        } else {
            last.next = entry;
        }
        last = entry;
    }

    /** Removes an entry if it is on this queue. */
    public synchronized void remove(Entry entry) {
        if (entry.queue != this) {
            return;
        }
        if (entry.previous == null) {
            first = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next == null) {
            last = entry.previous;
        } else {
            entry.next.previous = entry.previous;
        }
        entry.queue = null;
        entry.next = null;
        entry.previous = null;
    }

    /** Calls every entry whose mask has one of the events (POLLERR and POLLHUP always count). */
    public synchronized void notify(int events) {
        for (Entry e = first; e != null; e = e.next) {
            if ((e.mask & events) != 0) {
                e.wake(events);
            }
        }
    }

    /** Whether nobody waits. */
    public synchronized boolean isEmpty() {
        return first == null;
    }
}
