// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import java.util.Arrays;

/** Bytes on their way, first in first out; its array grows up to a bound. Not thread-safe. */
final class ByteQueue {

    private static final int INITIAL_BYTES = 256;

    private final int capacity;
    private byte[] bytes = {};
    private int first;
    private int size;

    ByteQueue(int capacity) {
        this.capacity = capacity;
    }

    int size() {
        return size;
    }

    /** How many more bytes it takes. */
    int room() {
        return capacity - size;
    }

    /** Appends a byte; there must be room. */
    void add(int value) {
        reserve(1);
        bytes[(first + size) % bytes.length] = (byte) value;
        size++;
    }

    /** Appends as many as there is room for; returns how many. */
    int add(byte[] source, int index, int length) {
        int n = Math.min(length, room());
        reserve(n);
        for (int i = 0; i < n; ) {
            int at = (first + size) % bytes.length;
            int piece = Math.min(n - i, bytes.length - at);
            System.arraycopy(source, index + i, bytes, at, piece);
            size += piece;
            i += piece;
        }
        return n;
    }

    private void reserve(int more) {
        int wanted = size + more;
        if (wanted <= bytes.length) {
            return;
        }
        if (wanted > capacity) {
            throw new IllegalStateException("queue is full");
        }
        int length = Math.min(capacity, Math.max(Math.max(INITIAL_BYTES, wanted), size * 2));
        byte[] wider = new byte[length];
        if (size > 0) {
            peek(wider, 0, size);
        }
        bytes = wider;
        first = 0;
    }

    /** Copies the oldest bytes, which stay. */
    void peek(byte[] destination, int index, int length) {
        int piece = Math.min(length, bytes.length - first);
        System.arraycopy(bytes, first, destination, index, piece);
        System.arraycopy(bytes, 0, destination, index + piece, length - piece);
    }

    /** Drops the oldest bytes; there are that many. */
    void skip(int length) {
        if (length > 0) {
            first = (first + length) % bytes.length;
            size -= length;
        }
    }

    /** Takes up to {@code length} bytes; returns how many. */
    int take(byte[] destination, int index, int length) {
        int n = Math.min(length, size);
        if (n > 0) {
            peek(destination, index, n);
            skip(n);
        }
        return n;
    }

    /** Drops the newest, so that at most {@code length} are left. */
    void truncate(int length) {
        size = Math.min(size, length);
    }

    /** Drops all and their memory. */
    void clear() {
        bytes = new byte[0];
        first = 0;
        size = 0;
    }

    @Override
    public String toString() {
        byte[] all = new byte[size];
        peek(all, 0, size);
        return Arrays.toString(all);
    }
}
