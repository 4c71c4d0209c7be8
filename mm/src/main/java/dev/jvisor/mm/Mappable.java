// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.platform.abi.ErrnoException;

/**
 * Something that mmap(2) can map: an open file, or shared anonymous memory.
 *
 * <p>Implemented by {@code fs} file descriptions' inodes. Offsets are bytes in the object. A mapping holds
 * one reference from {@link #addMapping} to {@link #removeMapping}; forks add, splits of a mapping add.
 */
public interface Mappable {

    /** Where a part of the object is found. */
    final class Location {
        /** Start in the memory file, or in the host file, in bytes. */
        public long offset;
        /** Bytes that are contiguous from there, at most what was asked; a multiple of the page size. */
        public long length;
    }

    /**
     * Returns the host descriptor whose page cache shows this object, or -1 if its pages live in the
     * memory file and are found by {@link #locate}.
     */
    default int hostFd() {
        return -1;
    }

    /**
     * Finds (allocating where needed) the pages of a range of a memory-backed object.
     *
     * @param offset page-aligned start
     * @param length wanted length, page-aligned; the answer may be shorter, never empty
     * @throws ErrnoException ENOMEM, or ENXIO if the range starts at or after the end of the object
     *     (SIGBUS for the toucher)
     */
    void locate(long offset, long length, Location result) throws ErrnoException;

    /** Returns the object's size in bytes; pages wholly behind it raise SIGBUS. */
    long size() throws ErrnoException;

    /**
     * Reads from a host-backed object into the Sentry (the Sentry never touches a host file's mapping).
     *
     * @return bytes read, 0 behind the end
     */
    int read(long offset, byte[] destination, int index, int length) throws ErrnoException;

    /** Writes to a host-backed shared object on behalf of a copy-out. */
    int write(long offset, byte[] source, int index, int length) throws ErrnoException;

    /** A mapping of a range starts to exist in an address space. */
    void addMapping(MemoryManager mm, long address, long length, long offset);

    /** A mapping of a range, or a part of one, is gone. */
    void removeMapping(MemoryManager mm, long address, long length, long offset);

    /** Writes back a range for msync(2). */
    default void sync(long offset, long length) throws ErrnoException {}

    /** Name for {@code /proc/PID/maps}: a path, {@code /dev/zero (deleted)}, … */
    String mappingName();

    /** Device number for {@code /proc/PID/maps}. */
    long deviceId();

    /** Inode number for {@code /proc/PID/maps} and shared futex keys. */
    long inodeId();
}
