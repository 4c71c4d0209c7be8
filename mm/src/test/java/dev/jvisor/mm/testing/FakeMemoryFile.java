// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.testing;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** A memory file on the heap that fails on any access to a page that is not allocated. */
public final class FakeMemoryFile implements MemoryFile {

    private static final long SIZE = 1L << 40;

    /** Allocated pages that were touched; others read as zero. */
    private final TreeMap<Long, byte[]> contents = new TreeMap<>();

    private final TreeSet<Long> free = new TreeSet<>();

    /** Large allocations (of untouched pages) are kept as ranges: start to end. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    private long top;
    private long limitBytes = Long.MAX_VALUE;
    private long allocatedBytes;

    /** Makes allocations fail that go beyond a number of bytes. */
    public void setLimit(long bytes) {
        limitBytes = bytes;
    }

    @Override
    public int fd() {
        return 3;
    }

    @Override
    public long size() {
        return SIZE;
    }

    @Override
    public synchronized long allocate(long length) throws ErrnoException {
        if (length <= 0 || length % PAGE_SIZE != 0) {
            throw new AssertionError("length=" + length);
        }
        if (allocatedBytes + length > limitBytes || top + length > SIZE) {
            throw Errno.ENOMEM.exception();
        }
        allocatedBytes += length;
        // Freed single pages are reused at once, so that a use after free shows.
        if (length == PAGE_SIZE && !free.isEmpty()) {
            long page = free.pollFirst();
            addRange(page, page + length);
            return page;
        }
        long offset = top;
        top += length;
        addRange(offset, offset + length);
        return offset;
    }

    @Override
    public synchronized long allocateToOverwrite(long length) throws ErrnoException {
        long offset = allocate(length);
        byte[] garbage = new byte[(int) length];
        Arrays.fill(garbage, (byte) 0xa5);
        put(offset, garbage, 0, garbage.length);
        return offset;
    }

    private void addRange(long start, long end) {
        ranges.put(start, end);
    }

    private void requireAllocated(long start, long end) {
        long position = start;
        while (position < end) {
            Map.Entry<Long, Long> range = ranges.floorEntry(position);
            if (range == null || range.getValue() <= position) {
                throw new AssertionError("page not allocated: " + Long.toHexString(position));
            }
            position = range.getValue();
        }
    }

    @Override
    public synchronized void free(long offset, long length) {
        long end = offset + length;
        requireAllocated(offset, end);
        allocatedBytes -= length;
        Map.Entry<Long, Long> range = ranges.floorEntry(offset);
        while (range != null && range.getKey() < end) {
            long start = range.getKey();
            long rangeEnd = range.getValue();
            ranges.remove(start);
            if (start < offset) {
                ranges.put(start, offset);
            }
            if (rangeEnd > end) {
                ranges.put(end, rangeEnd);
            }
            range = ranges.ceilingEntry(Math.max(offset, start + 1));
        }
        for (long page = offset; page < end && length <= 64 * PAGE_SIZE; page += PAGE_SIZE) {
            free.add(page);
        }
        dropContents(offset, end);
    }

    private void dropContents(long start, long end) {
        contents.subMap(start, end).clear();
    }

    @Override
    public synchronized void zero(long offset, long length) {
        requireAllocated(offset, offset + length);
        dropContents(offset, offset + length);
    }

    @Override
    public long address(long offset) {
        return offset + (1L << 46);
    }

    private byte[] page(long offset) {
        long page = offset & -PAGE_SIZE;
        requireAllocated(page, page + PAGE_SIZE);
        return contents.computeIfAbsent(page, p -> new byte[PAGE_SIZE]);
    }

    @Override
    public synchronized byte getByte(long offset) {
        return page(offset)[(int) offset & PAGE_SIZE - 1];
    }

    @Override
    public synchronized void putByte(long offset, byte value) {
        page(offset)[(int) offset & PAGE_SIZE - 1] = value;
    }

    @Override
    public synchronized int getInt(long offset) {
        int value = 0;
        for (int i = 3; i >= 0; i--) {
            value = value << 8 | getByte(offset + i) & 0xff;
        }
        return value;
    }

    @Override
    public synchronized void putInt(long offset, int value) {
        for (int i = 0; i < 4; i++) {
            putByte(offset + i, (byte) (value >>> 8 * i));
        }
    }

    @Override
    public synchronized long getLong(long offset) {
        return (long) getInt(offset + 4) << 32 | getInt(offset) & 0xffffffffL;
    }

    @Override
    public synchronized void putLong(long offset, long value) {
        putInt(offset, (int) value);
        putInt(offset + 4, (int) (value >>> 32));
    }

    @Override
    public int getIntVolatile(long offset) {
        return getInt(offset);
    }

    @Override
    public synchronized int compareAndExchangeInt(long offset, int expected, int value) {
        int old = getInt(offset);
        if (old == expected) {
            putInt(offset, value);
        }
        return old;
    }

    @Override
    public synchronized void get(long offset, byte[] destination, int index, int length) {
        for (int done = 0; done < length; ) {
            int within = (int) (offset + done) & PAGE_SIZE - 1;
            int n = Math.min(length - done, PAGE_SIZE - within);
            System.arraycopy(page(offset + done), within, destination, index + done, n);
            done += n;
        }
    }

    @Override
    public synchronized void put(long offset, byte[] source, int index, int length) {
        for (int done = 0; done < length; ) {
            int within = (int) (offset + done) & PAGE_SIZE - 1;
            int n = Math.min(length - done, PAGE_SIZE - within);
            System.arraycopy(source, index + done, page(offset + done), within, n);
            done += n;
        }
    }

    @Override
    public synchronized void copy(long fromOffset, long toOffset, long length) {
        byte[] bytes = new byte[(int) length];
        get(fromOffset, bytes, 0, bytes.length);
        put(toOffset, bytes, 0, bytes.length);
    }

    @Override
    public synchronized void fillZero(long offset, long length) {
        put(offset, new byte[(int) length], 0, (int) length);
    }

    @Override
    public synchronized long indexOfZero(long offset, long length) {
        for (long i = 0; i < length; i++) {
            if (getByte(offset + i) == 0) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public synchronized long allocatedBytes() {
        return allocatedBytes;
    }

    @Override
    public void close() {}
}
