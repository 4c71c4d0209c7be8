// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.kernel.LockRank;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The numbers of a PID namespace and the tasks they name (Linux: {@code struct pid_namespace}).
 * Lookups take no lock.
 */
public final class PidTable {

    /** Linux: {@code PID_MAX_DEFAULT}; the highest number is one less. */
    public static final int PID_MAX = 32768;

    /** Linux: {@code RESERVED_PIDS}; after a wrap, numbers start here. */
    public static final int RESERVED_PIDS = 300;

    private static final int CHUNK_SHIFT = 8;
    private static final int CHUNK_SIZE = 1 << CHUNK_SHIFT;

    private final RankedLock lock = new RankedLock(LockRank.PID);
    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Pid>> chunks =
            new AtomicReferenceArray<>(PID_MAX >> CHUNK_SHIFT);
    private int last; // guarded by lock
    private int count; // guarded by lock

    /** Takes the next free number. EAGAIN if all are taken. */
    Pid allocate() throws ErrnoException {
        lock.lock();
        try {
            int candidate = last;
            for (int tries = 0; tries < PID_MAX; tries++) {
                candidate++;
                if (candidate >= PID_MAX) {
                    candidate = RESERVED_PIDS;
                }
                if (find(candidate) == null) {
                    last = candidate;
                    return add(candidate);
                }
            }
            throw Errno.EAGAIN.exception();
        } finally {
            lock.unlock();
        }
    }

    private Pid add(int number) {
        AtomicReferenceArray<@Nullable Pid> chunk = chunks.get(number >> CHUNK_SHIFT);
        if (chunk == null) {
            chunk = new AtomicReferenceArray<>(CHUNK_SIZE);
            chunks.set(number >> CHUNK_SHIFT, chunk);
        }
        Pid pid = new Pid(number);
        chunk.set(number & (CHUNK_SIZE - 1), pid);
        count++;
        return pid;
    }

    /** Gives a number back if it names nothing any more. */
    void releaseIfUnused(Pid pid) {
        lock.lock();
        try {
            AtomicReferenceArray<@Nullable Pid> chunk = chunks.get(pid.number() >> CHUNK_SHIFT);
            int slot = pid.number() & (CHUNK_SIZE - 1);
            if (pid.isUnused() && chunk != null && chunk.get(slot) == pid) {
                chunk.set(slot, null);
                count--;
            }
        } finally {
            lock.unlock();
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
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
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
