// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Sets contexts afloat that compute without a trap, so that they do not hold up what is pinned to
 * the same CPU, nor are held up by it.
 *
 * <p>A thread looks every {@link #TICK_NANOS} as long as guest code runs, and sleeps without a
 * timeout otherwise: an idle sandbox has no timer.
 */
public final class CpuBalancer {

    /** A context that is watched. */
    public interface Member {

        /** Whether guest code runs. */
        boolean isInGuest();

        /** Whether it has been in guest code since the last time this was asked. */
        boolean isComputing();

        /** Lets both threads run on any CPU, if guest code still runs. */
        void setAfloat();
    }

    private static final long TICK_NANOS = 10_000_000;
    private static final int QUIET_TICKS_MAX = 20;

    private final CpuPlacement cpus;

    private final List<Member> contexts = new ArrayList<>(); // guarded by itself

    private volatile boolean watching;
    private volatile boolean closed;
    private volatile @Nullable Thread thread;

    public CpuBalancer(CpuPlacement cpus) {
        this.cpus = cpus;
        this.watching = cpus.count() == 1; // nothing to do, ever
    }

    public void add(Member context) {
        synchronized (contexts) {
            contexts.add(context);
        }
    }

    public void remove(Member context) {
        synchronized (contexts) {
            contexts.remove(context);
        }
    }

    /** Called when a context that goes on for some time enters guest code. */
    public void watch() {
        if (!watching && !closed) {
            start();
        }
    }

    private synchronized void start() {
        watching = true;
        Thread watcher = thread;
        if (watcher != null) {
            LockSupport.unpark(watcher);
        } else if (!closed) {
            watcher = new Thread(null, this::loop, "jvisor-cpus", 128 * 1024, false);
            watcher.setDaemon(true);
            thread = watcher;
            watcher.start();
        }
    }

    public synchronized void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    private void loop() {
        cpus.put(0, CpuPlacement.FLOATING); // the affinity of a task is inherited
        int quiet = 0;
        while (!closed) {
            LockSupport.parkNanos(TICK_NANOS);
            quiet = look() ? 0 : quiet + 1;
            if (quiet > QUIET_TICKS_MAX) {
                watching = false;
                while (!watching && !closed) {
                    LockSupport.park();
                }
                quiet = 0;
            }
        }
    }

    /** Returns whether guest code runs. */
    private boolean look() {
        boolean running = false;
        synchronized (contexts) {
            for (Member context : contexts) {
                running |= context.isInGuest();
                if (context.isComputing()) {
                    context.setAfloat();
                }
            }
        }
        return running;
    }
}
