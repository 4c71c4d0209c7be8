// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import org.jspecify.annotations.Nullable;

/** Received data of a connection; a part of an array that others may share, or an own one. */
final class RxChunk {

    int sequence;
    byte[] data;
    int offset;
    int length;

    /** What it counts against SO_RCVBUF. */
    int cost;

    /** Whether the array is this chunk's alone and bytes can be added. */
    boolean isOwn;

    /** Whether a FIN follows; only out of order. */
    boolean isFin;

    @Nullable
    RxChunk next;

    RxChunk(int sequence, byte[] data, int offset, int length) {
        this.sequence = sequence;
        this.data = data;
        this.offset = offset;
        this.length = length;
    }

    int end() {
        return sequence + length;
    }
}
