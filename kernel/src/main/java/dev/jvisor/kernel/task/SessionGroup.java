// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

/**
 * A session: process groups that share a controlling terminal. Lives as long as it has a process
 * group. Fields are guarded by the task tree lock.
 */
public final class SessionGroup {

    private final Pid pid;
    private final ThreadGroup leader;
    int processGroups;

    SessionGroup(Pid pid, ThreadGroup leader) {
        this.pid = pid;
        this.leader = leader;
    }

    /** Session id. */
    public int id() {
        return pid.number();
    }

    /** What its number is in each PID namespace. */
    public Pid pid() {
        return pid;
    }

    /** The process that called setsid(2); it may be gone. */
    public ThreadGroup leader() {
        return leader;
    }
}
