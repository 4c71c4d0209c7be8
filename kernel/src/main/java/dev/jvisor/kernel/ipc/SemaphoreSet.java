// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.LittleEndian;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.IdentityHashMap;

/** A set of semaphores (Linux: {@code struct sem_array}). */
public final class SemaphoreSet extends IpcObject {

    /** Size of {@code struct semid64_ds}, in bytes. */
    public static final int STAT_SIZE = 104;

    static final int SEMVMX = 32767;
    private static final int SEMAEM = SEMVMX;

    /** One operation of semop(2). */
    public record Operation(int number, int change, boolean noWait, boolean undo) {}

    /** A task that waits for its operations to be possible. */
    static final class Waiter {
        final Task task;
        final int pid;
        final Operation[] operations;
        final boolean alters;

        /** The operation that cannot be done now. */
        Operation blocking;

        /** What became of it: null while it waits. */
        @Nullable
        Errno failure;

        boolean done;

        Waiter(Task task, Operation[] operations, boolean alters) {
            this.task = task;
            this.pid = task.threadGroup().id();
            this.operations = operations;
            this.alters = alters;
            this.blocking = operations[0];
        }
    }

    final int[] values;
    final int[] pids;
    private final ArrayList<Waiter> waiters = new ArrayList<>();
    private final IdentityHashMap<ThreadGroup, int[]> undo = new IdentityHashMap<>();
    long operationSeconds;

    SemaphoreSet(int key, int mode, Credentials creator, long nowSeconds, int count) {
        super(key, mode, creator, nowSeconds);
        values = new int[count];
        pids = new int[count];
    }

    /** How an attempt ended. */
    enum Attempt {
        DONE,
        BLOCKED,
        RANGE
    }

    /** Does all operations, or none (Linux: perform_atomic_semop). */
    Attempt attempt(Waiter waiter) {
        int[] adjustments = null;
        int i = 0;
        Attempt outcome = Attempt.DONE;
        Operation[] all = waiter.operations;
        for (; i < all.length; i++) {
            Operation op = all[i];
            int value = values[op.number];
            if (op.change == 0 ? value != 0 : value + op.change < 0) {
                waiter.blocking = op;
                outcome = Attempt.BLOCKED;
                break;
            }
            if (value + op.change > SEMVMX) {
                outcome = Attempt.RANGE;
                break;
            }
            if (op.undo && op.change != 0) {
                adjustments = adjustments(waiter.task.threadGroup());
                int adjusted = adjustments[op.number] - op.change;
                if (adjusted < -SEMAEM - 1 || adjusted > SEMAEM) {
                    outcome = Attempt.RANGE;
                    break;
                }
                adjustments[op.number] = adjusted;
            }
            values[op.number] = value + op.change;
        }
        if (outcome == Attempt.DONE) {
            for (Operation op : all) {
                pids[op.number] = waiter.pid;
            }
            return outcome;
        }
        while (--i >= 0) {
            Operation op = all[i];
            values[op.number] -= op.change;
            if (op.undo && op.change != 0 && adjustments != null) {
                adjustments[op.number] += op.change;
            }
        }
        return outcome;
    }

    private int[] adjustments(ThreadGroup group) {
        return undo.computeIfAbsent(group, unused -> new int[values.length]);
    }

    void add(Waiter waiter) {
        waiters.add(waiter);
    }

    void withdraw(Waiter waiter) {
        waiters.remove(waiter);
    }

    /** Lets waiters go on after a change: who waits for zero first, then in order of arrival. */
    void update(long nowSeconds) {
        boolean again = true;
        while (again) {
            pass(false, nowSeconds);
            again = pass(true, nowSeconds);
        }
    }

    /** Returns whether somebody changed something, after which all have to be looked at anew. */
    private boolean pass(boolean altering, long nowSeconds) {
        for (int i = 0; i < waiters.size(); ) {
            Waiter waiter = waiters.get(i);
            if (waiter.alters != altering) {
                i++;
                continue;
            }
            Attempt attempt = attempt(waiter);
            boolean stays = attempt == Attempt.BLOCKED && !waiter.blocking.noWait;
            if (stays) {
                i++;
                continue;
            }
            waiters.remove(i);
            finish(waiter, failureOf(attempt));
            if (attempt == Attempt.DONE) {
                operationSeconds = nowSeconds;
                if (altering) {
                    return true;
                }
            }
        }
        return false;
    }

    static @Nullable Errno failureOf(Attempt attempt) {
        return switch (attempt) {
            case DONE -> null;
            case BLOCKED -> Errno.EAGAIN;
            case RANGE -> Errno.ERANGE;
        };
    }

    private static void finish(Waiter waiter, @Nullable Errno failure) {
        waiter.failure = failure;
        waiter.done = true;
        waiter.task.wake();
    }

    /** The set is gone. */
    void failAll() {
        for (Waiter waiter : waiters) {
            finish(waiter, Errno.EIDRM);
        }
        waiters.clear();
        undo.clear();
    }

    /** GETNCNT and GETZCNT: tasks whose next operation waits for one semaphore. */
    int waiting(int number, boolean forZero) {
        int count = 0;
        for (Waiter waiter : waiters) {
            Operation op = waiter.blocking;
            if (op.number == number && (op.change == 0) == forZero) {
                count++;
            }
        }
        return count;
    }

    /** A value is set from outside: what processes would undo is forgotten. */
    void forgetUndo(int number) {
        for (int[] adjustments : undo.values()) {
            adjustments[number] = 0;
        }
    }

    /** A process ended: what it did with SEM_UNDO is undone, as far as values allow. */
    void undo(ThreadGroup group, long nowSeconds) {
        int[] adjustments = undo.remove(group);
        if (adjustments == null) {
            return;
        }
        for (int i = 0; i < values.length; i++) {
            if (adjustments[i] != 0) {
                values[i] = Math.clamp(values[i] + adjustments[i], 0, SEMVMX);
                pids[i] = group.id();
            }
        }
        operationSeconds = nowSeconds;
        update(nowSeconds);
    }

    @Override
    void write(byte[] b) {
        writePermissions(b);
        LittleEndian.putLong(b, PERM_SIZE, operationSeconds);
        LittleEndian.putLong(b, 64, changeSeconds);
        LittleEndian.putLong(b, 80, values.length);
    }
}
