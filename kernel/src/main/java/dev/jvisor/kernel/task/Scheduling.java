// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.platform.abi.Sched;

/**
 * Scheduling attributes of a task (sched(7)). They are kept and inherited as Linux does; the host
 * schedules. Written under the object's monitor.
 */
public final class Scheduling {

    /** Default timer slack of Linux, in nanoseconds. */
    public static final long TIMER_SLACK_NANOS = 50_000;

    private int policy = Sched.SCHED_NORMAL;
    private int priority;
    private int nice;
    private boolean resetOnFork;
    private int ioPriority;
    private volatile long affinity = -1;
    private volatile long timerSlackNanos = TIMER_SLACK_NANOS;

    /** What a child starts with. */
    synchronized Scheduling copyForClone() {
        Scheduling s = new Scheduling();
        s.policy = policy;
        s.priority = priority;
        s.nice = nice;
        s.ioPriority = ioPriority;
        s.affinity = affinity;
        s.timerSlackNanos = timerSlackNanos;
        if (resetOnFork) {
            if (policy == Sched.SCHED_FIFO || policy == Sched.SCHED_RR) {
                s.policy = Sched.SCHED_NORMAL;
                s.priority = 0;
                s.nice = 0;
            } else if (nice < 0) {
                s.nice = 0;
            }
        }
        return s;
    }

    /** {@code SCHED_*}. */
    public synchronized int policy() {
        return policy;
    }

    /** Real-time priority, 1 to 99; 0 for other policies. */
    public synchronized int priority() {
        return priority;
    }

    public synchronized boolean isResetOnFork() {
        return resetOnFork;
    }

    public synchronized void setPolicy(int policy, int priority, boolean resetOnFork) {
        this.policy = policy;
        this.priority = priority;
        this.resetOnFork = resetOnFork;
    }

    /** Nice value, -20 to 19. */
    public synchronized int nice() {
        return nice;
    }

    public synchronized void setNice(int nice) {
        this.nice = nice;
    }

    /** ioprio_get(2)'s value. */
    public synchronized int ioPriority() {
        return ioPriority;
    }

    public synchronized void setIoPriority(int value) {
        this.ioPriority = value;
    }

    /** CPUs it may run on, a bit each; CPUs that do not exist count for nothing. */
    public long affinity() {
        return affinity;
    }

    public void setAffinity(long mask) {
        affinity = mask;
    }

    public long timerSlackNanos() {
        return timerSlackNanos;
    }

    public void setTimerSlackNanos(long nanos) {
        timerSlackNanos = nanos;
    }
}
