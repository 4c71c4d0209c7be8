// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import dev.jvisor.kernel.task.ThreadGroup;

/** Interval and POSIX timers of a process. Skeleton. */
public final class ProcessTimers {

    public ProcessTimers(ThreadGroup group) {}

    /** Disarms all; when the process exits. */
    public void onExit() {}

    /** POSIX timers go, interval timers stay. */
    public void onExec() {}
}
