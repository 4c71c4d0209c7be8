// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import dev.jvisor.kernel.task.Task;

/** Signal state of a process (shared queue, actions, stop state). Skeleton. */
public final class GroupSignals {

    public GroupSignals(SignalHandlers handlers) {}

    public SignalHandlers handlers() {
        throw new UnsupportedOperationException();
    }

    /** execve: actions reset (unshared), alternate stack gone. On the task's thread. */
    public void onExec(Task task) {}

    /** A thread leaves: signals of the process that were meant for it go to another thread. */
    public void onTaskExit(Task task) {}

    /** The stop signal if the process is stopped and nobody was told yet; 0 otherwise (wait4 WUNTRACED). */
    public int takeStopped(boolean consume) {
        throw new UnsupportedOperationException();
    }

    /** Whether the process was continued and nobody was told yet (wait4 WCONTINUED). */
    public boolean takeContinued(boolean consume) {
        throw new UnsupportedOperationException();
    }

    /** Whether all threads are stopped (state T in procfs). */
    public boolean isStopped() {
        throw new UnsupportedOperationException();
    }

    /** Releases stopped threads because the group exits; called by {@code beginGroupExit}. */
    public void onGroupExit() {}
}
