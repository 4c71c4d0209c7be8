// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.seccomp;

import dev.jvisor.kernel.task.Task;

/** A call that waits for its supervisor. Guarded by the listener until it is answered. */
final class Notification {

    /** What has become of it. */
    enum State {
        WAITING,
        SENT,
        ANSWERED
    }

    final Task task;
    final int[] data;
    long id;
    State state = State.WAITING;

    // The answer.
    boolean goesOn;
    long value;
    int error;

    Notification(Task task, int[] data) {
        this.task = task;
        this.data = data;
    }
}
