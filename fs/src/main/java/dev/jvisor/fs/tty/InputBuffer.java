// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import java.util.BitSet;

/**
 * What was typed and not read yet (Linux: {@code read_buf} of n_tty): bytes between {@code tail}
 * and {@code head}, of which those before {@code lineEnd} are complete lines in canonical mode. The
 * last byte of a line is marked; a marked NUL is an end of file. Not thread-safe.
 */
final class InputBuffer {

    /** Linux: {@code N_TTY_BUF_SIZE}. */
    static final int BYTES = 4096;

    private static final int MASK = BYTES - 1;

    private byte[] bytes = {};
    private final BitSet marks = new BitSet();

    /** Count bytes since the buffer was empty; the place in the ring is the low bits. */
    private int tail;

    private int lineEnd;
    private int head;

    /** Bytes that are there. */
    int size() {
        return head - tail;
    }

    boolean hasLine() {
        return lineEnd != tail;
    }

    /** Bytes of the line that is being typed. */
    int openLength() {
        return head - lineEnd;
    }

    /** A byte of the line that is being typed, 0 to 255. */
    int open(int index) {
        return bytes[lineEnd + index & MASK] & 0xff;
    }

    void put(int c) {
        if (bytes.length == 0) {
            bytes = new byte[BYTES];
        }
        bytes[head & MASK] = (byte) c;
        head++;
    }

    /** Ends the line with a byte. */
    void putLineEnd(int c) {
        marks.set(head & MASK);
        put(c);
        lineEnd = head;
    }

    /** Removes the newest bytes of the line that is being typed. */
    void removeOpen(int count) {
        head -= count;
    }

    void clear() {
        tail = 0;
        lineEnd = 0;
        head = 0;
        marks.clear();
        bytes = new byte[0];
    }

    /** Forgets where lines end: the mode changed. What is there becomes a line, or all one open. */
    void changeMode(boolean canonical) {
        marks.clear();
        if (canonical && size() > 0) {
            marks.set(head - 1 & MASK);
            lineEnd = head;
        } else {
            lineEnd = tail;
        }
    }

    /** Reads without regard to lines; returns how many bytes. */
    int readRaw(byte[] destination, int index, int length) {
        int n = Math.min(length, size());
        for (int i = 0; i < n; i++) {
            destination[index + i] = bytes[tail + i & MASK];
        }
        tail += n;
        return n;
    }

    /**
     * Reads up to the end of the first line, which must be there. An end of file is eaten, also
     * when the destination is just full before it.
     */
    int readLine(byte[] destination, int index, int length) {
        int n = 0;
        while (n < length && hasLine()) {
            int at = tail & MASK;
            boolean ends = marks.get(at);
            byte c = bytes[at];
            tail++;
            marks.clear(at);
            if (ends && c == 0) {
                return n;
            }
            destination[index + n++] = c;
            if (ends) {
                return n;
            }
        }
        if (hasLine() && marks.get(tail & MASK) && bytes[tail & MASK] == 0) {
            marks.clear(tail & MASK);
            tail++;
        }
        return n;
    }

    /** Bytes of complete lines, without ends of file (FIONREAD). */
    int lineBytes() {
        int n = 0;
        for (int i = tail; i != lineEnd; i++) {
            if (!marks.get(i & MASK) || bytes[i & MASK] != 0) {
                n++;
            }
        }
        return n;
    }
}
