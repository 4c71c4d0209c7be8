// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

/** What a vfork parent waits for: the child has executed a program or ended. */
final class VforkDone {

    private final Task parent;
    private volatile boolean done;

    VforkDone(Task parent) {
        this.parent = parent;
    }

    void complete() {
        done = true;
        parent.wake();
    }

    /** Waits on the parent's thread; false if a kill of the parent ended the wait. */
    boolean await() {
        while (!done && parent.sleepKillable()) {
            // woken for another reason
        }
        return done;
    }
}
