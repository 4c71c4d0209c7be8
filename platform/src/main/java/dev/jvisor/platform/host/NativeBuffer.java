// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import java.util.ArrayDeque;
import java.util.Objects;

/**
 * A block of native memory for the arguments of host calls. Bounds are checked.
 *
 * <p>Confined by use, not by type: a per-thread instance must not be kept over a call that may use
 * it too.
 */
public final class NativeBuffer {

    /** Size of scratch and pooled blocks, in bytes. */
    public static final int BLOCK_SIZE = 16 * 1024;

    private static final ThreadLocal<NativeBuffer> SCRATCH = new ThreadLocal<>();

    /** The C library's allocator; apart, so that it is looked up when first needed. */
    private static final class Heap {
        static final long CALLOC = Native.symbol("calloc");
        static final long FREE = Native.symbol("free");
    }

    /** Blocks of {@link #BLOCK_SIZE} that were given back; a thread's first malloc is dear. */
    private static final ArrayDeque<NativeBuffer> POOL = new ArrayDeque<>(); // guarded by itself

    private static final int POOLED_MAX = 64;

    private final long address;
    private final int size;
    private boolean freed;

    private NativeBuffer(long address, int size) {
        this.address = address;
        this.size = size;
    }

    /** Allocates a zeroed block that lives as long as the process or until {@link #free}. */
    public static NativeBuffer allocate(int size) {
        if (size <= 0) {
            throw new IllegalArgumentException("size=" + size);
        }
        long address = Native.call(Heap.CALLOC, 1, size, 0, 0, 0, 0);
        if (address == 0) {
            throw new OutOfMemoryError("native size=" + size);
        }
        return new NativeBuffer(address, size);
    }

    /**
     * Takes a block of {@link #BLOCK_SIZE} bytes, with any contents; {@link #giveBack} returns it.
     */
    public static NativeBuffer borrow() {
        synchronized (POOL) {
            NativeBuffer buffer = POOL.pollLast();
            if (buffer != null) {
                return buffer;
            }
        }
        return allocate(BLOCK_SIZE);
    }

    /** Returns a block from {@link #borrow}; the caller must not use it again. */
    public void giveBack() {
        synchronized (POOL) {
            if (POOL.size() < POOLED_MAX) {
                POOL.addLast(this);
                return;
            }
        }
        free();
    }

    /**
     * Returns this thread's scratch block of at least 8 KiB. A thread that ends gives it back with
     * {@link #releaseScratch}.
     */
    public static NativeBuffer scratch() {
        NativeBuffer buffer = SCRATCH.get();
        if (buffer == null) {
            buffer = borrow();
            SCRATCH.set(buffer);
        }
        return buffer;
    }

    /** Gives up this thread's scratch block, if it has one; for the end of a thread. */
    public static void releaseScratch() {
        NativeBuffer buffer = SCRATCH.get();
        if (buffer != null) {
            SCRATCH.remove();
            buffer.giveBack();
        }
    }

    public long address() {
        return address;
    }

    public int size() {
        return size;
    }

    private long at(int offset, int length) {
        if (freed) {
            throw new IllegalStateException("buffer is freed");
        }
        return address + Objects.checkFromIndexSize(offset, length, size);
    }

    public byte getByte(int offset) {
        return RawMemory.getByte(at(offset, 1));
    }

    public void putByte(int offset, byte value) {
        RawMemory.putByte(at(offset, 1), value);
    }

    public short getShort(int offset) {
        return RawMemory.getShort(at(offset, 2));
    }

    public void putShort(int offset, short value) {
        RawMemory.putShort(at(offset, 2), value);
    }

    public int getInt(int offset) {
        return RawMemory.getInt(at(offset, 4));
    }

    public void putInt(int offset, int value) {
        RawMemory.putInt(at(offset, 4), value);
    }

    public long getLong(int offset) {
        return RawMemory.getLong(at(offset, 8));
    }

    public void putLong(int offset, long value) {
        RawMemory.putLong(at(offset, 8), value);
    }

    public void get(int offset, byte[] destination, int index, int length) {
        RawMemory.get(at(offset, length), destination, index, length);
    }

    public void put(int offset, byte[] source, int index, int length) {
        RawMemory.put(at(offset, length), source, index, length);
    }

    /** Stores zero bytes. */
    public void clear(int offset, int length) {
        RawMemory.fill(at(offset, length), length, (byte) 0);
    }

    /**
     * Stores a NUL-terminated string as ISO-8859-1 bytes (paths are byte strings); returns its
     * address.
     */
    public long putCString(int offset, byte[] bytes) {
        long start = at(offset, bytes.length + 1);
        RawMemory.put(start, bytes, 0, bytes.length);
        RawMemory.putByte(start + bytes.length, (byte) 0);
        return start;
    }

    /** Gives the memory back; the buffer is unusable then. */
    public void free() {
        if (!freed) {
            freed = true;
            Native.call(Heap.FREE, address, 0, 0, 0, 0, 0);
        }
    }
}
