// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import dev.jvisor.fs.vfs.FileDescription;

import org.jspecify.annotations.Nullable;

/**
 * A message in a queue (Linux: {@code struct sk_buff} with {@code unix_skb_parms}), or of a stream
 * what one write left.
 *
 * <p>Before it is queued it is the sender's; then its bytes change under the reader's lock, its
 * files under that of {@link InFlight}.
 */
final class UnixMessage {

    private static final FileDescription[] NO_FILES = {};

    private static final int OVERHEAD_BYTES = 256;
    private static final int SHARED_INFO_BYTES = 320;
    private static final int HEAD_BYTES_MIN = 512;
    private static final int PAGE_BYTES = 4096;

    /** Linux: SKB_MAX_HEAD(0): what fits beside the bookkeeping in a page. */
    private static final int HEAD_BYTES_MAX = 3776;

    /** Linux: SKB_MAX_ALLOC. */
    private static final int LINEAR_BYTES_MAX = 16_064;

    private static final int FRAGMENT_BYTES_MAX = 17 * PAGE_BYTES;

    byte[] data;
    int start;
    int end;

    /** What it counts against the sender's SO_SNDBUF. */
    int cost;

    final UnixSocket sender;

    /** Who wrote it, if {@link #hasWriter}. */
    int writerPid;

    int writerUid;
    int writerGid;
    boolean hasWriter;

    /** Passed files, and whose limit they count against; guarded by InFlight once queued. */
    FileDescription[] files = NO_FILES;

    int filesOwner;

    /** CLOCK_REALTIME at the send, if the receiver asks for time stamps; else 0. */
    long stampNanos;

    @Nullable
    UnixMessage next;

    UnixMessage(UnixSocket sender, byte[] data) {
        this.sender = sender;
        this.data = data;
    }

    int length() {
        return end - start;
    }

    boolean hasFiles() {
        return files.length > 0;
    }

    /** Takes the files, which are the caller's now. */
    FileDescription[] takeFiles() {
        FileDescription[] taken = files;
        files = NO_FILES;
        return taken;
    }

    void setWriter(int pid, int uid, int gid) {
        writerPid = pid;
        writerUid = uid;
        writerGid = gid;
        hasWriter = true;
    }

    /** Whether it was written by whom another one was written by. */
    boolean hasSameWriter(UnixMessage other) {
        return hasWriter == other.hasWriter
                && writerPid == other.writerPid
                && writerUid == other.writerUid
                && writerGid == other.writerGid;
    }

    /** Most bytes of a stream in one message (Linux: the head of a page and UNIX_SKB_FRAGS_SZ). */
    static final int STREAM_BYTES_MAX = HEAD_BYTES_MAX + 32_768;

    /** What a part of a stream costs (Linux: {@code skb->truesize} of what it allocates). */
    static int streamCost(int length) {
        int behindHead = Math.max(0, length - HEAD_BYTES_MAX);
        return cost(length, Math.min(length, pages(behindHead)));
    }

    /** What a datagram costs. */
    static int datagramCost(int length) {
        int pages = pages(Math.clamp(length - LINEAR_BYTES_MAX, 0, FRAGMENT_BYTES_MAX));
        return cost(length, pages);
    }

    private static int cost(int length, int inPages) {
        int head = (length - inPages + 63 & ~63) + SHARED_INFO_BYTES;
        int block = Math.max(HEAD_BYTES_MIN, Integer.highestOneBit(head - 1) << 1);
        return block + OVERHEAD_BYTES + pages(inPages);
    }

    private static int pages(int length) {
        return length + PAGE_BYTES - 1 & -PAGE_BYTES;
    }
}
