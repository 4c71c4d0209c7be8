// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.platform.host.NativeBuffer;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The Java threads that run tasks. One that has run a task waits a while for the next: starting a
 * thread costs a fork several times what waking one does.
 */
public final class TaskThreads {

    /** Java frames of a system call, interpreted, with room to spare; address space, not memory. */
    private static final long STACK_SIZE_BYTES = 512 * 1024;

    private static final int IDLE_MAX = 8;
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ArrayDeque<Worker> idle = new ArrayDeque<>(); // guarded by this
    private boolean closed; // guarded by this

    /** A thread that knows for which task it runs. */
    private static final class TaskThread extends Thread {
        private @Nullable Task task; // own thread

        TaskThread(Runnable work) {
            super(null, work, "task", STACK_SIZE_BYTES, false);
        }
    }

    /** The task that the current thread runs, or null. */
    static @Nullable Task current() {
        return Thread.currentThread() instanceof TaskThread thread ? thread.task : null;
    }

    /** One thread. */
    private final class Worker implements Runnable {
        private final TaskThread thread;
        private volatile @Nullable TaskLoop next;
        private volatile long deadlineNanos;

        Worker(TaskLoop first) {
            next = first;
            thread = new TaskThread(this);
            thread.setDaemon(true);
        }

        @Override
        public void run() {
            try {
                for (TaskLoop loop = next; loop != null; loop = await()) {
                    next = null;
                    thread.setName("task-" + loop.task().tid());
                    thread.task = loop.task();
                    loop.run();
                    thread.task = null;
                }
            } finally {
                NativeBuffer.releaseScratch();
            }
        }

        /** Makes {@link #await} give up at once. */
        void end() {
            deadlineNanos = System.nanoTime();
            LockSupport.unpark(thread);
        }

        /** Waits for another task; null if this thread is to end. */
        private @Nullable TaskLoop await() {
            deadlineNanos = System.nanoTime() + IDLE_NANOS;
            if (!offer(this)) {
                return null;
            }
            for (; ; ) {
                TaskLoop loop = next;
                if (loop != null) {
                    return loop;
                }
                long left = deadlineNanos - System.nanoTime();
                if (left <= 0 && withdraw(this)) {
                    return null;
                }
                LockSupport.parkNanos(this, Math.max(left, 1));
            }
        }
    }

    /**
     * Runs a task on a thread of its own.
     *
     * @return false if the host gives no thread
     */
    boolean start(TaskLoop loop) {
        Worker worker;
        synchronized (this) {
            worker = idle.pollLast();
        }
        if (worker != null) {
            loop.task().setThread(worker.thread);
            worker.next = loop;
            LockSupport.unpark(worker.thread);
            return true;
        }
        worker = new Worker(loop);
        loop.task().setThread(worker.thread);
        try {
            worker.thread.start();
            return true;
        } catch (OutOfMemoryError noThread) {
            loop.task().setThread(null);
            return false;
        }
    }

    private synchronized boolean offer(Worker worker) {
        if (closed || idle.size() >= IDLE_MAX) {
            return false;
        }
        idle.addLast(worker);
        return true;
    }

    private synchronized boolean withdraw(Worker worker) {
        return idle.remove(worker);
    }

    /** Ends the threads that wait. */
    public void close() {
        Worker[] waiting;
        synchronized (this) {
            closed = true;
            waiting = idle.toArray(new Worker[0]);
        }
        for (Worker worker : waiting) {
            worker.end();
        }
    }
}
