// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

/**
 * A block of native memory for the arguments of host calls. Contract skeleton (platform owner).
 *
 * <p>Confined by use, not by type: a per-thread instance must not be kept over a call that may use it too.
 */
public final class NativeBuffer {

    private final long address;
    private final int size;

    private NativeBuffer(long address, int size) {
        this.address = address;
        this.size = size;
    }

    /** Allocates a block that lives as long as the process or until {@link #free}. */
    public static NativeBuffer allocate(int size) {
        throw new UnsupportedOperationException();
    }

    /** Returns this thread's scratch block of at least 8 KiB. */
    public static NativeBuffer scratch() {
        throw new UnsupportedOperationException();
    }

    public long address() {
        return address;
    }

    public int size() {
        return size;
    }

    public byte getByte(int offset) {
        throw new UnsupportedOperationException();
    }

    public void putByte(int offset, byte value) {
        throw new UnsupportedOperationException();
    }

    public short getShort(int offset) {
        throw new UnsupportedOperationException();
    }

    public void putShort(int offset, short value) {
        throw new UnsupportedOperationException();
    }

    public int getInt(int offset) {
        throw new UnsupportedOperationException();
    }

    public void putInt(int offset, int value) {
        throw new UnsupportedOperationException();
    }

    public long getLong(int offset) {
        throw new UnsupportedOperationException();
    }

    public void putLong(int offset, long value) {
        throw new UnsupportedOperationException();
    }

    public void get(int offset, byte[] destination, int index, int length) {
        throw new UnsupportedOperationException();
    }

    public void put(int offset, byte[] source, int index, int length) {
        throw new UnsupportedOperationException();
    }

    /** Stores a NUL-terminated string as ISO-8859-1 bytes (paths are byte strings); returns its address. */
    public long putCString(int offset, byte[] bytes) {
        throw new UnsupportedOperationException();
    }

    public void free() {
        throw new UnsupportedOperationException();
    }
}
