// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.futex;

import dev.jvisor.kernel.task.Task;

/** All futex wait queues of a kernel. Skeleton. */
public final class FutexTable {

    /** Wakes up to {@code count} waiters of a word in the task's memory (shared key); errors are ignored. */
    public void wake(Task task, long address, int count) {
        throw new UnsupportedOperationException();
    }
}
