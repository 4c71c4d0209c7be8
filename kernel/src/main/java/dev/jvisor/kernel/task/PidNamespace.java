// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.kernel.LockRank;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Sched;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The numbers of a PID namespace and the tasks they name (Linux: {@code struct pid_namespace}).
 * Lookups take no lock. A task has a number in its namespace and in all above.
 */
public final class PidNamespace extends Namespace {

    /** Linux: {@code PID_MAX_DEFAULT}; the highest number is one less. */
    public static final int PID_MAX = 32768;

    /** Linux: {@code RESERVED_PIDS}; after a wrap, numbers start here. */
    public static final int RESERVED_PIDS = 300;

    private static final int CHUNK_SHIFT = 8;
    private static final int CHUNK_SIZE = 1 << CHUNK_SHIFT;
    private static final long END_POLL_MILLIS = 20;
    private static final int[] ANY = {};

    private final @Nullable PidNamespace parent;
    private final int level;
    private final UserNamespace owner;

    private final RankedLock lock; // one for all namespaces of a kernel
    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Pid>> chunks =
            new AtomicReferenceArray<>(PID_MAX >> CHUNK_SHIFT);
    private int last; // guarded by lock
    private volatile int count; // written under lock
    private boolean closed; // guarded by lock
    private final Object alone = new Object();

    /** Its first process, or null before that is made and when it is gone. */
    volatile @Nullable ThreadGroup init;

    /** Makes the initial one. */
    public PidNamespace() {
        super(INITIAL_PID);
        parent = null;
        level = 0;
        owner = UserNamespace.INITIAL;
        lock = new RankedLock(LockRank.PID);
    }

    private PidNamespace(PidNamespace parent, UserNamespace owner) {
        this.parent = parent;
        this.level = parent.level + 1;
        this.owner = owner;
        this.lock = parent.lock;
    }

    /**
     * Makes one below another.
     *
     * @throws ErrnoException ENOSPC if it would be too deep; EINVAL if the owner is not below the
     *     parent's
     */
    public static PidNamespace create(PidNamespace parent, UserNamespace owner)
            throws ErrnoException {
        if (!owner.isWithin(parent.owner)) {
            throw Errno.EINVAL.exception();
        }
        if (parent.level >= LEVEL_MAX) {
            throw Errno.ENOSPC.exception();
        }
        return new PidNamespace(parent, owner);
    }

    /** The namespace above, or null for the initial one. */
    public @Nullable PidNamespace parent() {
        return parent;
    }

    /** How deep it is; 0 for the initial one. */
    public int level() {
        return level;
    }

    @Override
    public UserNamespace owner() {
        return owner;
    }

    @Override
    public String kind() {
        return "pid";
    }

    @Override
    public int cloneFlag() {
        return Sched.CLONE_NEWPID;
    }

    /** The namespace of a level that it is in: itself or one above. */
    public PidNamespace ancestor(int wanted) {
        PidNamespace n = this;
        while (n.level > wanted && n.parent != null) {
            n = n.parent;
        }
        return n;
    }

    /** Whether it is another one or below it. */
    public boolean isWithin(PidNamespace other) {
        return ancestor(other.level) == other;
    }

    /** Its first process, which adopts orphans, or null. */
    public @Nullable ThreadGroup init() {
        return init;
    }

    /** Takes the next free number here and in all above. EAGAIN if all are taken. */
    Pid allocate() throws ErrnoException {
        return allocate(ANY);
    }

    /**
     * Takes numbers of the caller's choice.
     *
     * @param wanted the number here, then that in the namespace above, and so on; the rest is free
     * @throws ErrnoException EAGAIN if all are taken; ENOMEM if the first process is gone; EEXIST;
     *     EINVAL for a first process that is not to be number 1
     */
    Pid allocate(int[] wanted) throws ErrnoException {
        int[] numbers = new int[level + 1];
        lock.lock();
        try {
            // Nothing is marked as taken before all are found.
            for (PidNamespace n = this; n != null; n = n.parent) {
                int index = level - n.level;
                numbers[n.level] = n.reserve(index < wanted.length ? wanted[index] : 0);
            }
            if (closed) {
                throw Errno.ENOMEM.exception();
            }
            Pid pid = new Pid(this, numbers);
            for (PidNamespace n = this; n != null; n = n.parent) {
                n.add(numbers[n.level], pid);
            }
            return pid;
        } finally {
            lock.unlock();
        }
    }

    private int reserve(int wanted) throws ErrnoException {
        if (wanted != 0) {
            if (wanted != 1 && count == 0) {
                throw Errno.EINVAL.exception();
            }
            if (find(wanted) != null) {
                throw Errno.EEXIST.exception();
            }
            return wanted;
        }
        int candidate = last;
        for (int tries = 0; tries < PID_MAX; tries++) {
            candidate++;
            if (candidate >= PID_MAX) {
                candidate = RESERVED_PIDS;
            }
            if (find(candidate) == null) {
                last = candidate;
                return candidate;
            }
        }
        throw Errno.EAGAIN.exception();
    }

    private void add(int number, Pid pid) {
        AtomicReferenceArray<@Nullable Pid> chunk = chunks.get(number >> CHUNK_SHIFT);
        if (chunk == null) {
            chunk = new AtomicReferenceArray<>(CHUNK_SIZE);
            chunks.set(number >> CHUNK_SHIFT, chunk);
        }
        chunk.set(number & (CHUNK_SIZE - 1), pid);
        count++;
    }

    /** Gives a number back if it names nothing any more. */
    static void releaseIfUnused(Pid pid) {
        PidNamespace innermost = pid.namespace();
        innermost.lock.lock();
        try {
            if (!pid.isUnused()) {
                return;
            }
            for (PidNamespace n = innermost; n != null; n = n.parent) {
                n.remove(pid);
            }
        } finally {
            innermost.lock.unlock();
        }
    }

    private void remove(Pid pid) {
        int number = pid.numberAt(level);
        AtomicReferenceArray<@Nullable Pid> chunk = chunks.get(number >> CHUNK_SHIFT);
        int slot = number & (CHUNK_SIZE - 1);
        if (chunk == null || chunk.get(slot) != pid) {
            return;
        }
        chunk.set(slot, null);
        count--;
        if (closed) {
            synchronized (alone) {
                alone.notifyAll();
            }
        }
    }

    /** No more numbers are given out: the first process ends. */
    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a number of the first process is the only one left, or the kernel ends; without
     * locks.
     */
    void awaitAlone(dev.jvisor.kernel.Kernel kernel) {
        boolean interrupted = false;
        synchronized (alone) {
            while (count > 1 && !kernel.isEnding()) {
                try {
                    alone.wait(END_POLL_MILLIS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Finds what a number names, or null. */
    public @Nullable Pid find(int number) {
        if (number <= 0 || number >= PID_MAX) {
            return null;
        }
        AtomicReferenceArray<@Nullable Pid> chunk = chunks.get(number >> CHUNK_SHIFT);
        return chunk == null ? null : chunk.get(number & (CHUNK_SIZE - 1));
    }

    /** The thread with an id, or null. */
    public @Nullable Task task(int tid) {
        Pid pid = find(tid);
        return pid == null ? null : pid.task;
    }

    /** The process with an id (zombies included), or null. */
    public @Nullable ThreadGroup threadGroup(int id) {
        Pid pid = find(id);
        return pid == null ? null : pid.threadGroup;
    }

    /** The process group with an id, or null. */
    public @Nullable ProcessGroup processGroup(int id) {
        Pid pid = find(id);
        return pid == null ? null : pid.processGroup;
    }

    /** The session with an id, or null. */
    public @Nullable SessionGroup session(int id) {
        Pid pid = find(id);
        return pid == null ? null : pid.session;
    }

    /** The last number given out ({@code /proc/loadavg}). */
    public int lastNumber() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }

    /** How many numbers are taken. */
    public int count() {
        return count;
    }

    /**
     * Sees every process, zombies included, by ascending id. Sees those that stay during the walk.
     */
    public void forEachThreadGroup(ThreadGroupVisitor visitor) {
        for (int i = 0; i < chunks.length(); i++) {
            AtomicReferenceArray<@Nullable Pid> chunk = chunks.get(i);
            if (chunk == null) {
                continue;
            }
            for (int j = 0; j < CHUNK_SIZE; j++) {
                Pid pid = chunk.get(j);
                ThreadGroup group = pid == null ? null : pid.threadGroup;
                if (group != null && !visitor.visit(group)) {
                    return;
                }
            }
        }
    }

    /** See {@link #forEachThreadGroup}. */
    public interface ThreadGroupVisitor {
        /** Returns whether to go on. */
        boolean visit(ThreadGroup group);
    }
}
