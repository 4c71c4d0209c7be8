// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.platform.GuestContext;

/** Gives a task that no thread runs a context. */
public final class TestContexts {

    private TestContexts() {}

    /** Makes a context the task's own. */
    public static void attach(Task task, GuestContext context) {
        task.setContext(context);
    }
}
