// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.interval.IntervalSet;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

/**
 * The mappings of one address space in address order (Linux: {@code mm->mm_mt}). Guarded by
 * {@link Space#lock}.
 */
final class VmaSet {

    /**
     * Most mappings of one address space, a little less than Linux has: the host has the same limit
     * for a stub, which needs some for itself, and two more for each page of a file that is private
     * (patched call sites). // mm/util.c: sysctl_max_map_count
     */
    static final int COUNT_MAX = 65530 - 200;

    /** Free space kept below a growing stack. // mm/mmap.c: stack_guard_gap */
    static final long STACK_GUARD_GAP_BYTES = 256L * MemoryFile.PAGE_SIZE;

    private final IntervalSet<Vma> set = new IntervalSet<>();

    /** Sum of all lengths. */
    private long mappedBytes;

    /** Sums of the lengths of what is locked and of what is accounted. */
    private long lockedBytes;

    private long accountedBytes;

    /**
     * No gap of at least {@link #searchedLength} bytes lies above this address (and below the
     * base).
     */
    private long searchedDownTo = Long.MAX_VALUE;

    private long searchedLength;
    private long searchedBase;

    @Nullable
    Vma at(long address) {
        return set.at(address);
    }

    @Nullable
    Vma endingAfter(long address) {
        return set.endingAfter(address);
    }

    @Nullable
    Vma startingBefore(long address) {
        return set.startingBefore(address);
    }

    @Nullable
    Vma first() {
        return set.first();
    }

    int size() {
        return set.size();
    }

    long mappedBytes() {
        return mappedBytes;
    }

    long lockedBytes() {
        return lockedBytes;
    }

    long accountedBytes() {
        return accountedBytes;
    }

    private void count(Vma vma, long bytes) {
        mappedBytes += bytes;
        lockedBytes += vma.isLocked() ? bytes : 0;
        accountedBytes += vma.isAccounted() ? bytes : 0;
    }

    /** Changes the state of a member. */
    void setState(Vma vma, int clear, int set) {
        count(vma, -vma.length());
        vma.state = vma.state & ~clear | set;
        count(vma, vma.length());
    }

    boolean isFree(long start, long end) {
        return set.isFree(start, end);
    }

    void add(Vma vma) {
        set.add(vma);
        count(vma, vma.length());
        if (vma.start >= searchedDownTo) {
            searchedDownTo = Long.MAX_VALUE; // what lies below it is no longer a guard gap
        }
    }

    void remove(Vma vma) {
        set.remove(vma);
        count(vma, -vma.length());
        spaceFreedBelow(vma.end);
    }

    void clear() {
        set.clear();
        mappedBytes = 0;
        lockedBytes = 0;
        accountedBytes = 0;
        searchedDownTo = Long.MAX_VALUE;
    }

    /** Moves the bounds of a member into free space or inwards. */
    void resize(Vma vma, long start, long end) {
        spaceFreedBelow(vma.end);
        count(vma, end - start - vma.length());
        if (vma.file != null) {
            vma.offset += start - vma.start;
        }
        vma.start = start;
        vma.end = end;
    }

    /** Forgets the last search if it went by a mapping that ends here. */
    private void spaceFreedBelow(long end) {
        if (end > searchedDownTo) {
            searchedDownTo = Long.MAX_VALUE;
        }
    }

    /** Splits the mapping that contains an address, so that one starts there. */
    void splitAt(long address) {
        Vma vma = set.at(address);
        if (vma != null && vma.start < address) {
            Vma right = vma.copy(address, vma.end);
            vma.end = address;
            set.add(right);
        }
    }

    /** Splits at both ends of a range, so that every mapping lies wholly inside or outside. */
    void isolate(long start, long end) {
        splitAt(start);
        splitAt(end);
    }

    /** Joins mappings in and at the edges of a range that have become alike. */
    void merge(long start, long end) {
        Vma left = set.startingBefore(start);
        if (left == null) {
            left = set.endingAfter(start);
        }
        while (left != null) {
            Vma right = set.endingAfter(left.end);
            if (right == null || right.start > end) {
                return;
            }
            if (left.canMerge(right)) {
                set.remove(right);
                left.end = right.end;
            } else {
                left = right;
            }
        }
    }

    /** Whether mappings cover a range without a hole. */
    boolean covers(long start, long end) {
        long position = start;
        while (position < end) {
            Vma vma = set.at(position);
            if (vma == null) {
                return false;
            }
            position = vma.end;
        }
        return true;
    }

    /** Returns how many bytes of a range are mapped. */
    long mappedBytes(long start, long end) {
        long sum = 0;
        for (Vma v = set.endingAfter(start);
                v != null && v.start < end;
                v = set.endingAfter(v.end)) {
            sum += Math.min(end, v.end) - Math.max(start, v.start);
        }
        return sum;
    }

    /** Returns the bytes that RLIMIT_DATA counts. */
    long dataBytes(long start, long end) {
        long sum = 0;
        for (Vma v = set.endingAfter(start);
                v != null && v.start < end;
                v = set.endingAfter(v.end)) {
            if (v.isData()) {
                sum += Math.min(end, v.end) - Math.max(start, v.start);
            }
        }
        return sum;
    }

    /** Returns where the space below a mapping ends, keeping the guard gap of a growing stack. */
    static long startWithGap(Vma vma) {
        return vma.growsDown() ? Math.max(0, vma.start - STACK_GUARD_GAP_BYTES) : vma.start;
    }

    /** Whether a range is free and not in the guard gap of a growing stack. */
    boolean isFreeWithGap(long start, long end) {
        Vma next = set.endingAfter(start);
        return next == null || end <= startWithGap(next);
    }

    /**
     * Finds the highest free range below a base.
     *
     * @return its start, or -1
     */
    long findTopDown(long length, long alignment, long low, long base) {
        long top = base;
        boolean searched =
                base == searchedBase && length >= searchedLength && searchedDownTo < base;
        if (searched) {
            top = searchedDownTo;
        }
        Vma below = set.startingBefore(top);
        Vma above = set.endingAfter(top);
        if (above != null && above.start >= top) {
            top = Math.min(top, startWithGap(above));
        }
        while (true) {
            if (below != null && below.end > top) {
                // It reaches over the top: into the guard gap of the mapping above, or the base
                // itself.
                top = startWithGap(below);
                below = set.startingBefore(below.start);
                continue;
            }
            long floor = Math.max(low, below == null ? low : below.end);
            long start = (top - length) & -alignment;
            if (top - length >= floor && start >= floor) {
                if (alignment == MemoryFile.PAGE_SIZE) {
                    searchedBase = base;
                    searchedLength = length;
                    searchedDownTo = top;
                }
                return start;
            }
            if (below == null || below.start <= low) {
                return -1;
            }
            top = startWithGap(below);
            below = set.startingBefore(below.start);
        }
    }

    /** Finds the lowest free range; -1 if there is none. */
    long findBottomUp(long length, long alignment, long low, long high) {
        long start = (low + alignment - 1) & -alignment;
        while (length <= high - start) {
            Vma next = set.endingAfter(start);
            if (next == null || start + length <= startWithGap(next)) {
                return start;
            }
            start = (next.end + alignment - 1) & -alignment;
        }
        return -1;
    }

    /** Throws {@link SentryBug} if the set is inconsistent. */
    void checkInvariants() {
        set.checkInvariants();
        long sum = 0;
        long locked = 0;
        long accounted = 0;
        for (Vma v = set.first(); v != null; v = set.endingAfter(v.end)) {
            sum += v.length();
            locked += v.isLocked() ? v.length() : 0;
            accounted += v.isAccounted() ? v.length() : 0;
            boolean pageAligned = ((v.start | v.end | v.offset) & (MemoryFile.PAGE_SIZE - 1)) == 0;
            boolean wellFormed =
                    (v.protection & ~v.maxProtection) == 0 && (v.file != null || !v.isShared());
            if (!pageAligned || !wellFormed) {
                throw new SentryBug("bad vma: start=" + Long.toHexString(v.start) + " protection="
                        + v.protection + " maxProtection=" + v.maxProtection + " flags=" + v.flags);
            }
        }
        if (sum != mappedBytes || locked != lockedBytes || accounted != accountedBytes) {
            throw new SentryBug("mappedBytes=" + mappedBytes + " sum=" + sum + " lockedBytes="
                    + lockedBytes + " sum=" + locked + " accountedBytes=" + accountedBytes + " sum="
                    + accounted);
        }
    }
}
