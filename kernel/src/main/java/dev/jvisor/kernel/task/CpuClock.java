// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.host.HostClock;
import dev.jvisor.platform.host.HostProcess;

import org.jspecify.annotations.Nullable;

/**
 * CPU time of one task. User time is the time in guest code, system time the time in the Sentry
 * without sleeps. Both are taken from the monotonic clock at the borders, because a guest thread
 * never waits inside guest code; as a thread that could run does not always do so, what the host
 * has counted for the threads behind the task is the upper bound, once it is more than a trifle.
 * Written by the task's own thread; read by any.
 */
public final class CpuClock {

    private static final int IDLE = 0;
    private static final int USER = 1;
    private static final int SYSTEM = 2;

    /** Less than this is told without asking the host. */
    private static final long EXACT_MIN_NANOS = 2_000_000;

    private long user;
    private long system;
    private long since;
    private int
            mode; // volatile by the release of each writer below is not needed: a stale sum is a
    // past one

    /** The Sentry's thread, what it had used before, and the guest's context. */
    private volatile int thread;

    private volatile long threadBase;
    private volatile @Nullable GuestContext context;

    /** What was told last: the clocks never go back. */
    private volatile long toldUser;

    private volatile long toldSystem;
    private volatile boolean stopped;

    /** Sets the context that runs the guest's code. */
    void setContext(GuestContext context) {
        this.context = context;
    }

    /** The task begins to run in the Sentry. */
    void start() {
        int tid = HostProcess.gettid();
        threadBase = HostClock.threadNanos(tid);
        thread = tid;
        since = System.nanoTime();
        mode = SYSTEM;
    }

    void enterGuest() {
        long now = System.nanoTime();
        system += now - since;
        since = now;
        mode = USER;
    }

    void leaveGuest() {
        long now = System.nanoTime();
        user += now - since;
        since = now;
        mode = SYSTEM;
    }

    void beginSleep() {
        long now = System.nanoTime();
        system += now - since;
        since = now;
        mode = IDLE;
    }

    void endSleep() {
        since = System.nanoTime();
        mode = SYSTEM;
    }

    /** The task is gone; the host is not asked any more. */
    void stop() {
        beginSleep();
        userNanos();
        systemNanos();
        stopped = true;
        context = null;
    }

    /** Nanoseconds in guest code, up to now. */
    public long userNanos() {
        if (stopped) {
            return toldUser;
        }
        int m = mode;
        long wall = user + (m == USER ? Math.max(0, System.nanoTime() - since) : 0);
        GuestContext c = context;
        if (wall >= EXACT_MIN_NANOS && c != null) {
            long counted = c.cpuNanos();
            wall = counted < 0 ? wall : Math.min(wall, counted);
        }
        long told = Math.max(toldUser, wall);
        toldUser = told;
        return told;
    }

    /** Nanoseconds in the Sentry on the task's behalf, up to now. */
    public long systemNanos() {
        if (stopped) {
            return toldSystem;
        }
        int m = mode;
        long wall = system + (m == SYSTEM ? Math.max(0, System.nanoTime() - since) : 0);
        if (wall >= EXACT_MIN_NANOS && thread != 0) {
            long counted = HostClock.threadNanos(thread);
            wall = counted < 0 ? wall : Math.min(wall, counted - threadBase);
        }
        long told = Math.max(toldSystem, wall);
        toldSystem = told;
        return told;
    }

    /** Both. */
    public long nanos() {
        return userNanos() + systemNanos();
    }
}
