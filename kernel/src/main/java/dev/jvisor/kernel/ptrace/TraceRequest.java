// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ptrace;

import dev.jvisor.kernel.task.Task;

/** Something that a stopped tracee's own thread does for the tracer. */
public abstract class TraceRequest {

    private final Task caller;
    private volatile boolean over;
    private boolean served; // published by over

    protected TraceRequest(Task caller) {
        this.caller = caller;
    }

    /** Does it, on the tracee's thread; must be quick. */
    protected abstract void serve(Task tracee);

    void complete(boolean wasServed) {
        served = wasServed;
        over = true;
        caller.wake();
    }

    /** Waits on the tracer's thread; false if the tracee left its stop instead. */
    boolean await() {
        while (!over) {
            caller.sleepUntilWoken();
        }
        return served;
    }
}
