// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import org.jspecify.annotations.Nullable;

/**
 * A process number and what it names (Linux: {@code struct pid}): a thread, a process, a process
 * group, a session. The number is taken as long as it names any of them.
 *
 * <p>The number is that of the sandbox's only PID namespace; numbers of nested namespaces will live
 * here. Fields are written under the task tree lock; {@link #task} is read without it.
 */
public final class Pid {

    private final int number;

    volatile @Nullable Task task;
    volatile @Nullable ThreadGroup threadGroup;
    volatile @Nullable ProcessGroup processGroup;
    volatile @Nullable SessionGroup session;

    Pid(int number) {
        this.number = number;
    }

    /** The number, 1 to 32767. */
    public int number() {
        return number;
    }

    /** The thread of this id, or null. */
    public @Nullable Task task() {
        return task;
    }

    /** The process of this id (possibly a zombie), or null. */
    public @Nullable ThreadGroup threadGroup() {
        return threadGroup;
    }

    /** The process group of this id, or null. */
    public @Nullable ProcessGroup processGroup() {
        return processGroup;
    }

    /** The session of this id, or null. */
    public @Nullable SessionGroup session() {
        return session;
    }

    boolean isUnused() {
        return task == null && threadGroup == null && processGroup == null && session == null;
    }
}
