// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.futex;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.MemoryManager.FutexKey;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Futex;

import org.jspecify.annotations.Nullable;

/**
 * All futex wait queues of a kernel (Linux: kernel/futex). A waiter is found by its key: address
 * space and address for private words, object and offset for shared ones.
 *
 * <p>Lock order: bucket monitors are taken in the order of their index, two at most; memory is
 * accessed under them (so a memory manager never calls here), tasks are woken under them.
 */
public final class FutexTable {

    private static final int BUCKETS = 256; // a power of two

    private final Bucket[] buckets = new Bucket[BUCKETS];
    private final PiFutexes locks = new PiFutexes();

    /** One task waiting for one word. Links and fields are guarded by the bucket it is in. */
    private static final class Waiter {
        final Task task;
        final int bitset;
        FutexKey key;
        volatile @Nullable Bucket bucket; // null once it was woken

        @Nullable
        Waiter next;

        @Nullable
        Waiter previous;

        /** For FUTEX_WAIT_REQUEUE_PI: the lock it is to be moved to. */
        @Nullable
        FutexKey lockKey;

        /** Where it waits once it was moved to a lock; written before it leaves its bucket. */
        volatile PiFutexes.@Nullable Waiter moved;

        /** Whether it was given the lock when it was moved. */
        volatile boolean locked;

        Waiter(Task task, FutexKey key, int bitset) {
            this.task = task;
            this.key = key;
            this.bitset = bitset;
        }
    }

    private static final class Bucket {
        final int index;

        @Nullable
        Waiter first;

        @Nullable
        Waiter last;

        Bucket(int index) {
            this.index = index;
        }

        void add(Waiter w) {
            w.bucket = this;
            w.next = null;
            w.previous = last;
            if (w.previous == null) {
                first = w;
            } else {
                w.previous.next = w;
            }
            last = w;
        }

        void remove(Waiter w) {
            if (w.previous == null) {
                first = w.next;
            } else {
                w.previous.next = w.next;
            }
            if (w.next == null) {
                last = w.previous;
            } else {
                w.next.previous = w.previous;
            }
            w.next = null;
            w.previous = null;
            w.bucket = null;
        }
    }

    /** Creates an empty table. */
    public FutexTable() {
        for (int i = 0; i < BUCKETS; i++) {
            buckets[i] = new Bucket(i);
        }
    }

    private Bucket bucket(FutexKey key) {
        long h = System.identityHashCode(key.space()) * 31L + (key.offset() >>> 2);
        h *= 0x9e3779b97f4a7c15L;
        return buckets[(int) (h >>> 56) & (BUCKETS - 1)];
    }

    private static FutexKey key(Task task, long address, boolean isPrivate) throws ErrnoException {
        if ((address & 3) != 0) {
            throw Errno.EINVAL.exception();
        }
        return task.memory().futexKey(address, isPrivate);
    }

    /**
     * Waits while a word has a value (FUTEX_WAIT, FUTEX_WAIT_BITSET).
     *
     * @param deadlineNanos CLOCK_MONOTONIC, Long.MAX_VALUE for none
     * @throws ErrnoException EINVAL for the address or an empty bitset; EFAULT; EAGAIN if the value
     *     is another one; ETIMEDOUT; ERESTARTSYS
     */
    public void await(
            Task task, long address, int value, int bitset, boolean isPrivate, long deadlineNanos)
            throws ErrnoException {
        if (bitset == 0) {
            throw Errno.EINVAL.exception();
        }
        Waiter waiter = new Waiter(task, key(task, address, isPrivate), bitset);
        begin(task, waiter, address, value);
        await(task, waiter, deadlineNanos);
    }

    /** Enqueues a waiter if the word has the value; EAGAIN, EFAULT. */
    private void begin(Task task, Waiter waiter, long address, int value) throws ErrnoException {
        Bucket bucket = bucket(waiter.key);
        synchronized (bucket) {
            if (task.memory().loadInt(address) != value) {
                throw Errno.EAGAIN.exception();
            }
            bucket.add(waiter);
        }
    }

    /** Sleeps until somebody took the waiter off its queue; ETIMEDOUT, ERESTARTSYS. */
    private static void await(Task task, Waiter waiter, long deadlineNanos) throws ErrnoException {
        boolean inTime = true;
        ErrnoException interruption = null;
        while (waiter.bucket != null && inTime && interruption == null) {
            try {
                inTime = task.sleep(deadlineNanos);
            } catch (ErrnoException e) {
                interruption = e;
            }
        }
        if (!cancel(waiter)) {
            return; // woken, perhaps at the last moment
        }
        throw interruption != null ? interruption : Errno.ETIMEDOUT.exception();
    }

    /** Takes a waiter off its queue; false if somebody else did, which woke it. */
    private static boolean cancel(Waiter waiter) {
        for (; ; ) {
            Bucket bucket = waiter.bucket;
            if (bucket == null) {
                return false;
            }
            synchronized (bucket) {
                if (waiter.bucket == bucket) { // not requeued meanwhile
                    bucket.remove(waiter);
                    return true;
                }
            }
        }
    }

    /**
     * Wakes up to {@code count} waiters of a word in the task's memory (shared key); errors are
     * ignored.
     */
    public void wake(Task task, long address, int count) {
        try {
            wake(task, address, count, Futex.FUTEX_BITSET_MATCH_ANY, false);
        } catch (ErrnoException e) {
            // the word is not there (any more): nobody can wait for it
        }
    }

    /**
     * Wakes waiters whose bitset has a bit in common (FUTEX_WAKE, FUTEX_WAKE_BITSET).
     *
     * @param count at most this many; 0 and less count as 1, as in Linux
     * @return how many
     * @throws ErrnoException EINVAL for the address or an empty bitset; EFAULT for a shared word
     */
    public int wake(Task task, long address, int count, int bitset, boolean isPrivate)
            throws ErrnoException {
        if (bitset == 0) {
            throw Errno.EINVAL.exception();
        }
        FutexKey key = key(task, address, isPrivate);
        locks.checkNoWaiters(key);
        Bucket bucket = bucket(key);
        synchronized (bucket) {
            return wakeLocked(bucket, key, Math.max(count, 1), bitset);
        }
    }

    /** EINVAL for one that only FUTEX_CMP_REQUEUE_PI may touch. */
    private static void checkOrdinary(Waiter w) throws ErrnoException {
        if (w.lockKey != null) {
            throw Errno.EINVAL.exception();
        }
    }

    private static int wakeLocked(Bucket bucket, FutexKey key, int count, int bitset)
            throws ErrnoException {
        int woken = 0;
        Waiter next;
        for (Waiter w = bucket.first; w != null && woken < count; w = next) {
            next = w.next;
            if ((w.bitset & bitset) != 0 && w.key.equals(key)) {
                checkOrdinary(w);
                bucket.remove(w);
                w.task.wake();
                woken++;
            }
        }
        return woken;
    }

    /**
     * Wakes some waiters of one word and moves others to another word (FUTEX_REQUEUE,
     * FUTEX_CMP_REQUEUE).
     *
     * @param compare whether the word must have the value {@code expected}
     * @return how many were woken or moved
     * @throws ErrnoException EINVAL for counts and addresses; EFAULT; EAGAIN if the value is
     *     another one
     */
    public int requeue(
            Task task,
            long address,
            int wakeCount,
            int requeueCount,
            long toAddress,
            boolean compare,
            int expected,
            boolean isPrivate,
            boolean toPrivate)
            throws ErrnoException {
        if (wakeCount < 0 || requeueCount < 0) {
            throw Errno.EINVAL.exception();
        }
        FutexKey from = key(task, address, isPrivate);
        FutexKey to = key(task, toAddress, toPrivate);
        Bucket source = bucket(from);
        Bucket target = bucket(to);
        Bucket first = source.index <= target.index ? source : target;
        synchronized (first) {
            synchronized (first == source ? target : source) {
                if (compare && task.memory().loadInt(address) != expected) {
                    throw Errno.EAGAIN.exception();
                }
                return requeueLocked(source, from, target, to, wakeCount, requeueCount);
            }
        }
    }

    private static int requeueLocked(
            Bucket source, FutexKey from, Bucket target, FutexKey to, int wakeCount, int moveCount)
            throws ErrnoException {
        int woken = 0;
        int moved = 0;
        Waiter last = source.last;
        Waiter next;
        for (Waiter w = source.first; w != null; w = next) {
            next = w == last ? null : w.next; // those moved to the same bucket come behind it
            if (!w.key.equals(from)) {
                continue;
            }
            checkOrdinary(w);
            if (woken < wakeCount) {
                source.remove(w);
                w.task.wake();
                woken++;
            } else if (moved < moveCount) {
                source.remove(w);
                w.key = to;
                target.add(w);
                moved++;
            } else {
                break;
            }
        }
        return woken + moved;
    }

    /**
     * Changes a word, wakes waiters of another and, if the old value passes a test, of the changed
     * one (FUTEX_WAKE_OP).
     *
     * @param encoded {@code FUTEX_OP(…)}
     * @return how many were woken
     * @throws ErrnoException EINVAL for addresses; EFAULT; ENOSYS for an operation or test there is
     *     not
     */
    public int wakeOp(
            Task task,
            long address,
            int count,
            long operandAddress,
            int operandCount,
            int encoded,
            boolean isPrivate)
            throws ErrnoException {
        FutexKey key = key(task, address, isPrivate);
        FutexKey operandKey = key(task, operandAddress, isPrivate);
        Bucket bucket = bucket(key);
        Bucket operandBucket = bucket(operandKey);
        Bucket first = bucket.index <= operandBucket.index ? bucket : operandBucket;
        synchronized (first) {
            synchronized (first == bucket ? operandBucket : bucket) {
                boolean both = apply(task.memory(), operandAddress, encoded);
                int any = Futex.FUTEX_BITSET_MATCH_ANY;
                int woken = wakeLocked(bucket, key, Math.max(count, 1), any);
                if (both) {
                    woken += wakeLocked(operandBucket, operandKey, Math.max(operandCount, 1), any);
                }
                return woken;
            }
        }
    }

    /** Applies an encoded operation; returns the outcome of its test on the old value. */
    private static boolean apply(MemoryManager memory, long address, int encoded)
            throws ErrnoException {
        int operation = encoded >>> 28 & 7;
        int test = encoded >>> 24 & 15;
        int operand = encoded << 8 >> 20; // 12 bits, signed
        int comparand = encoded << 20 >> 20;
        if ((encoded >>> 28 & Futex.FUTEX_OP_OPARG_SHIFT) != 0) {
            operand = 1 << (operand & 31);
        }
        if (operation > Futex.FUTEX_OP_XOR) {
            throw Errno.ENOSYS.exception();
        }
        int old;
        int seen = memory.loadInt(address);
        do {
            old = seen;
            int changed = switch (operation) {
                case Futex.FUTEX_OP_SET -> operand;
                case Futex.FUTEX_OP_ADD -> old + operand;
                case Futex.FUTEX_OP_OR -> old | operand;
                case Futex.FUTEX_OP_ANDN -> old & ~operand;
                default -> old ^ operand;
            };
            seen = memory.compareAndExchangeInt(address, old, changed);
        } while (seen != old);
        return switch (test) {
            case Futex.FUTEX_OP_CMP_EQ -> old == comparand;
            case Futex.FUTEX_OP_CMP_NE -> old != comparand;
            case Futex.FUTEX_OP_CMP_LT -> old < comparand;
            case Futex.FUTEX_OP_CMP_LE -> old <= comparand;
            case Futex.FUTEX_OP_CMP_GT -> old > comparand;
            case Futex.FUTEX_OP_CMP_GE -> old >= comparand;
            default -> throw Errno.ENOSYS.exception();
        };
    }

    // Several words at once.

    /** A word of futex_waitv(2), with what it must be. */
    public record Word(long address, int value, boolean isPrivate) {}

    /**
     * Waits while all words have their values (futex_waitv(2)).
     *
     * @return the index of a word that was woken
     * @throws ErrnoException as {@link #await(Task, long, int, int, boolean, long)}
     */
    public int awaitAny(Task task, Word[] words, long deadlineNanos) throws ErrnoException {
        Waiter[] waiters = new Waiter[words.length];
        for (int i = 0; i < words.length; i++) {
            FutexKey key = key(task, words[i].address, words[i].isPrivate);
            waiters[i] = new Waiter(task, key, Futex.FUTEX_BITSET_MATCH_ANY);
        }
        int begun = 0;
        ErrnoException failure = null;
        try {
            for (; begun < words.length; begun++) {
                begin(task, waiters[begun], words[begun].address, words[begun].value);
            }
            while (!anyWoken(waiters) && failure == null) {
                if (!task.sleep(deadlineNanos)) {
                    failure = Errno.ETIMEDOUT.exception();
                }
            }
        } catch (ErrnoException e) {
            failure = e;
        }
        int woken = -1;
        for (int i = 0; i < begun; i++) {
            if (!cancel(waiters[i])) {
                woken = i;
            }
        }
        if (woken < 0 && failure != null) {
            throw failure;
        }
        return woken;
    }

    private static boolean anyWoken(Waiter[] waiters) {
        for (Waiter w : waiters) {
            if (w.bucket == null) {
                return true;
            }
        }
        return false;
    }

    // Locks with an owner.

    /** FUTEX_LOCK_PI and, with {@code onlyTry}, FUTEX_TRYLOCK_PI; see {@link PiFutexes#lock}. */
    public void lock(
            Task task, long address, boolean isPrivate, long deadlineNanos, boolean onlyTry)
            throws ErrnoException {
        locks.lock(task, key(task, address, isPrivate), address, deadlineNanos, onlyTry);
    }

    /** FUTEX_UNLOCK_PI. */
    public void unlock(Task task, long address, boolean isPrivate) throws ErrnoException {
        // The owner is looked at before the key, as the errors show.
        int owner = task.memory().getInt(address) & Futex.FUTEX_TID_MASK;
        if (owner != task.tid()) {
            throw Errno.EPERM.exception();
        }
        locks.unlock(task, key(task, address, isPrivate), address);
    }

    /** A task ends or leaves its memory: the locks it holds go to who waits for them. */
    void ownerDied(Task task) {
        locks.ownerDied(task);
    }

    /**
     * FUTEX_WAIT_REQUEUE_PI: waits for a word and then, when it is moved there, for a lock.
     *
     * @throws ErrnoException EINVAL, EFAULT, EAGAIN (also if a signal comes while it waits for the
     *     lock), ETIMEDOUT, ERESTARTNOINTR
     */
    public void awaitRequeue(
            Task task,
            long address,
            int value,
            boolean isPrivate,
            long deadlineNanos,
            long lockAddress)
            throws ErrnoException {
        if (address == lockAddress) {
            throw Errno.EINVAL.exception();
        }
        FutexKey lockKey = key(task, lockAddress, isPrivate);
        FutexKey key = key(task, address, isPrivate);
        Waiter waiter = new Waiter(task, key, Futex.FUTEX_BITSET_MATCH_ANY);
        waiter.lockKey = lockKey;
        Bucket bucket = bucket(key);
        synchronized (bucket) {
            if (task.memory().loadInt(address) != value) {
                throw Errno.EAGAIN.exception();
            }
            if (key.equals(lockKey)) {
                throw Errno.EINVAL.exception();
            }
            bucket.add(waiter);
        }
        try {
            await(task, waiter, deadlineNanos);
        } catch (ErrnoException e) {
            throw e.errno == Errno.ETIMEDOUT ? e : Errno.ERESTARTNOINTR.exception();
        }
        PiFutexes.Waiter moved = waiter.moved;
        if (moved != null) {
            locks.await(task, moved, lockAddress, deadlineNanos, Errno.EAGAIN);
        } else if (!waiter.locked) {
            throw Errno.EAGAIN.exception();
        }
    }

    /**
     * FUTEX_CMP_REQUEUE_PI: gives the lock to the first waiter if it is free, and lets the others
     * wait for it.
     *
     * @return how many were woken or moved
     * @throws ErrnoException EINVAL, EFAULT, EAGAIN, EDEADLK, ESRCH
     */
    public int requeueToLock(
            Task task,
            long address,
            int wakeCount,
            int requeueCount,
            long lockAddress,
            int expected,
            boolean isPrivate)
            throws ErrnoException {
        if (wakeCount != 1 || requeueCount < 0 || address == lockAddress) {
            throw Errno.EINVAL.exception();
        }
        FutexKey from = key(task, address, isPrivate);
        FutexKey to = key(task, lockAddress, isPrivate);
        if (from.equals(to)) {
            throw Errno.EINVAL.exception();
        }
        Bucket bucket = bucket(from);
        synchronized (locks) {
            synchronized (bucket) {
                if (task.memory().loadInt(address) != expected) {
                    throw Errno.EAGAIN.exception();
                }
                return moveLocked(task, bucket, from, requeueCount, to, lockAddress);
            }
        }
    }

    private int moveLocked(
            Task task,
            Bucket bucket,
            FutexKey from,
            int requeueCount,
            FutexKey to,
            long lockAddress)
            throws ErrnoException {
        int done = 0;
        int most = requeueCount == Integer.MAX_VALUE ? requeueCount : requeueCount + 1;
        Waiter next;
        for (Waiter w = bucket.first; w != null && done < most; w = next) {
            next = w.next;
            if (!w.key.equals(from)) {
                continue;
            }
            if (!to.equals(w.lockKey)) {
                throw Errno.EINVAL.exception();
            }
            boolean setWaiters = done > 0 || requeueCount > 0;
            if (done == 0 && requeueCount == 0) {
                if (!locks.tryLockFor(task, w.task, to, lockAddress, false)) {
                    return 0;
                }
                w.locked = true;
            } else {
                PiFutexes.Waiter moved = locks.lockFor(task, w.task, to, lockAddress, setWaiters);
                w.moved = moved;
                w.locked = moved == null;
            }
            bucket.remove(w);
            w.task.wake();
            done++;
        }
        return done;
    }

    /** How many tasks wait (tests). */
    public int waitersCount() {
        int count = 0;
        for (Bucket b : buckets) {
            synchronized (b) {
                for (Waiter w = b.first; w != null; w = w.next) {
                    count++;
                }
            }
        }
        return count;
    }
}
