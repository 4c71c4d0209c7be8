// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.usercopy;

import dev.jvisor.platform.abi.ErrnoException;

/**
 * Access to guest memory by guest address, as a system call handler sees it. Implemented by
 * {@code MemoryManager}; a handler never sees host addresses.
 *
 * <p>Every method checks the whole range and throws {@link ErrnoException} EFAULT where Linux
 * would; pages that are mapped but not present (copy-on-write, lazily mapped) are faulted in as the
 * guest's own access would do.
 */
public interface UserMemory {

    /** Copies guest bytes into an array. EFAULT if any byte is not readable. */
    void copyIn(long address, byte[] destination, int index, int length) throws ErrnoException;

    /**
     * Copies an array to the guest. EFAULT if any byte is not writable (a prefix may be written).
     */
    void copyOut(long address, byte[] source, int index, int length) throws ErrnoException;

    /**
     * Copies as much as can be read.
     *
     * @return bytes copied, fewer than {@code length} where the first unreadable byte stopped it
     */
    int copyInPartial(long address, byte[] destination, int index, int length);

    /** Copies as much as can be written; returns bytes copied. */
    int copyOutPartial(long address, byte[] source, int index, int length);

    byte getByte(long address) throws ErrnoException;

    int getInt(long address) throws ErrnoException;

    long getLong(long address) throws ErrnoException;

    void putByte(long address, byte value) throws ErrnoException;

    void putInt(long address, int value) throws ErrnoException;

    void putLong(long address, long value) throws ErrnoException;

    /** Writes zero bytes. */
    void zero(long address, long length) throws ErrnoException;

    /**
     * Copies a NUL-terminated byte string without its NUL.
     *
     * @param maxLength longest string without the NUL
     * @throws ErrnoException EFAULT; ENAMETOOLONG if there is no NUL within {@code maxLength + 1}
     *     bytes
     */
    byte[] copyInString(long address, int maxLength) throws ErrnoException;
}
