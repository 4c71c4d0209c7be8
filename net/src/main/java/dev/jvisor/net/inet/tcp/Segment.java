// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import org.jspecify.annotations.Nullable;

/**
 * Data of the send queue that goes out as one (Linux: a {@code sk_buff} of the write queue). Once
 * it was sent, its bytes never change: packets refer to them.
 */
final class Segment {

    /** What a segment costs beside its bytes. */
    static final int OVERHEAD_BYTES = 192;

    int sequence;
    byte[] data;
    int offset;
    int length;
    boolean isFin;

    /** Whether it ends what one call wrote. */
    boolean isPush;

    /** When it was sent last, and first. */
    long sentNanos;

    int transmissions;
    boolean isSacked;
    boolean isLost;

    /** Whether a retransmission of it is under way. */
    boolean isResent;

    @Nullable
    Segment next;

    @Nullable
    Segment previous;

    Segment(int sequence, byte[] data) {
        this.sequence = sequence;
        this.data = data;
    }

    /** The sequence number after it. */
    int end() {
        return sequence + length + (isFin ? 1 : 0);
    }

    int cost() {
        return data.length + OVERHEAD_BYTES;
    }
}
