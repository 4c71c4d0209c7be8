// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * Pages allocated ahead for addresses next to mapped ones.
 *
 * <p>A heap that grows by brk, a stack, an arena that is unlocked by mprotect in steps, a run of
 * copy-on-write faults: each asks for small ranges one after the other. If every one had a range of
 * its own in the memory file, the stub would need a host mapping for each. So a small range takes a
 * larger part of the file, and the rest is kept for the addresses that follow (or come before).
 * Untouched pages cost nothing. Guarded by {@link Space#lock}.
 */
final class Reserves {

    /** Which addresses are likely to ask next. */
    enum Growth {
        NONE,
        UP,
        DOWN
    }

    /** Ranges smaller than this bring a reserve with them. */
    private static final long CHUNK_BYTES = 512 << 10;

    private static final int SLOTS = 4;

    private final PageAllocator pages;

    /** The addresses that a slot's pages are for: start and end; empty if equal. */
    private final long[] starts = new long[SLOTS];

    private final long[] ends = new long[SLOTS];

    /** Where the slot's first address is in the memory file. */
    private final long[] offsets = new long[SLOTS];

    private int victim;

    Reserves(PageAllocator pages) {
        this.pages = pages;
    }

    /**
     * Allocates zero pages for a range of addresses.
     *
     * @param growth on which side to keep more for later, unless the range is large by itself
     */
    long allocate(long start, long end, Growth growth) throws ErrnoException {
        long length = end - start;
        for (int i = 0; i < SLOTS; i++) {
            if (start == starts[i] && end <= ends[i]) {
                long offset = offsets[i];
                starts[i] = end;
                offsets[i] += length;
                return offset;
            }
            if (end == ends[i] && start >= starts[i] && length > 0) {
                ends[i] = start;
                return offsets[i] + (start - starts[i]);
            }
        }
        if (growth == Growth.NONE || length >= CHUNK_BYTES || start < CHUNK_BYTES) {
            return pages.allocate(length);
        }
        long offset = pages.allocate(CHUNK_BYTES);
        int slot = victim;
        victim = (victim + 1) % SLOTS;
        release(slot);
        if (growth == Growth.UP) {
            starts[slot] = end;
            ends[slot] = start + CHUNK_BYTES;
            offsets[slot] = offset + length;
            return offset;
        }
        starts[slot] = end - CHUNK_BYTES;
        ends[slot] = start;
        offsets[slot] = offset;
        return offset + CHUNK_BYTES - length;
    }

    private void release(int slot) {
        if (starts[slot] < ends[slot]) {
            pages.release(offsets[slot], ends[slot] - starts[slot]);
        }
        starts[slot] = 0;
        ends[slot] = 0;
    }

    void releaseAll() {
        for (int i = 0; i < SLOTS; i++) {
            release(i);
        }
    }
}
