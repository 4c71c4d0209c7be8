// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.net.inet.ip.Bytes;
import dev.jvisor.net.inet.ip.Packet;

/** The options of a segment: read into fields that are used again, or written (RFC 7323, 2018). */
final class TcpOptions {

    static final int TIMESTAMP_BYTES = 12;
    static final int SACK_BLOCKS_MAX = 4;

    private static final int END = 0;
    private static final int NOP = 1;
    private static final int MSS = 2;
    private static final int WINDOW_SCALE = 3;
    private static final int SACK_PERMITTED = 4;
    private static final int SACK = 5;
    private static final int TIMESTAMP = 8;
    private static final int SCALE_MAX = 14;

    /** Largest segment, 0 if not said. */
    int mss;

    /** Window scale, -1 if not said. */
    int scale;

    boolean allowsSack;
    boolean hasTimestamp;
    int timestamp;
    int timestampEcho;

    /** Pairs of first and following sequence number. */
    final int[] sack = new int[2 * SACK_BLOCKS_MAX];

    int sackBlocks;

    /** Reads the options of a segment; what is malformed ends them. */
    void read(Packet p) {
        mss = 0;
        scale = -1;
        allowsSack = false;
        hasTimestamp = false;
        sackBlocks = 0;
        byte[] h = p.header;
        int at = p.transportStart + TcpHeader.BYTES;
        int end = p.transportStart + TcpHeader.length(p);
        while (at < end) {
            int kind = h[at];
            if (kind == END) {
                return;
            }
            if (kind == NOP) {
                at++;
                continue;
            }
            if (at + 1 >= end) {
                return;
            }
            int length = h[at + 1] & 0xff;
            if (length < 2 || at + length > end) {
                return;
            }
            option(h, at, kind, length, (TcpHeader.flags(p) & TcpHeader.SYN) != 0);
            at += length;
        }
    }

    private void option(byte[] h, int at, int kind, int length, boolean isSyn) {
        if (kind == MSS && length == 4 && isSyn) {
            mss = Bytes.int16(h, at + 2);
        } else if (kind == WINDOW_SCALE && length == 3 && isSyn) {
            scale = Math.min(h[at + 2] & 0xff, SCALE_MAX);
        } else if (kind == SACK_PERMITTED && length == 2 && isSyn) {
            allowsSack = true;
        } else if (kind == TIMESTAMP && length == 10) {
            hasTimestamp = true;
            timestamp = Bytes.int32(h, at + 2);
            timestampEcho = Bytes.int32(h, at + 6);
        } else if (kind == SACK && length >= 10 && length <= 34 && (length - 2) % 8 == 0) {
            sackBlocks = (length - 2) / 8;
            for (int i = 0; i < 2 * sackBlocks; i++) {
                sack[i] = Bytes.int32(h, at + 2 + 4 * i);
            }
        }
    }

    /** Bytes of the options of a SYN. */
    static int synLength(boolean timestamps, boolean sack, boolean scale) {
        return 4 + (timestamps ? TIMESTAMP_BYTES : sack ? 4 : 0) + (scale ? 4 : 0);
    }

    /** Writes the options of a SYN; {@code scale} is -1 for none. */
    static void writeSyn(
            byte[] h,
            int index,
            int mss,
            int scale,
            boolean sack,
            boolean timestamps,
            int value,
            int echo) {
        int at = index;
        h[at] = MSS;
        h[at + 1] = 4;
        Bytes.putInt16(h, at + 2, mss);
        at += 4;
        if (timestamps) {
            h[at] = (byte) (sack ? SACK_PERMITTED : NOP);
            h[at + 1] = (byte) (sack ? 2 : NOP);
            h[at + 2] = TIMESTAMP;
            h[at + 3] = 10;
            Bytes.putInt32(h, at + 4, value);
            Bytes.putInt32(h, at + 8, echo);
            at += TIMESTAMP_BYTES;
        } else if (sack) {
            h[at] = NOP;
            h[at + 1] = NOP;
            h[at + 2] = SACK_PERMITTED;
            h[at + 3] = 2;
            at += 4;
        }
        if (scale >= 0) {
            h[at] = NOP;
            h[at + 1] = WINDOW_SCALE;
            h[at + 2] = 3;
            h[at + 3] = (byte) scale;
        }
    }

    static void writeTimestamp(byte[] h, int index, int value, int echo) {
        h[index] = NOP;
        h[index + 1] = NOP;
        h[index + 2] = TIMESTAMP;
        h[index + 3] = 10;
        Bytes.putInt32(h, index + 4, value);
        Bytes.putInt32(h, index + 8, echo);
    }

    /** Writes blocks: pairs of first and following sequence number. */
    static void writeSack(byte[] h, int index, int[] blocks, int count) {
        h[index] = NOP;
        h[index + 1] = NOP;
        h[index + 2] = SACK;
        h[index + 3] = (byte) (2 + 8 * count);
        for (int i = 0; i < 2 * count; i++) {
            Bytes.putInt32(h, index + 4 + 4 * i, blocks[i]);
        }
    }
}
