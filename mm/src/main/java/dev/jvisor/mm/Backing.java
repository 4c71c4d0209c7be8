// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.interval.IntervalSet;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * Which pages of the memory file stand behind which addresses, and that the stub shows them so.
 * Guarded by {@link Space#lock}.
 *
 * <p>Pages that are dropped go back only after the stub has stopped showing them: until the queued
 * change of the address space has taken effect, another thread of the guest may still use them.
 */
final class Backing {

    /**
     * Dropped pages are made free by a commit of their own when they exceed this; below it they
     * wait for the next entry into the guest, which commits anyway.
     */
    private static final long DEFERRED_MAX_BYTES = 8 << 20;

    final PageAllocator pages;
    final MemoryFile memory;

    private final IntervalSet<Piece> set = new IntervalSet<>();
    private final Reserves reserves;
    private long bytes;

    /** Dropped ranges (offset, end) whose references wait for the stub. */
    private long[] deferred = new long[8];

    private int deferredCount;
    private long deferredBytes;

    Backing(PageAllocator pages) {
        this.pages = pages;
        this.memory = pages.memory();
        this.reserves = new Reserves(pages);
    }

    @Nullable
    Piece at(long address) {
        return set.at(address);
    }

    @Nullable
    Piece endingAfter(long address) {
        return set.endingAfter(address);
    }

    @Nullable
    Piece startingBefore(long address) {
        return set.startingBefore(address);
    }

    boolean isFree(long start, long end) {
        return set.isFree(start, end);
    }

    /** Returns how many pieces there are. */
    int size() {
        return set.size();
    }

    /** Returns how many bytes have pages. */
    long bytes() {
        return bytes;
    }

    /** Allocates zero pages for a range of addresses; where it can, they continue a neighbour's. */
    long allocate(long start, long end, Reserves.Growth growth) throws ErrnoException {
        return reserves.allocate(start, end, growth);
    }

    /** Enters pages for a range that has none; takes over the caller's references. */
    void add(long start, long end, long offset, int protection, boolean cow, boolean foreign) {
        bytes += end - start;
        Piece left = set.startingBefore(start);
        if (left != null
                && left.end == start
                && left.isLike(protection, cow, foreign)
                && left.offset + left.length() == offset) {
            left.end = end;
            joinWithNext(left);
            return;
        }
        Piece piece = new Piece(start, end, offset, protection, cow, foreign);
        set.add(piece);
        joinWithNext(piece);
    }

    private boolean joinWithNext(Piece piece) {
        Piece next = set.endingAfter(piece.end);
        if (next == null
                || next.start != piece.end
                || !next.isLike(piece.protection, piece.cow, piece.foreign)
                || piece.offset + piece.length() != next.offset) {
            return false;
        }
        long end = next.end;
        set.remove(next);
        next.end = next.start; // a cached reference to it must not match any more
        piece.end = end;
        return true;
    }

    /** Joins pieces in and at the edges of a range that have become alike. */
    void merge(long start, long end) {
        Piece piece = set.startingBefore(start);
        if (piece == null) {
            piece = set.endingAfter(start);
        }
        while (piece != null && piece.start <= end) {
            if (!joinWithNext(piece)) {
                piece = set.endingAfter(piece.end);
            }
        }
    }

    private void splitAt(long address) {
        Piece piece = set.at(address);
        if (piece != null && piece.start < address) {
            Piece right = new Piece(
                    address,
                    piece.end,
                    piece.offsetOf(address),
                    piece.protection,
                    piece.cow,
                    piece.foreign);
            piece.end = address;
            set.add(right);
        }
    }

    /** Splits at both ends of a range, so that every piece lies wholly inside or outside. */
    void isolate(long start, long end) {
        splitAt(start);
        splitAt(end);
    }

    /** Forgets the pages of a range; the caller makes the stub do so. */
    void drop(long start, long end) {
        isolate(start, end);
        for (Piece p = set.endingAfter(start); p != null && p.start < end; ) {
            Piece next = set.endingAfter(p.end);
            defer(p.offset, p.length());
            detach(p);
            p = next;
        }
    }

    /** Takes a piece out without dropping its references. */
    void detach(Piece piece) {
        set.remove(piece);
        bytes -= piece.length();
        piece.end = piece.start;
    }

    private void defer(long offset, long length) {
        deferredBytes += length;
        int n = deferredCount;
        if (n > 0 && deferred[n - 1] == offset) {
            deferred[n - 1] = offset + length;
            return;
        }
        if (n == deferred.length) {
            deferred = Arrays.copyOf(deferred, n * 2);
        }
        deferred[n] = offset;
        deferred[n + 1] = offset + length;
        deferredCount = n + 2;
    }

    /**
     * Gives dropped pages back if the stub has stopped showing them; makes it do so if there are
     * many. Called at the start and the end of every change.
     */
    void settle(AddressSpace host) {
        if (deferredCount == 0) {
            return;
        }
        if (host.hasPending()) {
            if (deferredBytes < DEFERRED_MAX_BYTES) {
                return;
            }
            if (!Space.commit(host)) {
                return;
            }
        }
        releaseDeferred();
    }

    private void releaseDeferred() {
        for (int i = 0; i < deferredCount; i += 2) {
            pages.release(deferred[i], deferred[i + 1] - deferred[i]);
        }
        deferredCount = 0;
        deferredBytes = 0;
    }

    /** Gives everything back; nothing may run in the address space any more. */
    void releaseAll() {
        for (Piece p = set.first(); p != null; p = set.endingAfter(p.end)) {
            defer(p.offset, p.length());
        }
        set.clear();
        bytes = 0;
        releaseDeferred();
        reserves.releaseAll();
    }

    /** Throws {@link SentryBug} if pieces overlap or lie outside the mappings they are for. */
    void checkInvariants(VmaSet vmas) {
        set.checkInvariants();
        long sum = 0;
        for (Piece p = set.first(); p != null; p = set.endingAfter(p.end)) {
            sum += p.length();
            for (long a = p.start; a < p.end; ) {
                Vma vma = vmas.at(a);
                if (vma == null || vma.protection != p.protection || (p.cow && vma.isShared())) {
                    throw new SentryBug("bad piece: start=" + Long.toHexString(p.start)
                            + " protection=" + p.protection + " at=" + Long.toHexString(a));
                }
                a = vma.end;
            }
        }
        if (sum != bytes) {
            throw new SentryBug("bytes=" + bytes + " sum=" + sum);
        }
    }
}
