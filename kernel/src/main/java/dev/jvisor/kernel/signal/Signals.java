// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;

/** Sending signals. Skeleton. */
public final class Signals {

    private Signals() {}

    /** Sends to a process on the kernel's behalf (no permission check); any thread. */
    public static void sendToGroup(ThreadGroup group, SigInfo info) {
        throw new UnsupportedOperationException();
    }

    /** Sends to one thread on the kernel's behalf; any thread. */
    public static void sendToTask(Task task, SigInfo info) {
        throw new UnsupportedOperationException();
    }
}
