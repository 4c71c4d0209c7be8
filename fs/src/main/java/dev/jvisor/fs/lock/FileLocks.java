// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.lock;

import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * The locks on one inode (Linux: {@code struct file_lock_context}).
 *
 * <p>Nothing here blocks: who cannot have a lock gets false, waits on {@link #waitQueue} and tries
 * again; {@link LockWaiters} finds those who would wait for each other. The monitor is a leaf but
 * for the wait queue's and that of {@link #ACTIVE}.
 */
public final class FileLocks {

    /** Last byte of a lock without an end. */
    public static final long END_MAX = Long.MAX_VALUE;

    private static final int RECORDS_MAX = 10_000;

    /** Those that have locks, for /proc/locks; guarded by itself. */
    private static final LinkedHashSet<FileLocks> ACTIVE = new LinkedHashSet<>();

    private final @Nullable Inode inode;

    /** Locks of nothing (tests). */
    public FileLocks() {
        this(null);
    }

    public FileLocks(@Nullable Inode inode) {
        this.inode = inode;
    }

    /** What the locks are on. */
    public @Nullable Inode inode() {
        return inode;
    }

    /** All that have locks now, the latest first. */
    public static List<FileLocks> active() {
        synchronized (ACTIVE) {
            return List.copyOf(ACTIVE.reversed());
        }
    }

    /** Takes it into the list, or out if there are no locks any more; this is locked. */
    private void noteActive() {
        boolean has = !records.isEmpty() || !whole.isEmpty();
        if (has != active) {
            active = has;
            synchronized (ACTIVE) {
                if (has) {
                    ACTIVE.add(this);
                } else {
                    ACTIVE.remove(this);
                }
            }
        }
    }

    /**
     * A record lock on bytes {@code start} to {@code end}, both included.
     *
     * @param owner file table or description
     * @param type F_RDLCK or F_WRLCK
     * @param processId what F_GETLK tells of it; -1 for OFD locks
     */
    public record RecordLock(Object owner, int type, long start, long end, int processId) {
        boolean conflictsWith(Object other, int otherType, long from, long to) {
            return owner != other
                    && start <= to
                    && from <= end
                    && (type == Fcntl.F_WRLCK || otherType == Fcntl.F_WRLCK);
        }
    }

    /** A lock of flock(2). */
    public record WholeLock(Object owner, boolean exclusive, int processId) {}

    private boolean active; // guarded by this

    private final WaitQueue queue = new WaitQueue();
    private final List<WholeLock> whole = new ArrayList<>();
    private final List<RecordLock> records = new ArrayList<>();

    /** Notified with POLLIN whenever a lock is released or weakened. */
    public WaitQueue waitQueue() {
        return queue;
    }

    /**
     * flock(2) without waiting.
     *
     * @param owner the open file description
     * @param operation LOCK_SH, LOCK_EX or LOCK_UN; LOCK_NB is ignored
     * @return whether it is done; a lock that is converted is lost in between, as in Linux
     * @throws ErrnoException EINVAL
     */
    public boolean flock(Object owner, int operation) throws ErrnoException {
        return flock(owner, operation, 0);
    }

    /** As {@link #flock(Object, int)} with the process that /proc/locks names. */
    public boolean flock(Object owner, int operation, int processId) throws ErrnoException {
        int wanted = operation & ~Fcntl.LOCK_NB;
        if (wanted != Fcntl.LOCK_SH && wanted != Fcntl.LOCK_EX && wanted != Fcntl.LOCK_UN) {
            throw Errno.EINVAL.exception();
        }
        boolean released = false;
        boolean done = true;
        synchronized (this) {
            boolean exclusive = wanted == Fcntl.LOCK_EX;
            for (int i = whole.size() - 1; i >= 0; i--) {
                WholeLock l = whole.get(i);
                if (l.owner == owner) {
                    if (wanted != Fcntl.LOCK_UN && l.exclusive == exclusive) {
                        return true;
                    }
                    whole.remove(i);
                    released = true;
                }
            }
            if (wanted != Fcntl.LOCK_UN) {
                for (WholeLock l : whole) {
                    if (exclusive || l.exclusive) {
                        done = false;
                        break;
                    }
                }
                if (done) {
                    whole.add(new WholeLock(owner, exclusive, processId));
                }
            }
            noteActive();
        }
        if (released) {
            queue.notify(Poll.POLLIN);
        }
        return done;
    }

    /**
     * Refuses another record lock if there are very many: ENOLCK, as they are the Sentry's memory.
     */
    public synchronized void checkRoom() throws ErrnoException {
        if (records.size() >= RECORDS_MAX) {
            throw Errno.ENOLCK.exception();
        }
    }

    /** F_GETLK: the first lock that is in the way, or null. */
    public synchronized @Nullable RecordLock findConflict(
            Object owner, int type, long start, long end) {
        for (RecordLock l : records) {
            if (l.conflictsWith(owner, type, start, end)) {
                return l;
            }
        }
        return null;
    }

    /**
     * F_SETLK, F_OFD_SETLK without waiting.
     *
     * @param type F_RDLCK, F_WRLCK or F_UNLCK
     * @return false if another owner's lock is in the way (EAGAIN, or wait for F_SETLKW)
     */
    public boolean setRecord(Object owner, int type, long start, long end, int processId) {
        synchronized (this) {
            if (type != Fcntl.F_UNLCK && findConflict(owner, type, start, end) != null) {
                return false;
            }
            cut(owner, start, end);
            if (type != Fcntl.F_UNLCK) {
                add(new RecordLock(owner, type, start, end, processId));
            }
            noteActive();
        }
        // an unlock, or a lock that replaced a stronger one
        queue.notify(Poll.POLLIN);
        return true;
    }

    /** Takes a range out of an owner's locks. */
    private void cut(Object owner, long start, long end) {
        for (int i = records.size() - 1; i >= 0; i--) {
            RecordLock l = records.get(i);
            if (l.owner != owner || l.start > end || start > l.end) {
                continue;
            }
            records.remove(i);
            if (l.end > end) {
                records.add(i, new RecordLock(owner, l.type, end + 1, l.end, l.processId));
            }
            if (l.start < start) {
                records.add(i, new RecordLock(owner, l.type, l.start, start - 1, l.processId));
            }
        }
    }

    /** Adds a lock, one with neighbours of the same owner and type, in order of the start. */
    private void add(RecordLock added) {
        long start = added.start;
        long end = added.end;
        for (int i = records.size() - 1; i >= 0; i--) {
            RecordLock l = records.get(i);
            boolean touches = l.owner == added.owner
                    && l.type == added.type
                    && (l.end != END_MAX && l.end + 1 == start
                            || end != END_MAX && end + 1 == l.start);
            if (touches) {
                start = Math.min(start, l.start);
                end = Math.max(end, l.end);
                records.remove(i);
            }
        }
        int at = 0;
        while (at < records.size() && records.get(at).start < start) {
            at++;
        }
        records.add(at, new RecordLock(added.owner, added.type, start, end, added.processId));
    }

    /** close(2) of any descriptor of the file: all record locks of the file table go. */
    public void releaseOwner(Object owner) {
        setRecord(owner, Fcntl.F_UNLCK, 0, END_MAX, 0);
    }

    /** The last descriptor of a description is closed: its flock and OFD locks go. */
    public void releaseDescription(Object description) {
        synchronized (this) {
            cut(description, 0, END_MAX);
            whole.removeIf(l -> l.owner == description);
            noteActive();
        }
        queue.notify(Poll.POLLIN);
    }

    /** All locks of flock(2), for /proc/locks. */
    public synchronized List<WholeLock> wholes() {
        return List.copyOf(whole);
    }

    /** All record locks, for /proc/locks. */
    public synchronized List<RecordLock> records() {
        return List.copyOf(records);
    }
}
