// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.testing;

import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A file to map: in the host's page cache (an array here), or in the memory file as tmpfs has it.
 */
public final class FakeFile implements Mappable {

    private static final int PAGE = MemoryFile.PAGE_SIZE;
    private static final Map<Integer, FakeFile> BY_FD = new HashMap<>();
    private static int nextFd = 100;

    private final int fd;
    private final @Nullable PageAllocator pages;

    /** Contents if host-backed. */
    private byte[] bytes;

    /** Pages in the memory file by index, or -1. */
    private final long[] located;

    private long size;
    private long mappedBytes;
    private final Map<MemoryManager, Long> mappers = new HashMap<>();

    private FakeFile(int fd, @Nullable PageAllocator pages, int sizePages) {
        this.fd = fd;
        this.pages = pages;
        this.bytes = new byte[sizePages * PAGE];
        this.located = new long[sizePages];
        Arrays.fill(located, -1);
        this.size = (long) sizePages * PAGE;
    }

    /** Creates one that the host shows; byte i has the value i / 4096 + first. */
    public static FakeFile onHost(int sizePages, int first) {
        FakeFile file = new FakeFile(nextFd++, null, sizePages);
        for (int i = 0; i < file.bytes.length; i++) {
            file.bytes[i] = (byte) (i / PAGE + first);
        }
        BY_FD.put(file.fd, file);
        return file;
    }

    /** Fills the pages of one in the memory file as {@link #onHost} does. */
    public void fill(int first) throws ErrnoException {
        Location location = new Location();
        for (int i = 0; i < located.length && pages != null; i++) {
            locate((long) i * PAGE, PAGE, location);
            for (int j = 0; j < PAGE; j++) {
                pages.memory().putByte(location.offset + j, (byte) (i + first));
            }
        }
    }

    /** Creates one in the memory file, full of zeros. */
    public static FakeFile inMemory(PageAllocator pages, int sizePages) {
        return new FakeFile(-1, pages, sizePages);
    }

    static FakeFile byFd(int fd) {
        FakeFile file = BY_FD.get(fd);
        if (file == null) {
            throw new AssertionError("fd=" + fd);
        }
        return file;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Sets the end of the file and takes the pages behind it from all mappings. */
    public void truncate(long newSize) {
        size = newSize;
        if (pages == null) {
            bytes = Arrays.copyOf(bytes, (int) newSize);
            return;
        }
        int first = (int) ((newSize + PAGE - 1) / PAGE);
        long[] freed = Arrays.copyOfRange(located, first, located.length);
        Arrays.fill(located, first, located.length, -1);
        for (MemoryManager mm : mappers.keySet().toArray(new MemoryManager[0])) {
            mm.invalidate(this, (long) first * PAGE, Long.MAX_VALUE);
        }
        for (long offset : freed) {
            if (offset >= 0) {
                pages.release(offset, PAGE);
            }
        }
    }

    /** Gives the pages back (the file is deleted and closed). */
    public void destroy() {
        truncate(0);
        BY_FD.remove(fd);
    }

    /** Returns how many bytes are mapped; 0 when every add was answered by removes. */
    public long mappedBytes() {
        return mappedBytes;
    }

    @Override
    public int hostFd() {
        return fd;
    }

    @Override
    public void locate(long offset, long length, Location result) throws ErrnoException {
        if (pages == null || offset >= size) {
            throw Errno.ENXIO.exception();
        }
        int index = (int) (offset / PAGE);
        if (located[index] < 0) {
            located[index] = pages.allocate(PAGE);
        }
        result.offset = located[index];
        result.length = PAGE;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int read(long offset, byte[] destination, int index, int length) {
        int n = (int) Math.max(0, Math.min(length, size - offset));
        System.arraycopy(bytes, (int) offset, destination, index, n);
        return n;
    }

    @Override
    public int write(long offset, byte[] source, int index, int length) {
        if (offset + length > size) {
            throw new AssertionError("a mapping must not extend the file");
        }
        System.arraycopy(source, index, bytes, (int) offset, length);
        return length;
    }

    @Override
    public void addMapping(MemoryManager mm, long address, long length, long offset) {
        mappedBytes += length;
        mappers.merge(mm, length, Long::sum);
    }

    @Override
    public void removeMapping(MemoryManager mm, long address, long length, long offset) {
        mappedBytes -= length;
        if (mappers.merge(mm, -length, Long::sum) == 0) {
            mappers.remove(mm);
        }
    }

    @Override
    public String mappingName() {
        return "/fake";
    }

    @Override
    public long deviceId() {
        return 1;
    }

    @Override
    public long inodeId() {
        return 1;
    }
}
