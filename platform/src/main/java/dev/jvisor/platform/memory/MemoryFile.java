// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.memory;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostFiles;

import java.util.Arrays;

/**
 * The sparse memfd that holds all guest memory and all tmpfs data, mapped once into the Sentry.
 *
 * <p>Positions are offsets in the file, in bytes. Access is by plain loads and stores on the
 * Sentry's mapping and never calls the host. Allocation is by whole pages; who shares a page is
 * counted by {@code mm.pages}. Thread-safe. Owns its mapping until {@link #close}.
 */
public interface MemoryFile extends AutoCloseable {

    /** Page size, in bytes. */
    int PAGE_SIZE = 4096;

    /**
     * Creates a memory file on a memfd, with the default limit: four fifths of the memory that the
     * host has available now.
     *
     * @throws ErrnoException ENOMEM, EMFILE, ENFILE
     */
    static MemoryFile create() throws ErrnoException {
        return SparseMemoryFile.open(0);
    }

    /**
     * As {@link #create()}, with a limit.
     *
     * @param limitBytes how many bytes may be resident; {@link #allocate} answers ENOMEM for what
     *     could exceed it
     */
    static MemoryFile create(long limitBytes) throws ErrnoException {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("limitBytes=" + limitBytes);
        }
        return SparseMemoryFile.open(limitBytes);
    }

    /** Returns the host descriptor of the memfd. */
    int fd();

    /** Returns the size of the window, in bytes: no offset is at or above it. */
    long size();

    /**
     * Allocates a range of zero pages.
     *
     * @param length bytes, a positive multiple of the page size
     * @return its offset
     * @throws ErrnoException ENOMEM if the window or the configured limit is exhausted
     */
    long allocate(long length) throws ErrnoException;

    /**
     * As {@link #allocate}, but the pages may hold anything: the caller overwrites all of them
     * before anybody else can see them.
     */
    default long allocateToOverwrite(long length) throws ErrnoException {
        return allocate(length);
    }

    /**
     * Gives a range (whole allocations, or parts of them) back: its pages may be allocated again
     * and read as zero then. No guest may still have it mapped: commit the unmapping first.
     */
    void free(long offset, long length);

    /**
     * Makes a range of an allocation read as zero and gives its host memory back (hole punching).
     */
    void zero(long offset, long length);

    /**
     * Returns the address of an offset in the Sentry's own mapping, for host calls that read or
     * write there.
     */
    long address(long offset);

    byte getByte(long offset);

    void putByte(long offset, byte value);

    int getInt(long offset);

    void putInt(long offset, int value);

    long getLong(long offset);

    void putLong(long offset, long value);

    /** Atomic read of an aligned int with acquire ordering (futex words). */
    int getIntVolatile(long offset);

    /** Atomic compare-and-exchange of an aligned int; returns the witness value. */
    int compareAndExchangeInt(long offset, int expected, int value);

    /** Copies out of the file into an array. */
    void get(long offset, byte[] destination, int index, int length);

    /** Copies from an array into the file. */
    void put(long offset, byte[] source, int index, int length);

    /** Copies within the file; the ranges may overlap. */
    void copy(long fromOffset, long toOffset, long length);

    /**
     * Copies memory of this process to pages that were just allocated: the host makes pages that
     * nobody has touched in one call, where stores would take a fault for each.
     *
     * @param address where the bytes are, in this process
     * @throws ErrnoException EFAULT, ENOMEM
     */
    default void fill(long offset, long address, long length) throws ErrnoException {
        for (long done = 0; done < length; ) {
            done += HostFiles.pwrite(fd(), address + done, length - done, offset + done);
        }
    }

    /** Fills with zero bytes by storing (use {@link #zero} for large ranges). */
    void fillZero(long offset, long length);

    /** Returns the index of the first zero byte in a range, relative to {@code offset}, or -1. */
    long indexOfZero(long offset, long length);

    /** Returns how many bytes are allocated. */
    long allocatedBytes();

    /** Returns how many bytes may be resident. */
    default long limitBytes() {
        return Long.MAX_VALUE;
    }

    /**
     * Sets who is told, on the allocating thread, whenever the allocated bytes come to exceed half
     * of {@link #limitBytes}: only then can guests touch more than there is.
     */
    default void setPressureListener(Runnable listener) {}

    /** Returns how many bytes of the file have pages on the host. */
    default long residentBytes() {
        return allocatedBytes();
    }

    /** Returns how many bytes of a range have pages on the host. */
    default long residentBytes(long offset, long length) {
        return length;
    }

    /**
     * Says for each page of a range whether it has a page on the host: 1 or 0 in {@code answer}
     * from {@code index} on.
     */
    default void residency(long offset, int pages, byte[] answer, int index) {
        Arrays.fill(answer, index, index + pages, (byte) 1);
    }

    /**
     * Gives all pages of an allocated range their memory now.
     *
     * @throws ErrnoException ENOMEM
     */
    default void populate(long offset, long length) throws ErrnoException {}

    @Override
    void close();
}
