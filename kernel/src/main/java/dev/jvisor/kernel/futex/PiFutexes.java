// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.futex;

import static dev.jvisor.platform.abi.Futex.FUTEX_OWNER_DIED;
import static dev.jvisor.platform.abi.Futex.FUTEX_TID_MASK;
import static dev.jvisor.platform.abi.Futex.FUTEX_WAITERS;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.MemoryManager.FutexKey;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;

/**
 * Futexes that are locks with an owner (Linux: kernel/futex/pi.c). The word holds the owner's
 * thread id; who finds it taken waits here. Priorities decide who is next; nobody's priority is
 * raised, because the host schedules.
 *
 * <p>Lock order: this monitor, then the buckets of {@link FutexTable}; memory is accessed under it.
 */
final class PiFutexes {

    /** A lock that tasks wait for (Linux: {@code futex_pi_state}). */
    private static final class Lock {
        final FutexKey key;

        /** Null if the owner died. */
        @Nullable
        Task owner;

        /** In the order in which they get the lock. */
        final ArrayList<Waiter> waiters = new ArrayList<>();

        Lock(FutexKey key, Task owner) {
            this.key = key;
            this.owner = owner;
        }
    }

    /** A task that waits for a lock. */
    static final class Waiter {
        final Task task;
        final Lock lock;
        final int priority;

        /** Whether it owns the lock now. */
        boolean granted;

        /** Whether it has to write itself into the word, because the owner died. */
        boolean writesWord;

        private Waiter(Task task, Lock lock) {
            this.task = task;
            this.lock = lock;
            this.priority = task.scheduling().priority();
        }
    }

    private final HashMap<FutexKey, Lock> locks = new HashMap<>();
    private final IdentityHashMap<Task, Waiter> blocked = new IdentityHashMap<>();

    /** Whether somebody ever wanted a lock: an exit has nothing to do otherwise. */
    private volatile boolean used;

    /**
     * FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI.
     *
     * @throws ErrnoException EINVAL, EFAULT, EDEADLK, ESRCH; EAGAIN for {@code onlyTry}; ETIMEDOUT;
     *     ERESTARTNOINTR
     */
    void lock(Task task, FutexKey key, long address, long deadlineNanos, boolean onlyTry)
            throws ErrnoException {
        Waiter waiter;
        used = true; // before the owner's end is looked at
        synchronized (this) {
            if (tryLock(task, task, key, address, false)) {
                return;
            }
            if (onlyTry) {
                owner(task, key, address);
                throw Errno.EAGAIN.exception();
            }
            waiter = enqueue(task, key, address);
        }
        await(task, waiter, address, deadlineNanos, Errno.ERESTARTNOINTR);
    }

    /**
     * Takes the lock for a task if it is free (Linux: futex_lock_pi_atomic).
     *
     * @param caller in whose memory the word is
     * @return false if it has to wait; the word says then that somebody does
     */
    private boolean tryLock(Task caller, Task task, FutexKey key, long address, boolean setWaiters)
            throws ErrnoException {
        MemoryManager memory = caller.memory();
        for (; ; ) {
            int value = memory.loadInt(address);
            int owner = value & FUTEX_TID_MASK;
            if (owner == task.tid()) {
                throw Errno.EDEADLK.exception();
            }
            Lock lock = locks.get(key);
            if (lock != null) {
                checkOwner(lock, value, owner);
            } else if (owner == 0) {
                int taken =
                        value & FUTEX_OWNER_DIED | task.tid() | (setWaiters ? FUTEX_WAITERS : 0);
                if (memory.compareAndExchangeInt(address, value, taken) == value) {
                    return true;
                }
                continue;
            }
            int waited = value | FUTEX_WAITERS;
            if (waited == value || memory.compareAndExchangeInt(address, value, waited) == value) {
                return false;
            }
        }
    }

    /** The word must agree with what is known of the lock (Linux: attach_to_pi_state). */
    private static void checkOwner(Lock lock, int value, int owner) throws ErrnoException {
        Task known = lock.owner;
        if ((value & FUTEX_OWNER_DIED) != 0 && (known == null || owner == 0)) {
            if (known == null && owner != 0) {
                throw Errno.EINVAL.exception();
            }
            return;
        }
        if (known == null || owner != known.tid()) {
            throw Errno.EINVAL.exception();
        }
    }

    /** Adds a waiter for a lock that {@link #tryLock} found taken. EDEADLK, ESRCH. */
    private Waiter enqueue(Task task, FutexKey key, long address, Task caller)
            throws ErrnoException {
        Lock lock = owner(caller, key, address);
        checkDeadlock(task, lock);
        locks.put(key, lock);
        Waiter waiter = new Waiter(task, lock);
        int at = lock.waiters.size();
        while (at > 0 && lock.waiters.get(at - 1).priority < waiter.priority) {
            at--;
        }
        lock.waiters.add(at, waiter);
        blocked.put(task, waiter);
        return waiter;
    }

    /** The lock that the word's owner holds; ESRCH if it is gone. */
    private Lock owner(Task caller, FutexKey key, long address) throws ErrnoException {
        Lock lock = locks.get(key);
        if (lock == null) {
            int owner = caller.memory().loadInt(address) & FUTEX_TID_MASK;
            Task found = owner == 0 ? null : caller.pids().task(owner);
            if (found == null || found.robustList().isDead()) {
                throw Errno.ESRCH.exception();
            }
            lock = new Lock(key, found);
        }
        return lock;
    }

    /** EINVAL if somebody waits for the lock: waiters of locks are not woken by FUTEX_WAKE. */
    void checkNoWaiters(FutexKey key) throws ErrnoException {
        if (used) {
            synchronized (this) {
                if (locks.containsKey(key)) {
                    throw Errno.EINVAL.exception();
                }
            }
        }
    }

    private Waiter enqueue(Task task, FutexKey key, long address) throws ErrnoException {
        return enqueue(task, key, address, task);
    }

    /** EDEADLK if the owner waits, by others perhaps, for what the task holds. */
    private void checkDeadlock(Task task, Lock lock) throws ErrnoException {
        int steps = 0;
        for (Task owner = lock.owner; owner != null; steps++) {
            if (owner == task || steps > blocked.size()) {
                throw Errno.EDEADLK.exception();
            }
            Waiter next = blocked.get(owner);
            owner = next == null ? null : next.lock.owner;
        }
    }

    /**
     * Waits until the lock is granted.
     *
     * @param interrupted what a signal makes of the call
     */
    void await(Task task, Waiter waiter, long address, long deadlineNanos, Errno interrupted)
            throws ErrnoException {
        Errno failure = null;
        for (; ; ) {
            synchronized (this) {
                if (waiter.granted) {
                    break;
                }
                if (failure != null) {
                    withdraw(waiter);
                    throw failure.exception();
                }
            }
            try {
                if (!task.sleep(deadlineNanos)) {
                    failure = Errno.ETIMEDOUT;
                }
            } catch (ErrnoException signal) {
                failure = interrupted;
            }
        }
        if (waiter.writesWord) {
            writeOwner(task, address);
        }
    }

    private void withdraw(Waiter waiter) {
        blocked.remove(waiter.task);
        waiter.lock.waiters.remove(waiter);
        forgetIfUnused(waiter.lock);
    }

    private void forgetIfUnused(Lock lock) {
        if (lock.waiters.isEmpty() && locks.get(lock.key) == lock) {
            locks.remove(lock.key);
        }
    }

    /** The owner died: the new one enters itself (Linux: fixup_pi_state_owner). */
    private static void writeOwner(Task task, long address) throws ErrnoException {
        MemoryManager memory = task.memory();
        int value = memory.loadInt(address);
        int owned = FUTEX_OWNER_DIED | FUTEX_WAITERS | task.tid();
        for (; ; ) {
            int seen = memory.compareAndExchangeInt(address, value, owned);
            if (seen == value) {
                return;
            }
            value = seen;
        }
    }

    /** FUTEX_UNLOCK_PI. EPERM unless the word says that the caller owns it; EINVAL, EFAULT. */
    synchronized void unlock(Task task, FutexKey key, long address) throws ErrnoException {
        MemoryManager memory = task.memory();
        for (; ; ) {
            int value = memory.loadInt(address);
            if ((value & FUTEX_TID_MASK) != task.tid()) {
                throw Errno.EPERM.exception();
            }
            Lock lock = locks.get(key);
            if (lock == null) {
                if (memory.compareAndExchangeInt(address, value, 0) == value) {
                    return;
                }
                continue;
            }
            if (lock.owner != task) {
                throw Errno.EINVAL.exception();
            }
            Waiter next = lock.waiters.getFirst();
            int owned = FUTEX_WAITERS | next.task.tid();
            if (memory.compareAndExchangeInt(address, value, owned) == value) {
                grant(lock, next);
                return;
            }
        }
    }

    private void grant(Lock lock, Waiter next) {
        lock.waiters.remove(next);
        blocked.remove(next.task);
        lock.owner = next.task;
        next.granted = true;
        next.task.wake();
        forgetIfUnused(lock);
    }

    /** A task ends or leaves its memory: who waits for its locks gets them. */
    void ownerDied(Task task) {
        if (task.isExiting()) {
            task.robustList().setDead(); // before the look at what is used
        }
        if (!used) {
            return;
        }
        synchronized (this) {
            for (Lock lock : new ArrayList<>(locks.values())) {
                if (lock.owner == task) {
                    lock.owner = null;
                    Waiter next = lock.waiters.getFirst();
                    next.writesWord = true;
                    grant(lock, next);
                }
            }
        }
    }

    /**
     * Takes a lock for a task that FUTEX_CMP_REQUEUE_PI moves, or makes it wait for it.
     *
     * @param caller the task that moves it
     * @return null if it has the lock now
     */
    @Nullable
    Waiter lockFor(Task caller, Task task, FutexKey key, long address, boolean setWaiters)
            throws ErrnoException {
        used = true;
        return tryLock(caller, task, key, address, setWaiters)
                ? null
                : enqueue(task, key, address, caller);
    }

    /** Takes a lock for a task if it is free. */
    boolean tryLockFor(Task caller, Task task, FutexKey key, long address, boolean setWaiters)
            throws ErrnoException {
        return tryLock(caller, task, key, address, setWaiters);
    }
}
