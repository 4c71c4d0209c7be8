// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import static dev.jvisor.net.inet.tcp.TcpSequence.after;
import static dev.jvisor.net.inet.tcp.TcpSequence.before;

import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.net.inet.core.NetTimer;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a connection: what arrived in order and out of order, the window that is
 * offered, when acknowledgements go out (RFC 9293, 3.8.6; RFC 1122, 4.2.3.2). Guarded by the
 * connection's lock.
 */
final class TcpReceiver {

    private static final int CHUNK_OVERHEAD_BYTES = 256;
    private static final int SMALL_BYTES = 512;
    private static final int OWN_BYTES = 4096;
    private static final long DELAY_MIN_NANOS = 40_000_000L;
    private static final int QUICK_MAX = 16;
    private static final int OUT_OF_ORDER_MAX = 1024;

    private final TcpConnection tcp;

    /** RFC 9293: RCV.NXT. */
    int next;

    /** Sequence number of the next byte to be read. */
    int readNext;

    /** How far window values are shifted. */
    int scale;

    /** The window that the last segment offered, and RCV.NXT then. */
    private int offered;

    private int offeredAt;

    private @Nullable RxChunk first;
    private @Nullable RxChunk last;

    /** Segments with a gap before them, by sequence number. */
    private @Nullable RxChunk early;

    private int earlyCount;
    private int lastEarlySequence;

    private boolean isFinished;

    /** What the queues hold, against SO_RCVBUF. */
    int cost;

    /** Estimate of the peer's full segments. */
    private int segmentBytes = 536;

    // Urgent data: where it is, and the byte once it is here.

    boolean hasUrgent;
    boolean isUrgentHere;
    boolean isUrgentRead;
    int urgentSequence;
    private byte urgentByte;

    // Acknowledgements.

    private boolean isAckDue;
    private boolean isAckNow;
    private int quickAcks = QUICK_MAX;
    private boolean isInteractive;
    long lastReceivedNanos;
    final NetTimer delay;

    // Growth of the buffer: bytes read since the start of this round trip.

    private long roundStartNanos;
    private int roundStartSequence;
    private int roundBytesMax = 65535;

    long bytesReceived;

    TcpReceiver(TcpConnection tcp) {
        this.tcp = tcp;
        this.delay = new NetTimer(tcp.stack().timers()) {
            @Override
            public void fire() {
                tcp.timerFired();
            }

            @Override
            protected void expired() {
                if (isAckDue) {
                    isInteractive = false;
                    tcp.sendAck();
                }
            }
        };
    }

    /** The peer's SYN came. */
    void start(int initialSequence) {
        next = initialSequence + 1;
        readNext = next;
        isFinished = false;
        hasUrgent = false;
        offeredAt = next;
        roundStartSequence = next;
    }

    /** What was offered on behalf of this connection before it was one. */
    void setOffered(int window) {
        offered = window;
    }

    // The window.

    /** What is left of the offered window, bytes. */
    int window() {
        return Math.max(0, offeredAt + offered - next);
    }

    /** Chooses the window to offer with a segment that goes out now; the value for its header. */
    int selectWindow() {
        int current = window();
        int chosen = newWindow();
        if (chosen < current) {
            int unit = (1 << scale) - 1;
            chosen = current + unit & ~unit; // what was offered stays offered
        }
        chosen = Math.min(chosen, 65535 << scale);
        offered = chosen;
        offeredAt = next;
        return chosen >>> scale;
    }

    /** Linux: __tcp_select_window. */
    private int newWindow() {
        int full = tcp.receiveBufferBytes() / 2;
        int free = tcp.receiveBufferBytes() - cost >> 1;
        if (tcp.isShortOfMemory()) {
            free = Math.min(free, 4 * OWN_BYTES);
        }
        int segment = Math.min(segmentBytes, full);
        if (free < full / 2 && (free < full >> 4 || free < segment)) {
            return 0;
        }
        if (scale > 0) {
            int unit = (1 << scale) - 1;
            return Math.min(free, tcp.windowClamp()) + unit & ~unit;
        }
        return Math.min(Math.min(free, tcp.windowClamp()), 65535);
    }

    // Arrival.

    /**
     * Takes data of an acceptable segment.
     *
     * @param isFin whether a FIN follows it
     * @return whether the FIN is in order now
     */
    boolean arrived(int sequence, byte[] data, int start, int count, boolean isFin) {
        lastReceivedNanos = tcp.now();
        if (count > segmentBytes || count >= 536 && count < segmentBytes / 2) {
            segmentBytes = Math.min(count, 65535);
        }
        int offset = start;
        int length = count;
        int at = sequence;
        boolean fin = isFin;
        if (before(at, next)) {
            int old = next - at;
            if (old > length) {
                ackNow();
                return false;
            }
            at += old;
            offset += old;
            length -= old;
        }
        int room = offeredAt + offered - at;
        if (length > room) {
            fin = false;
            length = Math.max(0, room);
            ackNow();
        }
        if (after(at, next)) {
            insertEarly(at, data, offset, length, fin);
            ackNow();
            return false;
        }
        if (length > 0) {
            enqueue(at, data, offset, length);
            next += length;
        }
        boolean finNow = fin;
        if (early != null) {
            finNow |= takeEarly();
            ackNow();
        }
        scheduleAck();
        return finNow;
    }

    private void enqueue(int sequence, byte[] data, int offset, int length) {
        bytesReceived += length;
        RxChunk tail = last;
        if (tail != null && length <= SMALL_BYTES) {
            if (tail.isOwn && tail.data.length - tail.offset - tail.length >= length) {
                System.arraycopy(data, offset, tail.data, tail.offset + tail.length, length);
                tail.length += length;
                return;
            }
            RxChunk own = new RxChunk(sequence, new byte[OWN_BYTES], 0, length);
            System.arraycopy(data, offset, own.data, 0, length);
            own.isOwn = true;
            own.cost = OWN_BYTES + CHUNK_OVERHEAD_BYTES;
            addLast(own);
            return;
        }
        RxChunk chunk = new RxChunk(sequence, data, offset, length);
        chunk.cost = length + CHUNK_OVERHEAD_BYTES;
        addLast(chunk);
    }

    private void addLast(RxChunk chunk) {
        RxChunk tail = last;
        if (tail == null) {
            first = chunk;
        } else {
            tail.next = chunk;
        }
        last = chunk;
        charge(chunk.cost);
    }

    private void charge(int bytes) {
        cost += bytes;
        tcp.charge(bytes);
    }

    private void insertEarly(int sequence, byte[] data, int offset, int length, boolean fin) {
        if (length == 0 && !fin
                || earlyCount >= OUT_OF_ORDER_MAX
                || cost > tcp.receiveBufferBytes()) {
            return; // it will be sent again
        }
        RxChunk before = null;
        RxChunk at = early;
        while (at != null && !after(at.sequence, sequence)) {
            if (at.sequence == sequence && at.length >= length) {
                return;
            }
            before = at;
            at = at.next;
        }
        RxChunk chunk = new RxChunk(sequence, data, offset, length);
        chunk.isFin = fin;
        chunk.cost = length + CHUNK_OVERHEAD_BYTES;
        charge(chunk.cost);
        chunk.next = at;
        if (before == null) {
            early = chunk;
        } else {
            before.next = chunk;
        }
        earlyCount++;
        lastEarlySequence = sequence;
    }

    /** Moves what is in order now; returns whether a FIN is. */
    private boolean takeEarly() {
        boolean fin = false;
        for (RxChunk c = early; c != null && !after(c.sequence, next); c = early) {
            early = c.next;
            earlyCount--;
            charge(-c.cost);
            c.next = null;
            int old = next - c.sequence;
            if (old <= c.length) {
                if (c.length > old) {
                    enqueue(next, c.data, c.offset + old, c.length - old);
                    next += c.length - old;
                }
                fin |= c.isFin;
            }
        }
        return fin;
    }

    /**
     * Fills in the blocks of out of order data, the latest first.
     *
     * @return how many
     */
    int sackBlocks(int[] blocks, int most) {
        int count = 0;
        int latest = -1;
        for (RxChunk c = early; c != null; ) {
            int start = c.sequence;
            int end = c.end();
            RxChunk following = c.next;
            while (following != null && !after(following.sequence, end)) {
                end = TcpSequence.max(end, following.end());
                following = following.next;
            }
            if (TcpSequence.between(lastEarlySequence, start, end - 1)) {
                latest = Math.min(count, most - 1);
                count = latest;
            }
            if (count < most) {
                blocks[2 * count] = start;
                blocks[2 * count + 1] = end;
                count++;
            }
            c = following;
        }
        if (latest > 0) {
            swap(blocks, 0, 2 * latest);
            swap(blocks, 1, 2 * latest + 1);
        }
        return count;
    }

    private static void swap(int[] blocks, int a, int b) {
        int kept = blocks[a];
        blocks[a] = blocks[b];
        blocks[b] = kept;
    }

    boolean hasEarly() {
        return early != null;
    }

    /** Forgets all data. */
    void clear() {
        charge(-cost);
        first = null;
        last = null;
        early = null;
        earlyCount = 0;
        delay.clear();
        isAckDue = false;
        isAckNow = false;
    }

    // Acknowledgements.

    /** An acknowledgement has to go out as soon as the segment has been dealt with. */
    void ackNow() {
        isAckNow = true;
        isAckDue = true;
    }

    boolean isAckWanted() {
        return isAckNow;
    }

    void setQuick(boolean quick) {
        isInteractive = !quick;
        if (quick && isAckDue) {
            ackNow();
        }
    }

    int segmentBytes() {
        return segmentBytes;
    }

    int roundBytes() {
        return roundBytesMax;
    }

    boolean isQuick() {
        return !isInteractive;
    }

    private void scheduleAck() {
        isAckDue = true;
        if (quickAcks > 0 && !isInteractive || next - offeredAt > segmentBytes && mayGrow()) {
            isAckNow = true;
            return;
        }
        if (!delay.isSet()) {
            delay.set(tcp.now() + DELAY_MIN_NANOS);
        }
    }

    private boolean mayGrow() {
        return queuedBytes() == 0 || newWindow() >= window();
    }

    /** A segment with an acknowledgement went out. */
    void ackSent(boolean hasData) {
        if (isAckDue) {
            isAckDue = false;
            isAckNow = false;
            delay.clear();
            if (quickAcks > 0) {
                quickAcks--;
            }
        }
        if (hasData && tcp.now() - lastReceivedNanos < DELAY_MIN_NANOS) {
            isInteractive = true; // answers carry the acknowledgements
        }
    }

    void lookAtTimer() {
        delay.look();
    }

    // Reading.

    /** The FIN came, in order. */
    void finArrived() {
        isFinished = true;
        next++;
    }

    /** Bytes that can be read. */
    int available() {
        int n = queuedBytes();
        if (hasUrgent
                && !tcp.isUrgentInline()
                && n > 0
                && isUrgentHere
                && TcpSequence.between(urgentSequence, readNext, next - 1)) {
            // Linux: tcp_inq: up to the mark, and without the urgent byte.
            return urgentSequence == readNext ? n - 1 : urgentSequence - readNext;
        }
        return n;
    }

    /** Bytes in the queue, the urgent one included. */
    int queuedBytes() {
        return next - readNext - (isFinished ? 1 : 0);
    }

    /** Whether reading is at the urgent mark (SIOCATMARK). */
    boolean isAtMark() {
        return hasUrgent && urgentSequence == readNext;
    }

    /**
     * Reads what is in order.
     *
     * @param isDiscarding whether the bytes are thrown away (MSG_TRUNC)
     * @param limit bytes wanted when discarding
     * @return bytes, 0 if there are none
     */
    int read(IovIter destination, boolean isPeek, boolean isDiscarding, long limit)
            throws ErrnoException {
        int total = 0;
        int at = readNext;
        RxChunk c = first;
        while (c != null && total < limit) {
            int skip = at - c.sequence;
            int used = (int) Math.min(c.length - skip, limit - total);
            if (hasUrgent && TcpSequence.between(urgentSequence, at, at + used - 1)) {
                int before = urgentSequence - at;
                if (before > 0) {
                    used = before;
                } else if (total > 0) {
                    break; // a read ends at the mark
                } else if (!tcp.isUrgentInline()) {
                    at++;
                    if (!isPeek) {
                        at = consume(1);
                        c = first;
                    } else if (at - c.sequence >= c.length) {
                        c = c.next;
                    }
                    continue;
                }
            }
            int n = used;
            if (!isDiscarding) {
                try {
                    n = destination.copyTo(c.data, c.offset + skip, used);
                } catch (ErrnoException e) {
                    if (total == 0) {
                        throw e;
                    }
                    break;
                }
            }
            total += n;
            at += n;
            if (!isPeek) {
                consume(n);
                c = first;
            } else if (at - c.sequence >= c.length) {
                c = c.next;
            }
            if (n < used) {
                break;
            }
        }
        if (!isPeek && total > 0) {
            wasRead(total);
        }
        return total;
    }

    private int consume(int count) {
        readNext += count;
        int left = count;
        while (left > 0) {
            RxChunk c = first;
            if (c == null) {
                break;
            }
            int n = Math.min(left, c.length);
            c.sequence += n;
            c.offset += n;
            c.length -= n;
            left -= n;
            if (c.length == 0) {
                first = c.next;
                if (c.next == null) {
                    last = null;
                }
                charge(-c.cost);
            }
        }
        if (hasUrgent && after(readNext, urgentSequence)) {
            hasUrgent = false;
            isUrgentHere = false;
        }
        return readNext;
    }

    /** The reader made room: the buffer may grow, the window may open (Linux: tcp_cleanup_rbuf). */
    private void wasRead(int count) {
        grow();
        boolean now = false;
        if (isAckDue) {
            now = next - offeredAt > segmentBytes
                    || first == null && quickAcks > 0 && !isInteractive;
        }
        if (!now && !tcp.isReceiveShutdown()) {
            int current = window();
            if (2L * current <= tcp.windowClamp()) {
                int chosen = newWindow();
                now = chosen != 0 && chosen >= 2L * current;
            }
        }
        if (now) {
            tcp.sendAck();
        }
    }

    /** Dynamic right-sizing (Linux: tcp_rcv_space_adjust). */
    private void grow() {
        long now = tcp.now();
        long round = Math.max(tcp.roundTripNanos(), 1_000_000L);
        if (now - roundStartNanos < round) {
            int sofar = readNext - roundStartSequence;
            if (sofar < roundBytesMax) {
                return;
            }
        }
        int copied = readNext - roundStartSequence;
        if (copied > roundBytesMax) {
            roundBytesMax = copied;
            tcp.growReceiveBuffer((int) Math.min(Integer.MAX_VALUE / 2, 4L * copied + 65536));
        }
        roundStartNanos = now;
        roundStartSequence = readNext;
    }

    // Urgent data.

    /**
     * A segment with URG came (Linux: tcp_check_urg).
     *
     * @param pointer sequence number of the urgent byte
     * @return whether there is new urgent data
     */
    boolean announceUrgent(int pointer) {
        if (after(readNext, pointer) || before(pointer, next)) {
            return false;
        }
        if (hasUrgent && !after(pointer, urgentSequence)) {
            return false;
        }
        hasUrgent = true;
        isUrgentHere = false;
        isUrgentRead = false;
        urgentSequence = pointer;
        return true;
    }

    /** Looks for the urgent byte in data that came. */
    boolean lookForUrgent(int sequence, byte[] data, int offset, int length) {
        if (!hasUrgent || isUrgentHere || isUrgentRead) {
            return false;
        }
        int at = urgentSequence - sequence;
        if (at < 0 || at >= length) {
            return false;
        }
        urgentByte = data[offset + at];
        isUrgentHere = true;
        return true;
    }

    byte urgentByte() {
        return urgentByte;
    }
}
