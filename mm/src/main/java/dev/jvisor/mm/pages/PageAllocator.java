// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.pages;

import dev.jvisor.mm.interval.Interval;
import dev.jvisor.mm.interval.IntervalSet;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Ranges of the memory file with reference counts for each page (Linux: {@code page->_refcount}).
 *
 * <p>Only pages with two or more references are recorded, as ranges of equal count: an allocated
 * page without a record has one. So exclusive memory costs nothing however large it is, and a fork
 * costs one record for each contiguous range, not for each page.
 *
 * <p>Offsets and lengths are bytes, multiples of the page size. Thread-safe: {@link #shared} is
 * guarded by this; the lock is a leaf, and the host is not called under it.
 */
public final class PageAllocator {

    /** Pages with the same count. */
    private static final class SharedRange extends Interval {
        /** References of each page, at least 2. */
        int count;

        SharedRange(long start, long end, int count) {
            super(start, end);
            this.count = count;
        }
    }

    private final MemoryFile memory;
    /** Heap that one mapping takes, with its backing and their places in the sets. */
    private static final long BYTES_PER_MAPPING = 128;

    /** Mappings of all address spaces together: a quarter of the heap. */
    private static final long MAPPINGS_MAX =
            Runtime.getRuntime().maxMemory() / 4 / BYTES_PER_MAPPING;

    /** Linux: {@code DEFAULT_MAX_MAP_COUNT}. */
    private static final int MAP_COUNT_MAX = 65530;

    private final AtomicLong mappings = new AtomicLong();
    private volatile int mapCountMax = MAP_COUNT_MAX;
    private final CommitAccount commit;
    private final IntervalSet<SharedRange> shared = new IntervalSet<>();

    public PageAllocator(MemoryFile memory) {
        this.memory = memory;
        this.commit = new CommitAccount(memory.size() - MemoryFile.PAGE_SIZE);
    }

    /** Counts mappings of an address space in or out. */
    public void countMappings(long more) {
        mappings.addAndGet(more);
    }

    /** Whether there is heap for more mappings. */
    public boolean hasRoomForMappings(long more) {
        return mappings.get() + more <= MAPPINGS_MAX;
    }

    /** Most mappings of one address space (vm.max_map_count). */
    public int mapCountMax() {
        return mapCountMax;
    }

    public void setMapCountMax(int count) {
        mapCountMax = count;
    }

    /** How much memory is promised to guests. */
    public CommitAccount commit() {
        return commit;
    }

    public MemoryFile memory() {
        return memory;
    }

    /** Allocates zero pages with one reference each. */
    public long allocate(long length) throws ErrnoException {
        return memory.allocate(length);
    }

    /**
     * As {@link #allocate}, but the pages may hold anything: the caller overwrites all of them at
     * once.
     */
    public long allocateToOverwrite(long length) throws ErrnoException {
        return memory.allocateToOverwrite(length);
    }

    /** Adds a reference to every page of a range. */
    public synchronized void retain(long offset, long length) {
        long end = offset + length;
        splitAt(offset);
        splitAt(end);
        long position = offset;
        while (position < end) {
            SharedRange range = shared.endingAfter(position);
            if (range == null || range.start >= end) {
                shared.add(new SharedRange(position, end, 2));
                break;
            }
            if (range.start > position) {
                shared.add(new SharedRange(position, range.start, 2));
            }
            range.count++;
            position = range.end;
        }
        merge(offset, end);
    }

    /** Drops a reference of every page of a range; pages without any are freed. */
    public void release(long offset, long length) {
        long end = offset + length;
        long position = offset;
        while (position < end) {
            long next = releaseRun(position, end);
            if (next < 0) {
                // Nobody else knows these pages any more, so the host call needs no lock.
                memory.free(position, ~next - position);
                position = ~next;
            } else {
                position = next;
            }
        }
    }

    /**
     * Drops a reference from the first pages of a range that are alike.
     *
     * @return where they end; complemented if they had only that reference and are to be freed
     */
    private synchronized long releaseRun(long position, long end) {
        SharedRange range = shared.endingAfter(position);
        if (range == null || range.start >= end) {
            return ~end;
        }
        if (range.start > position) {
            return ~range.start;
        }
        splitAt(position);
        splitAt(end);
        range = shared.endingAfter(position);
        if (range == null) {
            throw new SentryBug("page record vanished at " + position);
        }
        long next = range.end;
        if (range.count == 2) {
            shared.remove(range);
        } else {
            range.count--;
        }
        merge(position, next);
        return next;
    }

    /** Whether every page of a range has exactly one reference. */
    public synchronized boolean isExclusive(long offset, long length) {
        return shared.isFree(offset, offset + length);
    }

    /**
     * Returns how many references the first page of a range has; the pages behind it that have as
     * many reach up to {@link #runEnd}.
     */
    public synchronized int references(long offset) {
        SharedRange range = shared.at(offset);
        return range == null ? 1 : range.count;
    }

    /** Returns where the pages that have as many references as the first one end. */
    public synchronized long runEnd(long offset, long end) {
        SharedRange range = shared.endingAfter(offset);
        if (range == null || range.start >= end) {
            return end;
        }
        return Math.min(end, range.start > offset ? range.start : range.end);
    }

    /** Throws {@code SentryBug} if the records are not what the class comment says. */
    public synchronized void checkInvariants() {
        shared.checkInvariants();
        SharedRange previous = null;
        for (SharedRange r = shared.first(); r != null; r = shared.endingAfter(r.end)) {
            boolean mergeable =
                    previous != null && previous.end == r.start && previous.count == r.count;
            if (r.count < 2 || mergeable) {
                throw new SentryBug("bad count: " + r.count + " at " + r.start);
            }
            previous = r;
        }
    }

    /** Returns how many ranges are recorded (for tests). */
    synchronized int recordCount() {
        return shared.size();
    }

    private void splitAt(long offset) {
        SharedRange range = shared.at(offset);
        if (range != null && range.start < offset) {
            long end = range.end;
            range.end = offset;
            shared.add(new SharedRange(offset, end, range.count));
        }
    }

    /** Joins neighbours of equal count in and around a range. */
    private void merge(long start, long end) {
        SharedRange left = shared.startingBefore(start);
        if (left == null) {
            left = shared.endingAfter(start);
        }
        while (left != null) {
            SharedRange right = shared.endingAfter(left.end);
            if (right == null || right.start > end) {
                return;
            }
            if (right.start == left.end && right.count == left.count) {
                shared.remove(right);
                left.end = right.end;
            } else {
                left = right;
            }
        }
    }
}
