// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

/**
 * CPU time of one task. User time is the time in guest code, system time the time in the Sentry
 * without sleeps; both are taken from the monotonic clock at the borders, because a guest thread
 * never waits inside guest code. Written by the task's own thread; read by any.
 */
public final class CpuClock {

    private static final int IDLE = 0;
    private static final int USER = 1;
    private static final int SYSTEM = 2;

    private long user;
    private long system;
    private long since;
    private int
            mode; // volatile by the release of each writer below is not needed: a stale sum is a
    // past one

    /** The task begins to run in the Sentry. */
    void start() {
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

    /** The task is gone. */
    void stop() {
        beginSleep();
    }

    /** Nanoseconds in guest code, up to now. */
    public long userNanos() {
        int m = mode;
        long sum = user;
        return m == USER ? sum + Math.max(0, System.nanoTime() - since) : sum;
    }

    /** Nanoseconds in the Sentry on the task's behalf, up to now. */
    public long systemNanos() {
        int m = mode;
        long sum = system;
        return m == SYSTEM ? sum + Math.max(0, System.nanoTime() - since) : sum;
    }

    /** Both. */
    public long nanos() {
        return userNanos() + systemNanos();
    }
}
