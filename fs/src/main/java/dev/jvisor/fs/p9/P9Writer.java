// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.p9;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds one message at a time; the array grows up to the largest message. */
public final class P9Writer {

    private byte[] data = new byte[1024];
    private int size;

    /** Starts a message. */
    public void begin(int type, int tag) {
        size = 0;
        i32(0);
        u8(type);
        u16(tag);
    }

    /** Completes the message: fills in its size. */
    public void finish() {
        patch32(0, size);
    }

    /** The array with the message at its start; valid until the next {@link #begin}. */
    public byte[] array() {
        return data;
    }

    /** Bytes written so far. */
    public int size() {
        return size;
    }

    /** Cuts the message back, to take out an entry that did not fit. */
    public void truncate(int newSize) {
        if (newSize < 0 || newSize > size) {
            throw new IllegalArgumentException("newSize=" + newSize + " size=" + size);
        }
        size = newSize;
    }

    private int grow(int count) {
        int at = size;
        int needed = size + count;
        if (needed > data.length) {
            if (needed > 2 * P9.MESSAGE_SIZE_MAX) {
                throw new IllegalStateException("message size=" + needed);
            }
            data = Arrays.copyOf(data, Math.max(needed, 2 * data.length));
        }
        size = needed;
        return at;
    }

    public void u8(int value) {
        int at = grow(1);
        data[at] = (byte) value;
    }

    public void u16(int value) {
        int at = grow(2);
        data[at] = (byte) value;
        data[at + 1] = (byte) (value >> 8);
    }

    public void i32(int value) {
        int at = grow(4);
        patch32(at, value);
    }

    /** Overwrites an int written before. */
    public void patch32(int at, int value) {
        data[at] = (byte) value;
        data[at + 1] = (byte) (value >> 8);
        data[at + 2] = (byte) (value >> 16);
        data[at + 3] = (byte) (value >> 24);
    }

    public void i64(long value) {
        i32((int) value);
        i32((int) (value >> 32));
    }

    /** A string of bytes kept one to a char; at most 65535 of them. */
    public void string(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length > 0xffff) {
            throw new IllegalArgumentException("string length=" + bytes.length);
        }
        u16(bytes.length);
        int at = grow(bytes.length);
        System.arraycopy(bytes, 0, data, at, bytes.length);
    }

    /** {@code count[4] data[count]}. */
    public void bytes(byte[] value, int index, int length) {
        i32(length);
        int at = grow(length);
        System.arraycopy(value, index, data, at, length);
    }
}
