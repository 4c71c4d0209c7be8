// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.fdtable;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.LockRank;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Descriptors of a process (Linux: {@code struct files_struct}).
 *
 * <p>Thread-safe. Looking up a descriptor takes no lock: a slot is read, a reference is taken, and
 * the slot is read again, so that a number that was closed and used anew meanwhile is noticed.
 * Changes happen under a lock; files are closed after it is released. Created with one user.
 *
 * <p>{@link #peek} hands out a description without a reference: who may block or runs beside other
 * threads of the process uses {@link #acquire} and releases.
 */
public final class FdTable {

    /** Linux: {@code sysctl_nr_open}; no descriptor number reaches it. */
    public static final int NR_OPEN = 1 << 20;

    private static final int INITIAL_SIZE = 64;

    /** Slots of all tables together: an eighth of the heap, for 4 bytes each. */
    private static final long SLOTS_MAX = Runtime.getRuntime().maxMemory() / 8 / 4;

    /** Open files of the sandbox: a quarter of the heap, for 256 bytes each (fs.file-max). */
    public static final long FILE_MAX = Runtime.getRuntime().maxMemory() / 4 / 256;

    private static final AtomicLong SLOTS = new AtomicLong();
    private static final int WORD_BITS = 64;

    private final RankedLock lock = new RankedLock(LockRank.FD_TABLE);
    private final AtomicInteger users = new AtomicInteger(1);

    /** Replaced by a longer copy when it grows; elements are changed under the lock. */
    private volatile AtomicReferenceArray<@Nullable FileDescription> slots;

    private long[] used; // a bit for each slot in use; guarded by lock
    private long[] closeOnExec; // guarded by lock
    private int lowestFree; // no free number is below it; guarded by lock

    private FdTable(int size) {
        slots = new AtomicReferenceArray<>(size);
        SLOTS.addAndGet(size);
        used = new long[size / WORD_BITS];
        closeOnExec = new long[size / WORD_BITS];
    }

    /** ENOMEM if there is no heap for a table of a size. */
    private static void checkRoom(int size) throws ErrnoException {
        if (size > INITIAL_SIZE && SLOTS.get() + size > SLOTS_MAX) {
            throw Errno.ENOMEM.exception();
        }
    }

    /** ENFILE if there are too many open files. */
    private static void checkFiles() throws ErrnoException {
        if (FileDescription.openCount() > FILE_MAX) {
            throw Errno.ENFILE.exception();
        }
    }

    /** Creates an empty table. */
    public static FdTable create() {
        return new FdTable(INITIAL_SIZE);
    }

    /** Returns the description with a reference taken, or throws EBADF (O_PATH ones included). */
    public FileDescription acquire(int fd) throws ErrnoException {
        for (; ; ) {
            FileDescription file = peek(fd);
            if (file == null) {
                throw Errno.EBADF.exception();
            }
            if (file.tryRetain()) {
                if (peek(fd) == file) {
                    return file;
                }
                file.release();
            }
        }
    }

    /** As {@link #acquire}, but EBADF for O_PATH descriptions too (most calls). */
    public FileDescription acquireForIo(int fd) throws ErrnoException {
        FileDescription f = acquire(fd);
        if (f.isPathOnly()) {
            f.release();
            throw Errno.EBADF.exception();
        }
        return f;
    }

    /** Returns the description or null, without a reference (procfs, tests). */
    public @Nullable FileDescription peek(int fd) {
        AtomicReferenceArray<@Nullable FileDescription> s = slots;
        return fd >= 0 && fd < s.length() ? s.get(fd) : null;
    }

    /**
     * Puts a description (whose reference the table takes over) at the lowest free number.
     *
     * @param minimum lowest number wanted
     * @param limit RLIMIT_NOFILE, unsigned: numbers are below it
     * @throws ErrnoException EMFILE; EINVAL if a minimum is given that is not below the limit. The
     *     reference stays the caller's then.
     */
    public int install(FileDescription file, int minimum, boolean closeOnExec, long limit)
            throws ErrnoException {
        int end = clamp(limit);
        checkFiles();
        if (minimum < 0 || minimum > 0 && minimum >= end) {
            throw Errno.EINVAL.exception();
        }
        lock.lock();
        try {
            int fd = nextFree(Math.max(minimum, lowestFree));
            if (fd >= end) {
                throw Errno.EMFILE.exception();
            }
            if (minimum <= lowestFree) {
                lowestFree = fd + 1;
            }
            put(fd, file, closeOnExec);
            return fd;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the lowest free number for a description that is yet to be opened: until {@link #fill}
     * or {@link #unreserve} it looks closed, but nobody else gets it.
     *
     * @throws ErrnoException EMFILE
     */
    public int reserve(long limit) throws ErrnoException {
        int end = clamp(limit);
        checkFiles();
        lock.lock();
        try {
            int fd = nextFree(lowestFree);
            if (fd >= end) {
                throw Errno.EMFILE.exception();
            }
            lowestFree = fd + 1;
            if (fd >= slots.length()) {
                grow(fd + 1);
            }
            used[fd / WORD_BITS] |= 1L << fd;
            return fd;
        } finally {
            lock.unlock();
        }
    }

    /** Puts a description, whose reference the table takes over, at a reserved number. */
    public void fill(int fd, FileDescription file, boolean closeOnExec) {
        lock.lock();
        try {
            set(fd, file, closeOnExec); // there has been a slot since it was reserved
        } finally {
            lock.unlock();
        }
    }

    /** Gives a reserved number back. */
    public void unreserve(int fd) {
        lock.lock();
        try {
            clear(fd);
        } finally {
            lock.unlock();
        }
    }

    private boolean isReserved(int fd) {
        return fd < slots.length()
                && (used[fd / WORD_BITS] >>> fd & 1) != 0
                && slots.get(fd) == null;
    }

    private static int clamp(long limit) {
        return limit < 0 || limit > NR_OPEN ? NR_OPEN : (int) limit;
    }

    /** The first free number from {@code from} on; may be just behind the table. */
    private int nextFree(int from) {
        int word = from / WORD_BITS;
        if (word >= used.length) {
            return from;
        }
        long free = ~used[word] & -1L << from;
        while (free == 0) {
            if (++word == used.length) {
                return word * WORD_BITS;
            }
            free = ~used[word];
        }
        return word * WORD_BITS + Long.numberOfTrailingZeros(free);
    }

    private void put(int fd, FileDescription file, boolean onExec) throws ErrnoException {
        if (fd >= slots.length()) {
            grow(fd + 1);
        }
        set(fd, file, onExec);
    }

    private void set(int fd, FileDescription file, boolean onExec) {
        used[fd / WORD_BITS] |= 1L << fd;
        mark(fd, onExec);
        slots.set(fd, file);
    }

    private void grow(int atLeast) throws ErrnoException {
        int size = slots.length();
        while (size < atLeast) {
            size *= 2;
        }
        checkRoom(size);
        SLOTS.addAndGet(size - slots.length());
        AtomicReferenceArray<@Nullable FileDescription> longer = new AtomicReferenceArray<>(size);
        for (int i = 0; i < slots.length(); i++) {
            longer.setPlain(i, slots.get(i));
        }
        long[] longerUsed = new long[size / WORD_BITS];
        long[] longerOnExec = new long[size / WORD_BITS];
        System.arraycopy(used, 0, longerUsed, 0, used.length);
        System.arraycopy(closeOnExec, 0, longerOnExec, 0, closeOnExec.length);
        used = longerUsed;
        closeOnExec = longerOnExec;
        slots = longer;
    }

    private void mark(int fd, boolean onExec) {
        long bit = 1L << fd;
        if (onExec) {
            closeOnExec[fd / WORD_BITS] |= bit;
        } else {
            closeOnExec[fd / WORD_BITS] &= ~bit;
        }
    }

    /**
     * Puts a description at a number, closing what was there (dup2).
     *
     * @throws ErrnoException EBADF if the number is not below the limit; EBUSY if it is reserved;
     *     the reference stays the caller's
     */
    public void installAt(
            CallContext context, int fd, FileDescription file, boolean closeOnExec, long limit)
            throws ErrnoException {
        FileDescription old = replace(fd, file, closeOnExec, limit);
        if (old != null) {
            close(context, old);
        }
    }

    /**
     * As {@link #installAt(CallContext, int, FileDescription, boolean, long)} in a table under
     * construction.
     */
    public void installAt(int fd, FileDescription file, boolean closeOnExec, long limit)
            throws ErrnoException {
        FileDescription old = replace(fd, file, closeOnExec, limit);
        if (old != null) {
            old.release();
        }
    }

    private @Nullable FileDescription replace(
            int fd, FileDescription file, boolean onExec, long limit) throws ErrnoException {
        if (fd < 0 || fd >= clamp(limit)) {
            throw Errno.EBADF.exception();
        }
        lock.lock();
        try {
            if (isReserved(fd)) {
                throw Errno.EBUSY.exception();
            }
            FileDescription old = peek(fd);
            put(fd, file, onExec);
            return old;
        } finally {
            lock.unlock();
        }
    }

    /** What close(2) does with a description that left the table. */
    private static void close(CallContext context, FileDescription file) {
        file.onDescriptorClosed(context);
        file.release();
    }

    /** Removes an entry and returns its description with the table's reference; EBADF. */
    public FileDescription remove(int fd) throws ErrnoException {
        lock.lock();
        try {
            FileDescription file = peek(fd);
            if (file == null) {
                throw Errno.EBADF.exception();
            }
            clear(fd);
            return file;
        } finally {
            lock.unlock();
        }
    }

    private void clear(int fd) {
        slots.set(fd, null);
        used[fd / WORD_BITS] &= ~(1L << fd);
        mark(fd, false);
        lowestFree = Math.min(lowestFree, fd);
    }

    public boolean isCloseOnExec(int fd) throws ErrnoException {
        lock.lock();
        try {
            if (peek(fd) == null) {
                throw Errno.EBADF.exception();
            }
            return (closeOnExec[fd / WORD_BITS] >>> fd & 1) != 0;
        } finally {
            lock.unlock();
        }
    }

    public void setCloseOnExec(int fd, boolean onExec) throws ErrnoException {
        lock.lock();
        try {
            if (peek(fd) == null) {
                throw Errno.EBADF.exception();
            }
            mark(fd, onExec);
        } finally {
            lock.unlock();
        }
    }

    /** A copy for fork, with one user; every description gets a reference. */
    public FdTable copy() throws ErrnoException {
        lock.lock();
        try {
            checkRoom(slots.length());
            FdTable copy = new FdTable(slots.length());
            copy.lowestFree = lowestFree;
            for (int i = 0; i < used.length; i++) {
                copy.used[i] = used[i];
                copy.closeOnExec[i] = closeOnExec[i];
                for (long rest = used[i]; rest != 0; rest &= rest - 1) {
                    int fd = i * WORD_BITS + Long.numberOfTrailingZeros(rest);
                    FileDescription file = slots.get(fd);
                    if (file != null) {
                        file.retain();
                        copy.slots.setPlain(fd, file);
                    } else {
                        copy.used[i] &= ~(1L << fd);
                        copy.lowestFree = Math.min(copy.lowestFree, fd);
                    }
                }
            }
            return copy;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The table for a task that must not share it: this one if it has one user, or a copy; the
     * caller then releases this one.
     */
    public FdTable unshare() throws ErrnoException {
        return users.get() == 1 ? this : copy();
    }

    /** Removes all close-on-exec entries (execve). */
    public void closeOnExec(CallContext context) {
        for (int word = 0; ; word++) {
            FileDescription file;
            lock.lock();
            try {
                while (word < used.length && closeOnExec[word] == 0) {
                    word++;
                }
                if (word >= used.length) {
                    return;
                }
                int fd = word * WORD_BITS + Long.numberOfTrailingZeros(closeOnExec[word]);
                file = slots.get(fd);
                clear(fd);
            } finally {
                lock.unlock();
            }
            if (file != null) {
                close(context, file);
            }
            word--; // there may be more in this word
        }
    }

    /** One more task shares the table. */
    public void retain() {
        users.incrementAndGet();
    }

    /** One task fewer; the last one closes everything. */
    public void release(CallContext context) {
        if (users.decrementAndGet() == 0) {
            closeRange(context, 0, NR_OPEN, false);
            SLOTS.addAndGet(-slots.length());
        }
    }

    /** How many numbers are in use; allocates nothing. */
    public int count() {
        lock.lock();
        try {
            int count = 0;
            for (long word : used) {
                count += Long.bitCount(word);
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Numbers in use, ascending. */
    public int[] descriptors() {
        lock.lock();
        try {
            int count = 0;
            for (long word : used) {
                count += Long.bitCount(word);
            }
            int[] result = new int[count];
            int n = 0;
            for (int i = 0; i < used.length; i++) {
                for (long rest = used[i]; rest != 0; rest &= rest - 1) {
                    int fd = i * WORD_BITS + Long.numberOfTrailingZeros(rest);
                    if (slots.get(fd) != null) {
                        result[n++] = fd;
                    }
                }
            }
            return n == count ? result : Arrays.copyOf(result, n);
        } finally {
            lock.unlock();
        }
    }

    /**
     * close_range(2): closes or marks [first, last].
     *
     * @param first not negative
     * @param last a negative one is an unsigned number beyond all descriptors
     */
    public void closeRange(CallContext context, int first, int last, boolean onlyMark) {
        int end = last < 0 ? Integer.MAX_VALUE : last;
        for (int fd = first; fd >= 0 && fd <= end; fd++) {
            FileDescription file = null;
            lock.lock();
            try {
                fd = nextUsed(fd);
                if (fd < 0 || fd > end) {
                    return;
                }
                if (onlyMark) {
                    mark(fd, true);
                } else {
                    file = slots.get(fd);
                    if (file != null) {
                        clear(fd);
                    }
                }
            } finally {
                lock.unlock();
            }
            if (file != null) {
                close(context, file);
            }
        }
    }

    /** The first number in use from {@code from} on, or -1. */
    private int nextUsed(int from) {
        int word = from / WORD_BITS;
        if (word >= used.length) {
            return -1;
        }
        long rest = used[word] & -1L << from;
        while (rest == 0) {
            if (++word == used.length) {
                return -1;
            }
            rest = used[word];
        }
        return word * WORD_BITS + Long.numberOfTrailingZeros(rest);
    }
}
