// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory that several address spaces share: {@code MAP_SHARED | MAP_ANONYMOUS}, {@code /dev/zero}
 * mapped shared, System V segments.
 *
 * <p>Its pages are one contiguous range of the memory file, allocated at creation; the host fills
 * them when they are touched. Freed when the last mapping and the last {@link #retain} are gone.
 */
public final class SharedAnonymous implements Mappable {

    /** Linux shows such mappings with the number of the internal tmpfs; any small minor will do. */
    private static final long DEVICE_ID = 1;

    private static final AtomicLong NEXT_INODE = new AtomicLong(1);

    private final PageAllocator pages;
    private final long offset;
    private final long length;
    private final String name;
    private final long inode = NEXT_INODE.getAndIncrement();

    /** Mapped bytes plus one page for each {@link #retain}; guarded by this. */
    private long held;

    /** Whether the pages were given back; guarded by this. */
    private boolean freed;

    /** Whether the whole length is promised (not for MAP_NORESERVE). */
    private final boolean reserved;

    /** Creates one with the name that Linux gives to shared anonymous memory. */
    public SharedAnonymous(PageAllocator pages, long length) throws ErrnoException {
        this(pages, length, "/dev/zero (deleted)");
    }

    /** As {@link #SharedAnonymous(PageAllocator, long)}; without promise for MAP_NORESERVE. */
    SharedAnonymous(PageAllocator pages, long length, boolean reserved) throws ErrnoException {
        this(pages, length, "/dev/zero (deleted)", reserved);
    }

    /**
     * Creates one without any mapping.
     *
     * @param length bytes, rounded up to pages
     * @param name as {@code /proc/PID/maps} shows it
     * @throws ErrnoException ENOMEM
     */
    public SharedAnonymous(PageAllocator pages, long length, String name) throws ErrnoException {
        this(pages, length, name, true);
    }

    private SharedAnonymous(PageAllocator pages, long length, String name, boolean reserved)
            throws ErrnoException {
        this.pages = pages;
        this.length = (length + MemoryFile.PAGE_SIZE - 1) & -MemoryFile.PAGE_SIZE;
        this.reserved = reserved;
        if (reserved) {
            pages.commit().charge(this.length);
        }
        try {
            this.offset = pages.allocate(this.length);
        } catch (ErrnoException e) {
            uncharge();
            throw e;
        }
        this.name = name;
    }

    private void uncharge() {
        if (reserved) {
            pages.commit().uncharge(length);
        }
    }

    /** Keeps the memory although nothing maps it (a System V segment). */
    public synchronized void retain() {
        held += MemoryFile.PAGE_SIZE;
    }

    /** Ends a {@link #retain}. */
    public void release() {
        drop(MemoryFile.PAGE_SIZE);
    }

    @Override
    public void locate(long start, long wanted, Location result) throws ErrnoException {
        if (start < 0 || start >= length) {
            throw Errno.ENXIO.exception();
        }
        result.offset = offset + start;
        result.length = Math.min(wanted, length - start);
    }

    @Override
    public long size() {
        return length;
    }

    @Override
    public int read(long start, byte[] destination, int index, int count) {
        int n = (int) Math.max(0, Math.min(count, length - start));
        pages.memory().get(offset + start, destination, index, n);
        return n;
    }

    @Override
    public int write(long start, byte[] source, int index, int count) {
        int n = (int) Math.max(0, Math.min(count, length - start));
        pages.memory().put(offset + start, source, index, n);
        return n;
    }

    @Override
    public synchronized void addMapping(
            MemoryManager mm, long address, long mappedLength, long start) {
        held += mappedLength;
    }

    @Override
    public void removeMapping(MemoryManager mm, long address, long mappedLength, long start) {
        drop(mappedLength);
    }

    private void drop(long bytes) {
        synchronized (this) {
            held -= bytes;
            if (held > 0 || freed) {
                return;
            }
            freed = true;
        }
        pages.release(offset, length);
        uncharge();
    }

    @Override
    public void punchHole(long start, long count) {
        pages.memory().zero(offset + start, Math.min(count, length - start));
    }

    @Override
    public String mappingName() {
        return name;
    }

    @Override
    public long deviceId() {
        return DEVICE_ID;
    }

    @Override
    public long inodeId() {
        return inode;
    }
}
