// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.wait;

import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

/**
 * Waiters for events of one object (Linux: {@code wait_queue_head_t}).
 *
 * <p>Use: add an entry, check the condition, sleep, remove the entry. {@link #notify} after the
 * condition changed; an entry added before the check cannot miss it. Thread-safe; a leaf in the
 * lock order.
 */
public final class WaitQueue {

    private static final int ALWAYS = Poll.POLLERR | Poll.POLLHUP;

    /** One waiter on one queue. Reusable after removal. */
    public abstract static class Entry {
        /** Events ({@code POLL*} bits) this entry is called for. */
        public int mask;

        @Nullable
        WaitQueue queue;

        @Nullable
        Entry next;

        @Nullable
        Entry previous;

        /**
         * Called with the queue locked: must not block and must not touch this or any queue that
         * can lead back here. Wake-ups of tasks, and notifying the queue of an epoll instance (they
         * do not form circles), are fine.
         *
         * @param events what happened
         */
        protected abstract void wake(int events);

        /** Whether it is on a queue. */
        public final boolean isQueued() {
            return queue != null;
        }
    }

    /** Written with the monitor held; read without it to see that nobody waits. */
    private volatile @Nullable Entry first;

    private @Nullable Entry last;

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
        Entry before = entry.previous;
        Entry after = entry.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        entry.queue = null;
        entry.next = null;
        entry.previous = null;
    }

    /**
     * Calls every entry whose mask has one of the events (POLLERR and POLLHUP always count). Costs
     * one look if nobody waits: who waits added itself before it checked the condition that has
     * changed now.
     */
    public void notify(int events) {
        if (first != null) {
            notifyAll(events);
        }
    }

    private synchronized void notifyAll(int events) {
        for (Entry e = first; e != null; ) {
            Entry following = e.next; // an entry may take itself off
            if (((e.mask | ALWAYS) & events) != 0) {
                e.wake(events);
            }
            e = following;
        }
    }

    /** Whether nobody waits. */
    public boolean isEmpty() {
        return first == null;
    }
}
