// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.pages;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

/**
 * Ranges of the memory file with reference counts for each page. Contract skeleton (mm owner).
 *
 * <p>Offsets and lengths are bytes, multiples of the page size. Thread-safe.
 */
public final class PageAllocator {

    private final MemoryFile memory;

    public PageAllocator(MemoryFile memory) {
        this.memory = memory;
    }

    public MemoryFile memory() {
        return memory;
    }

    /** Allocates zero pages with one reference each. */
    public long allocate(long length) throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /** Adds a reference to every page of a range. */
    public void retain(long offset, long length) {
        throw new UnsupportedOperationException();
    }

    /** Drops a reference of every page of a range; pages without any are freed. */
    public void release(long offset, long length) {
        throw new UnsupportedOperationException();
    }

    /** Whether every page of a range has exactly one reference. */
    public boolean isExclusive(long offset, long length) {
        throw new UnsupportedOperationException();
    }
}
