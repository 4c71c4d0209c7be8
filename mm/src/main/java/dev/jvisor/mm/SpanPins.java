// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * The memory that host calls are working on, pinned by {@link GuestIovIter#spanAddress}. One per
 * memory.
 *
 * <p>A pin is a reference of its own on the pages, so an unmap of another thread does not free
 * them. It ends with the next call on its iterator; a caller that just drops the iterator loses
 * nothing but time: the pin ends when the same thread makes its next iterator here, or with the
 * memory. Guarded by this; a leaf lock.
 */
final class SpanPins {

    private final UserCopy userCopy;
    private @Nullable GuestIovIter[] pinned = new GuestIovIter[4];
    private @Nullable Thread[] threads = new Thread[4];
    private volatile int count;

    SpanPins(UserCopy userCopy) {
        this.userCopy = userCopy;
    }

    synchronized void add(GuestIovIter iterator) {
        int n = count;
        if (n == pinned.length) {
            pinned = Arrays.copyOf(pinned, n * 2);
            threads = Arrays.copyOf(threads, n * 2);
        }
        pinned[n] = iterator;
        threads[n] = Thread.currentThread();
        count = n + 1;
    }

    /** Ends the pin of an iterator if it has one. */
    synchronized void release(GuestIovIter iterator) {
        for (int i = count - 1; i >= 0; i--) {
            if (pinned[i] == iterator) {
                releaseAt(i);
                return;
            }
        }
    }

    /** Ends the pins that this thread has left behind. */
    void releaseOfThread() {
        if (count == 0) {
            return;
        }
        synchronized (this) {
            Thread self = Thread.currentThread();
            for (int i = count - 1; i >= 0; i--) {
                if (threads[i] == self) {
                    releaseAt(i);
                }
            }
        }
    }

    synchronized void releaseAll() {
        for (int i = count - 1; i >= 0; i--) {
            releaseAt(i);
        }
    }

    private void releaseAt(int i) {
        userCopy.pin(pinned[i].span, false);
        pinned[i].pinned = false;
        int last = count - 1;
        pinned[i] = pinned[last];
        threads[i] = threads[last];
        pinned[last] = null;
        threads[last] = null;
        count = last;
    }
}
