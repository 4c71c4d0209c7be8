// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.testing;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the host would show of an address space, page by page; changes take effect at
 * {@link #commit}.
 */
public final class FakeAddressSpace implements AddressSpace {

    private static final int MEMORY_FILE = -1;

    /** What one page shows. */
    public record Shown(int hostFd, long fileOffset, int protection) {
        public boolean isMemory() {
            return hostFd == MEMORY_FILE;
        }
    }

    private final TreeMap<Long, Shown> pages = new TreeMap<>();
    private final List<Runnable> pending = new ArrayList<>();

    /** Requests of all kinds since the start. */
    private int requests;

    private int commits;

    @Override
    public void map(long address, long length, long fileOffset, int protection) {
        queue(address, length, () -> {
            for (long i = 0; i < length; i += MemoryFile.PAGE_SIZE) {
                pages.put(address + i, new Shown(MEMORY_FILE, fileOffset + i, protection));
            }
        });
    }

    @Override
    public void mapHostFile(
            long address,
            long length,
            int hostFd,
            long fileOffset,
            int protection,
            boolean shared) {
        queue(address, length, () -> {
            for (long i = 0; i < length; i += MemoryFile.PAGE_SIZE) {
                pages.put(address + i, new Shown(hostFd, fileOffset + i, protection));
            }
        });
    }

    @Override
    public void unmap(long address, long length) {
        queue(address, length, () -> pages.subMap(address, address + length).clear());
    }

    @Override
    public void protect(long address, long length, int protection) {
        queue(address, length, () -> {
            for (Map.Entry<Long, Shown> e :
                    pages.subMap(address, address + length).entrySet()) {
                Shown old = e.getValue();
                e.setValue(new Shown(old.hostFd, old.fileOffset, protection));
            }
        });
    }

    private void queue(long address, long length, Runnable change) {
        if (address < 0 || length <= 0 || ((address | length) & MemoryFile.PAGE_SIZE - 1) != 0) {
            throw new AssertionError("address=" + address + " length=" + length);
        }
        requests++;
        pending.add(change);
    }

    @Override
    public void commit() {
        if (!pending.isEmpty()) {
            commits++;
        }
        for (Runnable change : pending) {
            change.run();
        }
        pending.clear();
    }

    @Override
    public boolean hasPending() {
        return !pending.isEmpty();
    }

    /** Returns what is shown at the page of an address now. */
    public @Nullable Shown at(long address) {
        return pages.get(address & -MemoryFile.PAGE_SIZE);
    }

    /** Returns how many requests were queued so far. */
    public int requests() {
        return requests;
    }

    /** Returns how many batches took effect so far. */
    public int commits() {
        return commits;
    }

    /** Returns a copy with everything that is in effect or queued. */
    FakeAddressSpace copy() {
        commit();
        FakeAddressSpace copy = new FakeAddressSpace();
        copy.pages.putAll(pages);
        return copy;
    }
}
