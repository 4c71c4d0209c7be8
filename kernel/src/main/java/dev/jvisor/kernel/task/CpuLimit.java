// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.kernel.limits.ResourceLimits;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.kernel.time.TimerQueue;
import dev.jvisor.platform.abi.Resource;

import java.util.concurrent.TimeUnit;

/**
 * Enforces RLIMIT_CPU of one process: SIGXCPU at the soft limit and every second after it, the end
 * at the hard one (Linux: check_process_timers). Nothing announces CPU time, so it is looked at
 * when the limit can be reached at the earliest, and less often while the process does not run.
 */
final class CpuLimit extends TimerQueue.Timer {

    private static final int SIGKILL = dev.jvisor.platform.abi.Signals.SIGKILL;
    private static final int SIGXCPU = dev.jvisor.platform.abi.Signals.SIGXCPU;
    private static final long POLL_MIN_NANOS = 10_000_000;
    private static final long POLL_MAX_NANOS = 500_000_000;

    private final ThreadGroup group;
    private long poll = POLL_MIN_NANOS; // guarded by this, as the next one
    private long lastCpu;

    CpuLimit(ThreadGroup group) {
        this.group = group;
    }

    /** The limit was set: begins or ends watching. */
    synchronized void update() {
        poll = POLL_MIN_NANOS;
        if (group.limits().soft(Resource.RLIMIT_CPU) == ResourceLimits.INFINITY) {
            cancel();
        } else {
            schedule(group.cpuNanos());
        }
    }

    void cancel() {
        group.kernel().timerQueue().cancel(this);
    }

    /** A limit in nanoseconds; what is beyond some hundred years is none. */
    private static long nanos(long seconds) {
        return seconds < 0 ? Long.MAX_VALUE : TimeUnit.SECONDS.toNanos(seconds);
    }

    private void schedule(long cpu) {
        long left = nanos(group.limits().soft(Resource.RLIMIT_CPU)) - cpu;
        long soonest = left / Math.max(1, group.tasks().length);
        long deadline = group.kernel().clocks().deadlineAfter(Math.max(soonest, poll));
        group.kernel().timerQueue().schedule(this, deadline);
    }

    @Override
    protected void expired() {
        ResourceLimits limits = group.limits();
        long cpu = group.cpuNanos();
        boolean kill;
        boolean warn;
        synchronized (limits) {
            long soft = limits.soft(Resource.RLIMIT_CPU);
            long hard = limits.hard(Resource.RLIMIT_CPU);
            kill = soft != ResourceLimits.INFINITY && cpu >= nanos(hard);
            warn = !kill && soft != ResourceLimits.INFINITY && cpu >= nanos(soft);
            if (warn) {
                limits.set(Resource.RLIMIT_CPU, soft + 1, hard);
            }
        }
        if (group.isExiting()) {
            return;
        }
        if (kill) {
            group.beginGroupExit(SIGKILL);
            return;
        }
        synchronized (this) {
            poll = cpu == lastCpu ? Math.min(poll * 2, POLL_MAX_NANOS) : POLL_MIN_NANOS;
            lastCpu = cpu;
            if (limits.soft(Resource.RLIMIT_CPU) != ResourceLimits.INFINITY) {
                schedule(cpu);
            }
        }
        if (warn) {
            Signals.sendToGroup(group, SigInfo.kernel(SIGXCPU));
        }
    }
}
