// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * Something that mmap(2) can map: an open file, or shared anonymous memory.
 *
 * <p>Implemented by {@code fs} file descriptions' inodes. Offsets are bytes in the object. A
 * mapping holds one reference from {@link #addMapping} to {@link #removeMapping}; forks add. A
 * split or merge of mappings calls neither: what was added is removed in parts whose lengths sum
 * up.
 *
 * <p>Locks: every method is called with the lock of a memory manager held. An implementation may
 * take only leaf locks here, under which it never touches guest memory ({@code IovIter},
 * {@code UserMemory}) and never calls a memory manager; so not the lock that a write(2) holds while
 * it copies from the guest.
 *
 * <p>Shrinking: an object that loses pages first makes {@link #locate} and {@link #size} say so,
 * then calls {@link MemoryManager#invalidate} for every mapping (without its locks), then gives its
 * pages back. The pages come from the {@code PageAllocator}; each mapping holds references of its
 * own to those it shows.
 */
public interface Mappable {

    /** Where a part of the object is found. */
    final class Location {
        /** Start in the memory file, or in the host file, in bytes. */
        public long offset;
        /**
         * Bytes that are contiguous from there, at most what was asked; a multiple of the page
         * size.
         */
        public long length;
    }

    /**
     * Returns the host descriptor whose page cache shows this object, or -1 if its pages live in
     * the memory file and are found by {@link #locate}.
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
     * Reads from a host-backed object into the Sentry (the Sentry never touches a host file's
     * mapping).
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

    /**
     * Frees a range so that it reads as zero (madvise MADV_REMOVE; Linux: fallocate punch hole).
     * Called without the memory manager's lock.
     */
    default void punchHole(long offset, long length) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    /** Writes back a range for msync(2). Called without the memory manager's lock. */
    default void sync(long offset, long length) throws ErrnoException {}

    /**
     * Returns what is the same object for all mappings of the same file, for the keys of shared
     * futexes; for one that is made anew for each open file, its inode.
     */
    default Object identity() {
        return this;
    }

    /** Name for {@code /proc/PID/maps}: a path, {@code /dev/zero (deleted)}, … */
    String mappingName();

    /** Device number for {@code /proc/PID/maps}. */
    long deviceId();

    /** Inode number for {@code /proc/PID/maps}. */
    long inodeId();
}
