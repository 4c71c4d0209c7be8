// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Timers of a kernel (Linux: hrtimers): a binary heap and one thread that sleeps until the first
 * deadline. The thread starts with the first timer; without timers it sleeps without limit, so an
 * idle sandbox uses no CPU.
 *
 * <p>Lock order: the queue's monitor is a leaf; a timer's action runs without it.
 */
public final class TimerQueue {

    /** Something that happens at a time. Reusable after it expired or was cancelled. */
    public abstract static class Timer {

        /** Place in the heap, -1 if it is not armed; guarded by the queue. */
        private int index = -1;

        private long deadline;

        /** Called on the timer thread, without locks; must not block for long. */
        protected abstract void expired();
    }

    private static final int INITIAL_CAPACITY = 16;

    private final Clocks clocks;
    private Timer[] heap = new Timer[INITIAL_CAPACITY];
    private int size;
    private @Nullable Thread thread;
    private boolean closed;

    public TimerQueue(Clocks clocks) {
        this.clocks = clocks;
    }

    /**
     * Arms a timer, again if it is armed already.
     *
     * @param deadlineNanos CLOCK_MONOTONIC; in the past: at once (on the timer thread)
     */
    public void schedule(Timer timer, long deadlineNanos) {
        Thread wake = null;
        synchronized (this) {
            if (closed) {
                return;
            }
            removeLocked(timer);
            timer.deadline = deadlineNanos;
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            place(timer, size++);
            siftUp(timer.index);
            if (heap[0] == timer) {
                wake = startedThread();
            }
        }
        if (wake != null) {
            LockSupport.unpark(wake);
        }
    }

    private Thread startedThread() {
        Thread t = thread;
        if (t == null) {
            t = new Thread(null, this::run, "timers", 256 * 1024, false);
            t.setDaemon(true);
            thread = t;
            t.start();
        }
        return t;
    }

    /**
     * Disarms a timer.
     *
     * @return whether it was armed; false also while its action runs
     */
    public synchronized boolean cancel(Timer timer) {
        return removeLocked(timer);
    }

    /** Deadline of an armed timer, Long.MAX_VALUE if it is not armed. */
    public synchronized long deadline(Timer timer) {
        return timer.index < 0 ? Long.MAX_VALUE : timer.deadline;
    }

    /** How many timers are armed. */
    public synchronized int size() {
        return size;
    }

    /** Ends the timer thread; nothing expires any more. */
    public void close() {
        Thread t;
        synchronized (this) {
            closed = true;
            while (size > 0) {
                removeLocked(heap[size - 1]);
            }
            t = thread;
        }
        if (t != null) {
            LockSupport.unpark(t);
        }
    }

    private void run() {
        for (; ; ) {
            Timer due = null;
            long wait = Long.MAX_VALUE;
            synchronized (this) {
                if (closed) {
                    return;
                }
                if (size > 0) {
                    wait = heap[0].deadline - clocks.monotonicNanos();
                    if (wait <= 0) {
                        due = heap[0];
                        removeLocked(due);
                    }
                }
            }
            if (due != null) {
                due.expired();
            } else if (wait == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, wait);
            }
        }
    }

    // The heap: parent of i is (i - 1) / 2; each knows its place.

    private void place(Timer timer, int index) {
        heap[index] = timer;
        timer.index = index;
    }

    private boolean removeLocked(Timer timer) {
        int index = timer.index;
        if (index < 0) {
            return false;
        }
        timer.index = -1;
        size--;
        Timer last = heap[size];
        @SuppressWarnings("NullAway") // free slots of the heap hold nothing
        Timer none = null;
        heap[size] = none;
        if (index < size) {
            place(last, index);
            siftDown(index);
            siftUp(last.index);
        }
        return true;
    }

    private void siftUp(int start) {
        int index = start;
        Timer timer = heap[index];
        while (index > 0) {
            int parent = (index - 1) >>> 1;
            if (heap[parent].deadline <= timer.deadline) {
                break;
            }
            place(heap[parent], index);
            index = parent;
        }
        place(timer, index);
    }

    private void siftDown(int start) {
        int index = start;
        Timer timer = heap[index];
        for (; ; ) {
            int child = 2 * index + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[child + 1].deadline < heap[child].deadline) {
                child++;
            }
            if (heap[child].deadline >= timer.deadline) {
                break;
            }
            place(heap[child], index);
            index = child;
        }
        place(timer, index);
    }
}
