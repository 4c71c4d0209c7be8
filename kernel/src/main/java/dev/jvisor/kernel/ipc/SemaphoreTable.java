// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.ipc.SemaphoreSet.Attempt;
import dev.jvisor.kernel.ipc.SemaphoreSet.Operation;
import dev.jvisor.kernel.ipc.SemaphoreSet.Waiter;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import java.util.ArrayList;

/** Sets of System V semaphores (Linux: ipc/sem.c). */
public final class SemaphoreTable extends IpcTable<SemaphoreSet> {

    /** Semaphores of all sets that the Sentry has memory for, whatever the guest's limits say. */
    private static final int TOTAL_MAX = 1 << 21;

    // Constants that IPC_INFO reports (uapi/linux/sem.h).
    private static final int SEMMAP = 1024000000;
    private static final int SEMUME = 500;
    private static final int SEMUSZ = 20;

    private final IpcLimits limits;

    /** Semaphores of all sets. */
    private int total;

    SemaphoreTable(IpcLimits limits) {
        this.limits = limits;
    }

    private static long seconds(Task task) {
        return Math.floorDiv(task.realtimeNanos(), 1_000_000_000L);
    }

    /** semget(2): EINVAL for the count, EEXIST, ENOENT, EACCES, ENOSPC. */
    public int get(Task task, int key, int count, int flags) throws ErrnoException {
        if (count < 0 || count > limits.semmsl) {
            throw Errno.EINVAL.exception();
        }
        return get(task.credentials(), key, flags, count, seconds(task));
    }

    @Override
    void checkFound(SemaphoreSet found, long wanted) throws ErrnoException {
        if (wanted > found.values.length) {
            throw Errno.EINVAL.exception();
        }
    }

    @Override
    SemaphoreSet make(Credentials who, int key, int flags, long count, long nowSeconds)
            throws ErrnoException {
        if (count == 0) {
            throw Errno.EINVAL.exception();
        }
        if (total + count > Math.min(limits.semmns, TOTAL_MAX)) {
            throw Errno.ENOSPC.exception();
        }
        total += (int) count;
        return new SemaphoreSet(key, flags, who, nowSeconds, (int) count);
    }

    @Override
    void discarded(SemaphoreSet set) {
        total -= set.values.length;
        set.failAll();
    }

    @Override
    int countMax() {
        return limits.semmni;
    }

    /**
     * semop(2), semtimedop(2).
     *
     * @param deadlineNanos CLOCK_MONOTONIC, Long.MAX_VALUE for none
     * @throws ErrnoException EINVAL, EFBIG, EACCES, ERANGE, EAGAIN (also when the time is over),
     *     EIDRM, EINTR
     */
    public void operate(Task task, int id, Operation[] operations, long deadlineNanos)
            throws ErrnoException {
        boolean alters = false;
        int highest = 0;
        for (Operation op : operations) {
            alters |= op.change() != 0;
            highest = Math.max(highest, op.number());
        }
        Waiter waiter = new Waiter(task, operations, alters);
        synchronized (this) {
            SemaphoreSet set = find(id);
            if (highest >= set.values.length) {
                throw Errno.EFBIG.exception();
            }
            set.checkAccess(task.credentials(), alters ? IpcObject.WRITE : IpcObject.READ);
            Attempt attempt = set.attempt(waiter);
            if (attempt == Attempt.DONE) {
                set.operationSeconds = seconds(task);
                if (alters) {
                    set.update(set.operationSeconds);
                }
                return;
            }
            if (attempt == Attempt.RANGE) {
                throw Errno.ERANGE.exception();
            }
            if (waiter.blocking.noWait()) {
                throw Errno.EAGAIN.exception();
            }
            set.add(waiter);
        }
        await(task, id, waiter, deadlineNanos);
    }

    private void await(Task task, int id, Waiter waiter, long deadlineNanos) throws ErrnoException {
        Errno interruption = null;
        for (; ; ) {
            synchronized (this) {
                if (waiter.done) {
                    break;
                }
                if (interruption != null) {
                    find(id).withdraw(waiter);
                    throw interruption.exception();
                }
            }
            try {
                if (!task.sleep(deadlineNanos)) {
                    interruption = Errno.EAGAIN;
                }
            } catch (ErrnoException signal) {
                interruption = Errno.EINTR;
            }
        }
        Errno failure = waiter.failure;
        if (failure != null) {
            throw failure.exception();
        }
    }

    /** GETALL. EINVAL, EACCES. */
    public synchronized int[] values(Task task, int id) throws ErrnoException {
        SemaphoreSet set = find(id);
        set.checkAccess(task.credentials(), IpcObject.READ);
        return set.values.clone();
    }

    /** How many semaphores SETALL takes. EINVAL, EACCES. */
    public synchronized int countForSet(Task task, int id) throws ErrnoException {
        SemaphoreSet set = find(id);
        set.checkAccess(task.credentials(), IpcObject.WRITE);
        return set.values.length;
    }

    /** SETALL. ERANGE, EIDRM. */
    public synchronized void setValues(Task task, int id, int[] values) throws ErrnoException {
        for (int value : values) {
            if (value > SemaphoreSet.SEMVMX) {
                throw Errno.ERANGE.exception();
            }
        }
        SemaphoreSet set;
        try {
            set = find(id);
        } catch (ErrnoException gone) {
            throw Errno.EIDRM.exception();
        }
        int pid = task.threadGroup().id();
        for (int i = 0; i < values.length; i++) {
            set.values[i] = values[i];
            set.pids[i] = pid;
            set.forgetUndo(i);
        }
        set.changeSeconds = seconds(task);
        set.update(set.changeSeconds);
    }

    /** SETVAL. ERANGE, EINVAL, EACCES. */
    public synchronized void setValue(Task task, int id, int number, int value)
            throws ErrnoException {
        if (value < 0 || value > SemaphoreSet.SEMVMX) {
            throw Errno.ERANGE.exception();
        }
        SemaphoreSet set = find(id);
        checkNumber(set, number);
        set.checkAccess(task.credentials(), IpcObject.WRITE);
        set.forgetUndo(number);
        set.values[number] = value;
        set.pids[number] = task.threadGroup().id();
        set.changeSeconds = seconds(task);
        set.update(set.changeSeconds);
    }

    private static void checkNumber(SemaphoreSet set, int number) throws ErrnoException {
        if (number < 0 || number >= set.values.length) {
            throw Errno.EINVAL.exception();
        }
    }

    /** What GETVAL and its like ask for. */
    public enum Question {
        VALUE,
        PID,
        WAITING_FOR_MORE,
        WAITING_FOR_ZERO
    }

    /** GETVAL, GETPID, GETNCNT, GETZCNT. EINVAL, EACCES. */
    public synchronized int ask(Task task, int id, int number, Question question)
            throws ErrnoException {
        SemaphoreSet set = find(id);
        set.checkAccess(task.credentials(), IpcObject.READ);
        checkNumber(set, number);
        return switch (question) {
            case VALUE -> set.values[number];
            case PID -> set.pids[number];
            case WAITING_FOR_MORE -> set.waiting(number, false);
            case WAITING_FOR_ZERO -> set.waiting(number, true);
        };
    }

    /** IPC_SET with a {@code struct semid64_ds}. EINVAL, EPERM. */
    public synchronized void set(Task task, int id, byte[] status) throws ErrnoException {
        SemaphoreSet set = find(id);
        set.checkControl(task.credentials());
        set.set(status, seconds(task));
    }

    /**
     * IPC_INFO and SEM_INFO: {@code struct seminfo}, 40 bytes; returns the highest place.
     *
     * @param usage whether it tells how much is in use
     */
    public synchronized int info(byte[] b, boolean usage) {
        int[] fields = {
            SEMMAP,
            limits.semmni,
            limits.semmns,
            SEMMAP,
            limits.semmsl,
            limits.semopm,
            SEMUME,
            usage ? count() : SEMUSZ,
            SemaphoreSet.SEMVMX,
            usage ? total : SemaphoreSet.SEMVMX,
        };
        for (int i = 0; i < fields.length; i++) {
            LittleEndian.putInt(b, i * Integer.BYTES, fields[i]);
        }
        return highestPlace();
    }

    /** A process ended: its SEM_UNDO operations are undone. */
    public synchronized void processEnded(ThreadGroup group, long nowSeconds) {
        for (SemaphoreSet set : new ArrayList<>(objects())) {
            set.undo(group, nowSeconds);
        }
    }

    @Override
    public synchronized void list(StringBuilder out) {
        for (SemaphoreSet s : objects()) {
            column(out, s.key, 10).append(' ');
            column(out, s.id, 10).append("  ");
            column(out, Integer.toOctalString(s.mode), 4).append(' ');
            column(out, s.values.length, 10).append(' ');
            owners(out, s);
            column(out, s.operationSeconds, 10).append(' ');
            column(out, s.changeSeconds, 10).append('\n');
        }
    }
}
