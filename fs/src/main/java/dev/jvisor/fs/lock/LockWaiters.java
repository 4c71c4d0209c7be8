// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.lock;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.IdentityHashMap;

/**
 * Who waits for whose POSIX lock (Linux: {@code blocked_hash}): a wait that would close a circle
 * fails with EDEADLK. One list for all files. Its monitor is taken before that of a file's locks.
 */
public final class LockWaiters {

    /** Longest chain that is followed, as in Linux. */
    private static final int STEPS_MAX = 10;

    private static final LockWaiters ALL = new LockWaiters();

    /** The owner that each owner waits for; guarded by this. */
    private final IdentityHashMap<Object, Object> waiting = new IdentityHashMap<>();

    LockWaiters() {}

    public static LockWaiters all() {
        return ALL;
    }

    /**
     * Tries to get a lock, and if another is in the way notes that its owner is waited for.
     *
     * @return whether the lock was set
     * @throws ErrnoException EDEADLK
     */
    public synchronized boolean setOrWait(
            FileLocks locks, Object owner, int type, long start, long end, int processId)
            throws ErrnoException {
        waiting.remove(owner);
        if (locks.setRecord(owner, type, start, end, processId)) {
            return true;
        }
        FileLocks.RecordLock blocker = locks.findConflict(owner, type, start, end);
        if (blocker == null) {
            return locks.setRecord(owner, type, start, end, processId);
        }
        @Nullable Object next = blocker.owner();
        for (int i = 0; next != null && i < STEPS_MAX; i++) {
            if (next == owner) {
                throw Errno.EDEADLK.exception();
            }
            next = waiting.get(next);
        }
        waiting.put(owner, blocker.owner());
        return false;
    }

    /** An owner does not wait any more. */
    public synchronized void done(Object owner) {
        waiting.remove(owner);
    }
}
