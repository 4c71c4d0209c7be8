// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.usercopy;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

/**
 * A cursor over the memory that a read or write call transfers to or from (Linux: {@code struct
 * iov_iter}). Files use it without knowing whether the bytes are a guest's or the Sentry's.
 *
 * <p>Every copy advances the cursor by what it returns. A copy stops short at the first byte that
 * cannot be accessed; it throws EFAULT only if not a single byte could be copied and at least one
 * was wanted.
 */
public abstract class IovIter {

    /** Returns how many bytes are left. */
    public abstract long remaining();

    /** Copies bytes of the Sentry to the iterator's memory (a file being read). */
    public abstract int copyTo(byte[] source, int index, int length) throws ErrnoException;

    /** Copies bytes of the iterator's memory to the Sentry (a file being written). */
    public abstract int copyFrom(byte[] destination, int index, int length) throws ErrnoException;

    /** Copies a range of the memory file to the iterator's memory; returns bytes copied. */
    public abstract long copyToFromMemory(MemoryFile memory, long memoryOffset, long length)
            throws ErrnoException;

    /** Copies the iterator's memory to a range of the memory file; returns bytes copied. */
    public abstract long copyFromToMemory(MemoryFile memory, long memoryOffset, long length)
            throws ErrnoException;

    /** Writes zero bytes to the iterator's memory. */
    public abstract long zero(long length) throws ErrnoException;

    /**
     * Finds the next stretch of memory that the Sentry can hand to a host call directly.
     *
     * @param forWrite whether the host will write there (a file being read)
     * @return its address in this process; length by {@link #spanLength}, at least 1 and at most
     *     {@code maxLength}; 0 if the next bytes have no address (use the copying methods: always
     *     so for memory that is a mapping of a host file). The stretch is pinned: whatever the
     *     guest does meanwhile, the address stays valid and is nobody else's memory until the next
     *     call on this iterator, or until the same thread makes another iterator over the same
     *     memory.
     * @throws ErrnoException EFAULT if the next byte cannot be accessed
     */
    public abstract long spanAddress(long maxLength, boolean forWrite) throws ErrnoException;

    /** Returns the length of the stretch that {@link #spanAddress} found. */
    public abstract long spanLength();

    /** Moves the cursor forward. */
    public abstract void advance(long count);

    /** Moves the cursor back over bytes it went over. */
    public abstract void revert(long count);

    /** Limits what is left to at most {@code count} bytes. */
    public abstract void truncate(long count);

    /**
     * Returns an iterator over an array (the Sentry's own reads and writes: loader, gofer, tests).
     */
    public static IovIter of(byte[] array, int index, int length) {
        return new ArrayIovIter(array, index, length);
    }
}
