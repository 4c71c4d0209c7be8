// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import java.util.concurrent.atomic.AtomicLong;

/** The arrays that queued messages are in, and how many bytes of them there are in the sandbox. */
final class Buffers {

    /** Beyond this a socket gets room for one small message only, and that when it has none. */
    private static final long HELD_BYTES_SOFT_MAX = 64L << 20;

    /** What is sent at most while memory is short, bytes. */
    static final int SHORT_BYTES_MAX = 4096;

    private static final int SMALL_BYTES = 256;
    private static final int POOLED_BYTES_MIN = 8192;
    private static final int POOLED_BYTES_MAX = 65536;
    private static final int POOLED_MAX = 16;

    private static final AtomicLong HELD = new AtomicLong();

    /** Arrays of 8, 16, 32 and 64 KiB; guarded by itself. */
    private static final byte[][][] POOL = new byte[4][POOLED_MAX][];

    private static final int[] POOLED = new int[4];

    private Buffers() {}

    /** Whether the sandbox's sockets hold more than they should. */
    static boolean isShort() {
        return HELD.get() > HELD_BYTES_SOFT_MAX;
    }

    /** An array of at least {@code length} bytes with anything in it. */
    static byte[] take(int length) {
        int size = Math.max(SMALL_BYTES, roundUp(length));
        HELD.addAndGet(size);
        if (size >= POOLED_BYTES_MIN && size <= POOLED_BYTES_MAX) {
            int kind = Integer.numberOfTrailingZeros(size / POOLED_BYTES_MIN);
            synchronized (POOL) {
                if (POOLED[kind] > 0) {
                    byte[] found = POOL[kind][--POOLED[kind]];
                    POOL[kind][POOLED[kind]] = null;
                    return found;
                }
            }
        }
        return new byte[size];
    }

    private static int roundUp(int length) {
        if (length > POOLED_BYTES_MAX || length <= 1) {
            return length;
        }
        return Integer.highestOneBit(length - 1) << 1;
    }

    /** Gives an array back that nobody reads any more. */
    static void give(byte[] buffer) {
        int size = buffer.length;
        HELD.addAndGet(-size);
        if (size >= POOLED_BYTES_MIN && size <= POOLED_BYTES_MAX) {
            int kind = Integer.numberOfTrailingZeros(size / POOLED_BYTES_MIN);
            synchronized (POOL) {
                if (POOLED[kind] < POOLED_MAX) {
                    POOL[kind][POOLED[kind]++] = buffer;
                }
            }
        }
    }

    /** Whether an array can stay with its socket for the next message. */
    static boolean isSmall(byte[] buffer) {
        return buffer.length <= SHORT_BYTES_MAX;
    }

    /** A small array is in use again, or rests with its socket. */
    static void count(byte[] buffer, boolean used) {
        HELD.addAndGet(used ? buffer.length : -buffer.length);
    }
}
