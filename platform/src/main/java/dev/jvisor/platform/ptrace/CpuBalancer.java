// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Moves guest code that computes without a trap away from a CPU that others wait for, to one that
 * has no guest code to run.
 *
 * <p>A thread looks every {@link #TICK_NANOS} as long as several contexts want one CPU, and sleeps
 * without a timeout otherwise: an idle sandbox has no timer.
 */
final class CpuBalancer {

    private static final long TICK_NANOS = 10_000_000;
    private static final int QUIET_TICKS_MAX = 20;

    private final CpuPlacement cpus;

    private final List<PtraceContext> contexts = new ArrayList<>(); // guarded by itself

    private volatile boolean watching;
    private volatile boolean closed;
    private volatile @Nullable Thread thread;

    CpuBalancer(CpuPlacement cpus) {
        this.cpus = cpus;
    }

    void add(PtraceContext context) {
        synchronized (contexts) {
            contexts.add(context);
        }
    }

    void remove(PtraceContext context) {
        synchronized (contexts) {
            contexts.remove(context);
        }
    }

    /** Called when several contexts are in guest code on one CPU. */
    void watch() {
        if (!watching && !closed) {
            watching = true;
            synchronized (this) {
                Thread watcher = thread;
                if (watcher != null) {
                    LockSupport.unpark(watcher);
                } else if (!closed) {
                    watcher = new Thread(this::loop, "jvisor-cpus");
                    watcher.setDaemon(true);
                    thread = watcher;
                    watcher.start();
                }
            }
        }
    }

    void close() {
        closed = true;
        synchronized (this) {
            LockSupport.unpark(thread);
        }
    }

    private void loop() {
        cpus.unpin(); // inherited from a task
        int quiet = 0;
        while (!closed) {
            LockSupport.parkNanos(TICK_NANOS);
            quiet = balance() ? 0 : quiet + 1;
            if (quiet > QUIET_TICKS_MAX) {
                watching = false;
                while (!watching && !closed) {
                    LockSupport.park();
                }
                quiet = 0;
            }
        }
    }

    /** Moves at most one context; returns whether a CPU had more than one to run. */
    private boolean balance() {
        synchronized (contexts) {
            int[] running = new int[cpus.count()];
            for (PtraceContext context : contexts) {
                if (context.isInGuest()) {
                    running[context.place()]++;
                }
            }
            boolean crowded = false;
            int free = -1;
            for (int place = 0; place < running.length; place++) {
                crowded |= running[place] > 1;
                if (running[place] == 0) {
                    free = place;
                }
            }
            boolean moved = false;
            for (PtraceContext context : contexts) {
                boolean computes = context.isComputing();
                if (computes && !moved && free >= 0 && running[context.place()] > 1) {
                    context.moveFromOutside(free);
                    moved = true;
                }
            }
            return crowded;
        }
    }
}
