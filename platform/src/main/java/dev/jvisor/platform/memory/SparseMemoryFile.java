// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.memory;

import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.host.Sys;

import java.util.Arrays;

/**
 * The memory file on a memfd.
 *
 * <p>Free space is of three kinds: never used (above {@code top}), clean (punched, so it reads as
 * zero and costs nothing) and dirty (small ranges that keep their pages: the next small allocation
 * clears them by stores, which is cheaper than faulting pages in again, here and in the stub).
 * Dirty ranges that grow together, or that are too many, are punched.
 *
 * <p>Limit. A store into a hole that the host cannot fill would be a SIGBUS in the Sentry, so
 * {@link #allocate} refuses what the host does not have: a request that takes the allocated bytes
 * above the limit has to fit into the limit together with the bytes really resident then. By
 * default the limit is four fifths of the memory the host has available when the file is made.
 * Ranges that are reserved and never touched do not count, so guests may overcommit as they do on
 * Linux; if they then touch everything the host's OOM killer decides, as it does for a process.
 */
final class SparseMemoryFile implements MemoryFile {

    /**
     * Windows to try, largest first: an address space limit of the Sentry may forbid large ones.
     */
    private static final long WINDOW_BYTES_MAX = 1L << 40;

    private static final long WINDOW_BYTES_MIN = 1L << 30;

    /** Free ranges of at least this size are punched at once. */
    private static final long PUNCH_BYTES_MIN = 64L * PAGE_SIZE;

    /** Allocations up to this size take dirty pages. */
    private static final long REUSE_BYTES_MAX = 16L * PAGE_SIZE;

    /** More dirty bytes than this are punched. */
    private static final long DIRTY_BYTES_MAX = 1024L * PAGE_SIZE;

    private static final int FIT_PROBES = 64;
    private static final int FALLOC_FL_KEEP_SIZE_PUNCH_HOLE = 3;
    private static final int MADV_POPULATE_WRITE = 23;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int MFD_CLOEXEC = 1;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_NORESERVE = 0x4001;
    private static final int STAT_BLOCKS_OFFSET = 64;
    private static final int STAT_BLOCK_BYTES = 512;

    /** Tells nobody; a class rather than a lambda for the sake of the start. */
    private static final class NoListener implements Runnable {
        @Override
        public void run() {}
    }

    private static final Runnable NO_LISTENER = new NoListener();

    private final int fd;
    private final long window;
    private final long base;
    private final long limit;

    /** 0 when closed: every access fails then instead of touching what is no longer ours. */
    private long accessible;

    private final Object lock = new Object();
    private volatile Runnable pressureListener = NO_LISTENER;

    // Guarded by lock.
    private final FreeRanges clean = new FreeRanges();
    private final FreeRanges dirty = new FreeRanges();
    private long top;
    private volatile long allocated; // read without

    private SparseMemoryFile(int fd, long window, long base, long limit) {
        this.fd = fd;
        this.window = window;
        this.base = base;
        this.limit = limit;
        this.accessible = window;
    }

    /** Creates one; see {@link MemoryFile#create(long)}. */
    static SparseMemoryFile open(long limitBytes) throws ErrnoException {
        NativeBuffer buffer = NativeBuffer.scratch();
        long name = buffer.putCString(0, new byte[] {'j', 'v', 'i', 's', 'o', 'r'});
        int fd = (int) Host.check(Host.syscall(Sys.MEMFD_CREATE, name, MFD_CLOEXEC, 0));
        long limit = limitBytes > 0 ? limitBytes : HostMemory.available() / 5 * 4;
        long error = 0;
        for (long window = WINDOW_BYTES_MAX; window >= WINDOW_BYTES_MIN; window >>= 1) {
            error = Host.syscall(Sys.FTRUNCATE, fd, window, 0);
            if (!Host.isError(error)) {
                long base = Host.syscall(
                        Sys.MMAP, 0, window, PROT_READ_WRITE, MAP_SHARED_NORESERVE, fd, 0);
                if (!Host.isError(base)) {
                    return new SparseMemoryFile(fd, window, base, limit);
                }
                error = base;
            }
        }
        Host.syscall(Sys.CLOSE, fd, 0, 0);
        throw Host.exception(error);
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public long size() {
        return window;
    }

    // Allocation.

    @Override
    public long allocate(long length) throws ErrnoException {
        return allocate(length, true);
    }

    @Override
    public long allocateToOverwrite(long length) throws ErrnoException {
        return allocate(length, false);
    }

    private long allocate(long length, boolean zeroed) throws ErrnoException {
        if (length <= 0 || length % PAGE_SIZE != 0) {
            throw new SentryBug("allocate length=" + length);
        }
        long offset;
        boolean reused = false;
        if (allocated <= limit / 2 && allocated + length > limit / 2) {
            pressureListener.run();
        }
        synchronized (lock) {
            checkLimit(length);
            offset = length <= REUSE_BYTES_MAX ? dirty.take(length, FIT_PROBES) : -1;
            if (offset >= 0) {
                reused = true;
            } else {
                offset = takeClean(length);
            }
            allocated += length;
        }
        if (reused && zeroed) {
            fillZero(offset, length);
        }
        return offset;
    }

    private long takeClean(long length) throws ErrnoException {
        long offset = clean.take(length, FIT_PROBES);
        if (offset < 0 && length <= window - top) {
            offset = top;
            top += length;
        }
        if (offset < 0) {
            offset = clean.take(length, Integer.MAX_VALUE);
        }
        if (offset < 0) {
            throw Errno.ENOMEM.exception();
        }
        return offset;
    }

    private void checkLimit(long length) throws ErrnoException {
        if (length > limit || (allocated + length > limit && residentBytes() + length > limit)) {
            throw Errno.ENOMEM.exception();
        }
    }

    @Override
    public long limitBytes() {
        return limit;
    }

    @Override
    public void setPressureListener(Runnable listener) {
        pressureListener = listener;
    }

    @Override
    public long residentBytes(long offset, long length) {
        check(offset, length);
        long end = offset + length;
        long resident = 0;
        for (long from = offset; from < end; ) {
            // Skips what is empty in one call, however large it is.
            from = Host.syscall(Sys.LSEEK, fd, from, SEEK_DATA);
            if (Host.isError(from) || from >= end) {
                break;
            }
            long to = Host.syscall(Sys.LSEEK, fd, from, SEEK_HOLE);
            if (Host.isError(to) || to >= end) {
                return resident + end - from;
            }
            resident += to - from;
            from = to;
        }
        return resident;
    }

    @Override
    public void residency(long offset, int pages, byte[] answer, int index) {
        check(offset, (long) pages * PAGE_SIZE);
        Arrays.fill(answer, index, index + pages, (byte) 0);
        long end = offset + (long) pages * PAGE_SIZE;
        for (long from = offset; from < end; ) {
            from = Host.syscall(Sys.LSEEK, fd, from, SEEK_DATA);
            if (Host.isError(from) || from >= end) {
                return;
            }
            long to = Host.syscall(Sys.LSEEK, fd, from, SEEK_HOLE);
            to = Host.isError(to) || to > end ? end : to;
            int first = index + (int) ((from - offset) / PAGE_SIZE);
            int last = index + (int) ((to - offset + PAGE_SIZE - 1) / PAGE_SIZE);
            Arrays.fill(answer, first, last, (byte) 1);
            from = to;
        }
    }

    @Override
    public void populate(long offset, long length) throws ErrnoException {
        check(offset, length);
        if (residentBytes() + length - residentBytes(offset, length) > limit) {
            throw Errno.ENOMEM.exception();
        }
        // Not fallocate(2): what it makes counts as a hole until it is touched.
        if (Host.isError(Host.syscall(Sys.MADVISE, base + offset, length, MADV_POPULATE_WRITE))) {
            throw Errno.ENOMEM.exception();
        }
    }

    @Override
    public long residentBytes() {
        NativeBuffer stat = NativeBuffer.scratch();
        if (Host.isError(Host.syscall(Sys.FSTAT, fd, stat.address(), 0))) {
            throw new SentryBug("fstat of the memory file failed fd=" + fd);
        }
        return stat.getLong(STAT_BLOCKS_OFFSET) * STAT_BLOCK_BYTES;
    }

    @Override
    public void free(long offset, long length) {
        check(offset, length);
        checkPages(offset, length);
        if (length == 0) {
            return;
        }
        if (length >= PUNCH_BYTES_MIN) {
            punch(offset, length);
            synchronized (lock) {
                checkFreed(offset, length);
                dirty.checkApart(offset, length);
                addClean(offset, length);
                allocated -= length;
            }
            return;
        }
        long from;
        long bytes = 0;
        boolean overflow;
        synchronized (lock) {
            checkFreed(offset, length);
            clean.checkApart(offset, length);
            allocated -= length;
            from = dirty.add(offset, length);
            if (dirty.lengthAt(from) >= PUNCH_BYTES_MIN) {
                bytes = dirty.remove(from);
            }
            overflow = dirty.bytes() > DIRTY_BYTES_MAX;
        }
        if (bytes > 0) {
            punchToClean(from, bytes);
        }
        if (overflow) {
            punchDirty();
        }
    }

    private void checkFreed(long offset, long length) {
        if (offset + length > top || length > allocated) {
            throw new SentryBug(
                    "free of what is not allocated offset=" + offset + " length=" + length);
        }
    }

    private void punchDirty() {
        while (true) {
            long from;
            long bytes;
            synchronized (lock) {
                from = dirty.first();
                if (from < 0 || dirty.bytes() <= DIRTY_BYTES_MAX / 2) {
                    return;
                }
                bytes = dirty.remove(from);
            }
            punchToClean(from, bytes);
        }
    }

    private void punchToClean(long offset, long length) {
        punch(offset, length);
        synchronized (lock) {
            addClean(offset, length);
        }
    }

    private void addClean(long offset, long length) {
        if (offset + length == top) {
            clean.checkApart(offset, length);
            top = clean.removeEndingAt(offset);
        } else {
            clean.add(offset, length);
        }
    }

    @Override
    public void zero(long offset, long length) {
        check(offset, length);
        checkPages(offset, length);
        if (length > 0) {
            punch(offset, length);
        }
    }

    private void punch(long offset, long length) {
        long result =
                Host.syscall(Sys.FALLOCATE, fd, FALLOC_FL_KEEP_SIZE_PUNCH_HOLE, offset, length);
        if (Host.isError(result)) {
            fillZero(
                    offset,
                    length); // slower and keeps the pages, but what must not be seen is gone
        }
    }

    @Override
    public long allocatedBytes() {
        synchronized (lock) {
            return allocated;
        }
    }

    // Access.

    private void check(long offset, long length) {
        if (offset < 0 || length < 0 || offset > accessible - length) {
            throw new SentryBug("memory file access offset=" + offset + " length=" + length
                    + " size=" + accessible);
        }
    }

    private static void checkPages(long offset, long length) {
        if (((offset | length) & (PAGE_SIZE - 1)) != 0) {
            throw new SentryBug("not whole pages offset=" + offset + " length=" + length);
        }
    }

    private long at(long offset, long length) {
        check(offset, length);
        return base + offset;
    }

    @Override
    public long address(long offset) {
        return at(offset, 0);
    }

    @Override
    public byte getByte(long offset) {
        return RawMemory.getByte(at(offset, 1));
    }

    @Override
    public void putByte(long offset, byte value) {
        RawMemory.putByte(at(offset, 1), value);
    }

    @Override
    public int getInt(long offset) {
        return RawMemory.getInt(at(offset, 4));
    }

    @Override
    public void putInt(long offset, int value) {
        RawMemory.putInt(at(offset, 4), value);
    }

    @Override
    public long getLong(long offset) {
        return RawMemory.getLong(at(offset, 8));
    }

    @Override
    public void putLong(long offset, long value) {
        RawMemory.putLong(at(offset, 8), value);
    }

    @Override
    public int getIntVolatile(long offset) {
        return RawMemory.getIntAcquire(atAligned(offset));
    }

    @Override
    public int compareAndExchangeInt(long offset, int expected, int value) {
        return RawMemory.compareAndExchangeInt(atAligned(offset), expected, value);
    }

    private long atAligned(long offset) {
        if ((offset & 3) != 0) {
            throw new SentryBug("atomic access to an unaligned word offset=" + offset);
        }
        return at(offset, 4);
    }

    @Override
    public void get(long offset, byte[] destination, int index, int length) {
        RawMemory.get(at(offset, length), destination, index, length);
    }

    @Override
    public void put(long offset, byte[] source, int index, int length) {
        RawMemory.put(at(offset, length), source, index, length);
    }

    @Override
    public void copy(long fromOffset, long toOffset, long length) {
        RawMemory.copy(at(fromOffset, length), at(toOffset, length), length);
    }

    @Override
    public void fillZero(long offset, long length) {
        RawMemory.fill(at(offset, length), length, (byte) 0);
    }

    @Override
    public long indexOfZero(long offset, long length) {
        long start = at(offset, length);
        long i = 0;
        while (i + Long.BYTES <= length) {
            long word = RawMemory.getLong(start + i);
            long zeroes = (word - 0x0101010101010101L) & ~word & 0x8080808080808080L;
            if (zeroes != 0) {
                return i + (Long.numberOfTrailingZeros(zeroes) >> 3);
            }
            i += Long.BYTES;
        }
        for (; i < length; i++) {
            if (RawMemory.getByte(start + i) == 0) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (accessible == 0) {
                return;
            }
            accessible = 0;
        }
        Host.syscall(Sys.MUNMAP, base, window, 0);
        Host.syscall(Sys.CLOSE, fd, 0, 0);
    }
}
