// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform;

import dev.jvisor.platform.abi.ErrnoException;

/**
 * One guest address space as the host sees it.
 *
 * <p>{@code map}, {@code unmap} and {@code protect} are queued in order (adjacent compatible ones
 * are merged) and take effect together, at {@link #commit} or when a context of this address space
 * next enters guest code. Callers serialise them (the memory manager's lock). Addresses and lengths
 * are multiples of the page size (4096).
 */
public interface AddressSpace {

    /**
     * Shows a range of the memory file at an address, replacing what was there.
     *
     * @param address start, in bytes
     * @param length size, in bytes
     * @param fileOffset start in the memory file, in bytes
     * @param protection {@code PROT_*} bits
     */
    void map(long address, long length, long fileOffset, int protection);

    /**
     * Shows a range of a host file at an address, replacing what was there. Mapped shared when
     * {@code protection} has PROT_WRITE or {@code shared} is set.
     *
     * @param hostFd the Sentry's descriptor; must stay open as long as the mapping may be
     *     re-created
     * @param shared whether stores of other mappings of the file must be seen (always true for
     *     reads of a page-cache page; here for completeness of the request)
     */
    void mapHostFile(
            long address, long length, int hostFd, long fileOffset, int protection, boolean shared);

    /** Removes what is mapped in a range. */
    void unmap(long address, long length);

    /**
     * Changes the protection of what is mapped in a range; parts that are not mapped are left
     * alone.
     */
    void protect(long address, long length, int protection);

    /**
     * Makes all queued changes take effect now, for every context of this address space, before it
     * returns. Must be called from the owner thread of one of its contexts; when the calling thread
     * owns none of them, the implementation interrupts one that does and waits for it.
     *
     * @throws ErrnoException ENOMEM if the host's limit of mappings is reached
     */
    void commit() throws ErrnoException;

    /** Whether there are queued changes. */
    boolean hasPending();

    /** What the host counts for an address space; zero where the platform does not know. */
    final class HostUsage {
        /** Faults that the host served without and with input. */
        public long minorFaults;

        public long majorFaults;

        /** Bytes that guest code has touched: of the memory file, and of host files. */
        public long residentBytes;

        public long residentFileBytes;
    }

    /**
     * Asks the host; any thread.
     *
     * @param withFiles whether {@link HostUsage#residentFileBytes} is wanted, which costs more
     */
    default void hostUsage(HostUsage result, boolean withFiles) {}

    /** Returns how many bytes of a range guest code has touched; any thread. */
    default long touchedBytes(long address, long length) {
        return length;
    }
}
