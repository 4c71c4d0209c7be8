// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.dispatch;

import dev.jvisor.kernel.task.Task;

/**
 * Sees every system call (strace). None attached costs one branch. Calls come on the task's thread;
 * the guest's memory may be read through {@code task.memory()}.
 */
public interface SyscallObserver {

    /** A task enters a call; registers hold number and arguments. */
    void enter(Task task, long number, long a0, long a1, long a2, long a3, long a4, long a5);

    /**
     * A task leaves a call.
     *
     * @param result value or negated error number; ERESTART* as such
     */
    void exit(
            Task task,
            long number,
            long a0,
            long a1,
            long a2,
            long a3,
            long a4,
            long a5,
            long result);

    /** A signal is delivered (handler or fatal). */
    default void signal(Task task, int signal, int code, long address) {}

    /** A task is gone. {@code waitStatus} as wait(2) encodes it. */
    default void exited(Task task, int waitStatus) {}
}
