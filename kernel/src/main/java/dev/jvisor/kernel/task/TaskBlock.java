// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;

import java.util.concurrent.locks.LockSupport;

/**
 * The one place where a task sleeps.
 *
 * <p>A wake-up is a flag and an unpark, so that {@link #wake} takes no lock and may be called under
 * any. The flag stays set until a sleep takes it: a wake-up between the check of a condition and
 * the sleep counts.
 */
final class TaskBlock {

    private final Task task;
    private volatile boolean woken;
    private volatile boolean sleeping;

    TaskBlock(Task task) {
        this.task = task;
    }

    void wake() {
        woken = true;
        Thread t = task.thread();
        if (t != null && t != Thread.currentThread()) {
            LockSupport.unpark(t);
        }
    }

    /** Whether it sleeps now (state S in procfs). */
    boolean isSleeping() {
        return sleeping;
    }

    boolean sleep(long deadlineNanos) throws ErrnoException {
        if (takeWake()) {
            return true;
        }
        beginSleep();
        try {
            for (; ; ) {
                if (takeWake()) {
                    return true;
                }
                if (task.hasPendingSignal()) {
                    throw Errno.ERESTARTSYS.exception();
                }
                if (deadlineNanos == Long.MAX_VALUE) {
                    LockSupport.park(this);
                } else {
                    long left = deadlineNanos - task.monotonicNanos();
                    if (left <= 0) {
                        return false;
                    }
                    LockSupport.parkNanos(this, left);
                }
            }
        } finally {
            endSleep();
        }
    }

    boolean sleepKillable() {
        beginSleep();
        try {
            for (; ; ) {
                if (takeWake()) {
                    return !task.isExiting();
                }
                if (task.isExiting()) {
                    return false;
                }
                LockSupport.park(this);
            }
        } finally {
            endSleep();
        }
    }

    void sleepUntilWoken() {
        beginSleep();
        try {
            while (!takeWake()) {
                LockSupport.park(this);
            }
        } finally {
            endSleep();
        }
    }

    boolean waitFor(FileDescription file, int wanted, long deadlineNanos) throws ErrnoException {
        // The end of a pipe is POLLHUP alone, a reader that went away POLLERR: both end the wait.
        int events = wanted | Poll.POLLERR | Poll.POLLHUP;
        if ((file.poll() & events) != 0) {
            return true;
        }
        WaitQueue queue = file.waitQueue();
        if (queue == null) {
            return true;
        }
        WaitQueue.Entry entry = task.newWaitEntry(events);
        queue.add(entry);
        try {
            while ((file.poll() & events) == 0) {
                if (!sleep(deadlineNanos)) {
                    return (file.poll() & events) != 0;
                }
            }
            return true;
        } finally {
            queue.remove(entry);
        }
    }

    private boolean takeWake() {
        if (woken) {
            woken = false;
            return true;
        }
        return false;
    }

    private void beginSleep() {
        sleeping = true;
        task.cpu().beginSleep();
        task.counters().countSleep();
        // A thread interrupt (never ours) would make park return at once, forever.
        Thread.interrupted();
    }

    private void endSleep() {
        task.cpu().endSleep();
        sleeping = false;
    }

    /** Wakes a task when its queue is notified. */
    static final class WakeEntry extends WaitQueue.Entry {
        private final Task task;

        WakeEntry(Task task, int mask) {
            this.task = task;
            this.mask = mask;
        }

        @Override
        protected void wake(int events) {
            task.wake();
        }
    }
}
