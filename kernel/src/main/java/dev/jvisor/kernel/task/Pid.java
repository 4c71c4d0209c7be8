// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.wait.WaitQueue;

import org.jspecify.annotations.Nullable;

/**
 * A process number and what it names (Linux: {@code struct pid}): a thread, a process, a process
 * group, a session. The number is taken as long as it names any of them.
 *
 * <p>It has one number in the PID namespace it was made in and one in each above. Fields are
 * written under the task tree lock; {@link #task} is read without it.
 */
public final class Pid {

    private final PidNamespace namespace;
    private final int number;

    /** Numbers by level, the initial namespace's first; null if there is only that. */
    private final int @Nullable [] numbers;

    volatile @Nullable Task task;
    volatile @Nullable ThreadGroup threadGroup;
    volatile @Nullable ProcessGroup processGroup;
    volatile @Nullable SessionGroup session;

    private volatile @Nullable WaitQueue events; // made when first needed

    Pid(PidNamespace namespace, int[] numbers) {
        this.namespace = namespace;
        this.number = numbers[namespace.level()];
        this.numbers = namespace.level() == 0 ? null : numbers;
    }

    /** The number in the namespace it was made in, 1 to 32767: as its task sees itself. */
    public int number() {
        return number;
    }

    /** The number in the initial namespace: no other has the same. */
    public int globalNumber() {
        int[] all = numbers;
        return all == null ? number : all[0];
    }

    /** The innermost namespace that has it. */
    public PidNamespace namespace() {
        return namespace;
    }

    /** The number in a namespace (Linux: {@code pid_nr_ns}); 0 if it is not visible there. */
    public int numberIn(PidNamespace viewer) {
        if (viewer == namespace) {
            return number;
        }
        int level = viewer.level();
        if (level >= namespace.level() || namespace.ancestor(level) != viewer) {
            return 0;
        }
        int[] all = numbers;
        return all == null ? number : all[level];
    }

    int numberAt(int level) {
        int[] all = numbers;
        return all == null ? number : all[level];
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

    /** Where the end of what it names is announced (pidfd). */
    public WaitQueue events() {
        WaitQueue queue = events;
        if (queue == null) {
            synchronized (this) {
                queue = events;
                if (queue == null) {
                    events = queue = new WaitQueue();
                }
            }
        }
        return queue;
    }

    /** Tells who polls that a thread or process is gone. */
    void announceEnd() {
        WaitQueue queue = events;
        if (queue != null) {
            queue.notify(-1);
        }
    }

    boolean isUnused() {
        return task == null && threadGroup == null && processGroup == null && session == null;
    }
}
