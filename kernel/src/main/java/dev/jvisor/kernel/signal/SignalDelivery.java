// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.Trap;

/** Delivery on the way back to guest code. Skeleton. */
public final class SignalDelivery {

    private SignalDelivery() {}

    /** Whether {@link #deliver} has to be called before the task enters guest code. */
    public static boolean needed(Task task) {
        throw new UnsupportedOperationException();
    }

    /**
     * Delivers signals, stops, and restarts an interrupted call. On return the task may enter guest code,
     * unless its group is exiting.
     */
    public static void deliver(Task task) {
        throw new UnsupportedOperationException();
    }

    /** Queues the signal of a fault that the memory manager could not resolve. */
    public static void fault(Task task, Trap trap) {
        throw new UnsupportedOperationException();
    }
}
