// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.futex;

import static dev.jvisor.platform.abi.Futex.FUTEX_OWNER_DIED;
import static dev.jvisor.platform.abi.Futex.FUTEX_TID_MASK;
import static dev.jvisor.platform.abi.Futex.FUTEX_WAITERS;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * A task's list of held robust futexes (set_robust_list(2)); one object in each task.
 *
 * <p>The list is in guest memory: {@code struct robust_list_head} is the first entry's address, the
 * offset from an entry to its futex word, and an entry that is being taken or released. Bit 0 of an
 * entry's address marks a PI futex. The guest may make it circular or endless: the walk has a
 * limit.
 */
public final class RobustList {

    /** Size of {@code struct robust_list_head}, in bytes. */
    public static final int HEAD_SIZE = 24;

    private static final int FUTEX_OFFSET = 8;
    private static final int PENDING = 16;
    private static final int LIMIT = 2048; // ROBUST_LIST_LIMIT
    private static final long PI = 1;

    private volatile long head;
    private volatile boolean dead;

    public RobustList() {}

    /** Address of {@code struct robust_list_head}, 0 if none was set. */
    public long head() {
        return head;
    }

    /** Whether the task has given up its futexes for good. */
    boolean isDead() {
        return dead;
    }

    void setDead() {
        dead = true;
    }

    public void setHead(long address) {
        head = address;
    }

    /** Marks every held futex as FUTEX_OWNER_DIED; at exit and execve, before the memory goes. */
    public static void onExit(Task task) {
        RobustList list = task.robustList();
        long head = list.head;
        list.head = 0;
        if (head != 0) {
            try {
                walk(task, head);
            } catch (ErrnoException e) {
                // the guest's list leads nowhere
            }
        }
        task.kernel().futexes().ownerDied(task);
    }

    private static void walk(Task task, long head) throws ErrnoException {
        MemoryManager memory = task.memory();
        long entry = memory.getLong(head);
        long offset = memory.getLong(head + FUTEX_OFFSET);
        long pending = memory.getLong(head + PENDING);
        for (int i = 0; i < LIMIT && (entry & ~PI) != head; i++) {
            long next = 0;
            ErrnoException failure = null;
            try {
                next = memory.getLong(entry & ~PI);
            } catch (ErrnoException e) {
                failure = e;
            }
            if ((entry & ~PI) != (pending & ~PI)) {
                ownerDied(task, (entry & ~PI) + offset, (entry & PI) != 0, false);
            }
            if (failure != null) {
                break;
            }
            entry = next;
        }
        if ((pending & ~PI) != 0) {
            ownerDied(task, (pending & ~PI) + offset, (pending & PI) != 0, true);
        }
    }

    private static void ownerDied(Task task, long address, boolean isPi, boolean isPending)
            throws ErrnoException {
        if ((address & 3) != 0) {
            throw Errno.EINVAL.exception();
        }
        MemoryManager memory = task.memory();
        FutexTable table = task.kernel().futexes();
        int value = memory.loadInt(address);
        for (; ; ) {
            if (isPending && !isPi && value == 0) {
                table.wake(task, address, 1); // released, but died before it woke the next
                return;
            }
            if ((value & FUTEX_TID_MASK) != task.tid()) {
                return;
            }
            int died = value & FUTEX_WAITERS | FUTEX_OWNER_DIED;
            int seen = memory.compareAndExchangeInt(address, value, died);
            if (seen == value) {
                break;
            }
            value = seen;
        }
        if (!isPi && (value & FUTEX_WAITERS) != 0) {
            table.wake(task, address, 1);
        }
    }
}
