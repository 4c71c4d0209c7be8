// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import static dev.jvisor.net.inet.tcp.TcpSequence.after;
import static dev.jvisor.net.inet.tcp.TcpSequence.before;

import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.net.inet.core.Counter;
import dev.jvisor.net.inet.core.NetTimer;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Objects;

/**
 * The sending half of a connection: the queue, what may go out when, and what is sent again (RFC
 * 9293, 3.8; RFC 5681, 6298, 6675, 6582). Guarded by the connection's lock.
 */
final class TcpSender {

    /** The smallest largest segment that a peer can ask for, bytes. */
    static final int MSS_MIN = 48;

    private static final int DUPLICATES = 3;
    private static final int FIRST_ARRAY_BYTES = 256;

    private final TcpConnection tcp;
    final RttEstimator rtt = new RttEstimator();
    CongestionControl congestion;

    /** RFC 9293: SND.UNA, SND.NXT, and behind what is queued. */
    int unacknowledged;

    int next;
    int queueEnd;

    /** The peer's window, bytes, and the segment it is from. */
    int window;

    int windowMax;
    int windowSequence;
    int windowAcknowledgement;

    /** How far the peer's window values are shifted. */
    int scale;

    /** Payload of a full segment on the wire, bytes. */
    int mss = 536;

    /** End of the last segment that was not full (Minshall's Nagle). */
    private int smallEnd;

    /** SND.UP: behind the last urgent byte. */
    int urgentEnd;

    private boolean isUrgent;

    private @Nullable Segment first;
    private @Nullable Segment last;

    /** The first that was never sent. */
    private @Nullable Segment unsent;

    /** Bytes of the queue with overhead, against SO_SNDBUF. */
    int queuedCost;

    private int sentCount;
    private int sackedCount;
    private int lostCount;
    private int resentCount;

    private int duplicates;
    private boolean isRecovering;
    private boolean isTimedOut;

    /** Recovery ends when this is acknowledged. */
    private int recoverEnd;

    int retransmits;
    int retransmitsTotal;

    /** When the oldest unanswered retransmission was begun. */
    private long stalledSinceNanos;

    private int probes;
    long lastSentNanos;
    long bytesAcknowledged;

    final NetTimer timer;

    TcpSender(TcpConnection tcp) {
        this.tcp = tcp;
        this.congestion = Objects.requireNonNullElseGet(
                CongestionControl.of(tcp.settings().tcpCongestion), NewReno::new);
        this.timer = new NetTimer(tcp.stack().timers()) {
            @Override
            public void fire() {
                tcp.timerFired();
            }

            @Override
            protected void expired() {
                timeout();
            }
        };
    }

    /** Begins at an initial sequence number; the SYN takes it. */
    void start(int initialSequence) {
        unacknowledged = initialSequence;
        next = initialSequence + 1;
        queueEnd = next;
        smallEnd = next;
        urgentEnd = initialSequence;
        windowAcknowledgement = initialSequence;
    }

    /** What the peer acknowledges with the end of the handshake. */
    int initialAcknowledged() {
        return unacknowledged + 1;
    }

    void lookAtTimer() {
        timer.look();
    }

    // The queue.

    /** Payload of a segment that is worth filling, bytes (Linux: tcp_bound_to_half_wnd). */
    private int goal() {
        int half = windowMax > 536 ? windowMax >>> 1 : windowMax;
        return half != 0 && mss > half ? Math.max(half, 68 - 40) : mss;
    }

    boolean hasRoom() {
        return queuedCost < tcp.sendBufferBytes() && tcp.mayQueue(queuedCost);
    }

    /**
     * Appends bytes of a call.
     *
     * @return how many there was room for
     */
    int append(IovIter source) throws ErrnoException {
        int total = 0;
        int goal = goal();
        while (source.remaining() > 0 && hasRoom()) {
            Segment tail = last;
            boolean fits = tail != null && unsent != null && !tail.isFin && tail.length < goal;
            int wanted;
            if (fits) {
                Segment t = Objects.requireNonNull(tail);
                wanted = (int) Math.min(goal - t.length, source.remaining());
                reserve(t, wanted, goal);
            } else {
                wanted = (int) Math.min(goal, source.remaining());
                tail = new Segment(queueEnd, new byte[wanted]);
            }
            Segment segment = Objects.requireNonNull(tail);
            int n;
            try {
                n = source.copyFrom(segment.data, segment.offset + segment.length, wanted);
            } catch (ErrnoException e) {
                if (total == 0) {
                    throw e;
                }
                break;
            }
            if (!fits) {
                addLast(segment);
            }
            segment.length += n;
            segment.isPush = false;
            queueEnd += n;
            charge(n);
            total += n;
            if (n < wanted) {
                break;
            }
        }
        return total;
    }

    private static void reserve(Segment segment, int more, int goal) {
        int needed = segment.offset + segment.length + more;
        if (needed > segment.data.length) {
            int wide = Math.max(needed, Math.min(goal, 2 * segment.data.length));
            segment.data = Arrays.copyOf(segment.data, Math.max(wide, FIRST_ARRAY_BYTES));
        }
    }

    /** Marks the end of what a call wrote. */
    void markPush() {
        if (last != null) {
            last.isPush = true;
        }
    }

    /** Marks the last queued byte as urgent. */
    void markUrgent() {
        urgentEnd = queueEnd;
        isUrgent = true;
        markPush();
    }

    /** Queues a FIN. */
    void appendFin() {
        Segment tail = last;
        if (tail == null || unsent == null) {
            tail = new Segment(queueEnd, TcpEndpoint.NO_BYTES);
            addLast(tail);
        }
        tail.isFin = true;
        queueEnd++;
        push(true, false);
    }

    private void addLast(Segment segment) {
        Segment before = last;
        segment.previous = before;
        if (before == null) {
            first = segment;
        } else {
            before.next = segment;
        }
        last = segment;
        if (unsent == null) {
            unsent = segment;
        }
        charge(Segment.OVERHEAD_BYTES);
    }

    private void charge(int bytes) {
        queuedCost += bytes;
        tcp.charge(bytes);
    }

    /** Bytes queued that the peer has not acknowledged, for SIOCOUTQ. */
    int outstandingBytes() {
        return queueEnd - unacknowledged;
    }

    /** Bytes queued that were never sent. */
    int unsentBytes() {
        return queueEnd - next;
    }

    boolean isEmpty() {
        return first == null;
    }

    int packetsOut() {
        return sentCount;
    }

    int lost() {
        return lostCount;
    }

    int sacked() {
        return sackedCount;
    }

    int resent() {
        return resentCount;
    }

    /** Forgets the queue and stops the timer. */
    void clear() {
        charge(-queuedCost);
        first = null;
        last = null;
        unsent = null;
        sentCount = 0;
        sackedCount = 0;
        lostCount = 0;
        resentCount = 0;
        timer.clear();
    }

    // Sending.

    private int inFlight() {
        return sentCount - sackedCount - lostCount + resentCount;
    }

    private int windowEnd() {
        return unacknowledged + window;
    }

    /**
     * Sends what may go out.
     *
     * @param flush whether Nagle's algorithm does not hold the last segment back
     * @param more whether the caller has more: only full segments go
     */
    void push(boolean flush, boolean more) {
        if (!tcp.mayTransmitData()) {
            return;
        }
        if (lostCount > resentCount) {
            resendLost();
        }
        for (Segment s = unsent; s != null; s = unsent) {
            if (inFlight() >= congestion.window) {
                break;
            }
            int room = windowEnd() - s.sequence;
            if (s.length > mss) {
                split(s, mss);
            }
            if (room < s.length || room < 0 || room == 0 && s.length == 0 && !s.isFin) {
                int whole = room / Math.max(1, mss) * mss;
                if (whole <= 0 || whole >= s.length) {
                    break;
                }
                split(s, whole);
            }
            if (s.length < mss && s.next == null && held(s, flush, more)) {
                break;
            }
            unsent = s.next;
            sentCount++;
            next = s.end();
            if (s.length < mss) {
                smallEnd = next;
            }
            send(s);
        }
        if (sentCount > 0) {
            if (!timer.isSet()) {
                armTimeout();
            }
        } else if (unsent != null && !timer.isSet()) {
            timer.set(tcp.now() + rtt.timeoutNanos()); // the window may stay closed: probe it
        }
    }

    /** Whether the last, small segment waits for more (Nagle, TCP_CORK). */
    private boolean held(Segment s, boolean flush, boolean more) {
        if (s.isFin || isUrgent && after(urgentEnd, s.sequence)) {
            return false;
        }
        if (more || tcp.isCorked()) {
            return true;
        }
        if (flush || tcp.isNoDelay()) {
            return false;
        }
        return sentCount > 0 && after(smallEnd, unacknowledged) && !after(smallEnd, next);
    }

    /** Makes two of a segment: the first keeps {@code length} bytes. */
    private void split(Segment s, int length) {
        Segment rest = new Segment(s.sequence + length, s.data);
        rest.offset = s.offset + length;
        rest.length = s.length - length;
        rest.isFin = s.isFin;
        rest.isPush = s.isPush;
        rest.transmissions = s.transmissions;
        rest.sentNanos = s.sentNanos;
        rest.isLost = s.isLost;
        rest.isSacked = s.isSacked;
        rest.isResent = s.isResent;
        s.length = length;
        s.isFin = false;
        s.isPush = false;
        rest.next = s.next;
        rest.previous = s;
        if (s.next != null) {
            s.next.previous = rest;
        } else {
            last = rest;
        }
        s.next = rest;
        charge(Segment.OVERHEAD_BYTES);
        if (s.transmissions > 0) {
            sentCount++;
            lostCount += s.isLost ? 1 : 0;
            sackedCount += s.isSacked ? 1 : 0;
            resentCount += s.isResent ? 1 : 0;
        }
    }

    private void send(Segment s) {
        s.sentNanos = tcp.now();
        s.transmissions++;
        lastSentNanos = s.sentNanos;
        int urgent = -1;
        if (isUrgent && after(urgentEnd, s.sequence)) {
            int distance = urgentEnd - s.sequence;
            urgent = distance <= 0xffff ? distance : 0xffff;
        }
        tcp.transmit(s, urgent);
    }

    private void resend(Segment s) {
        if (s.length > mss) {
            split(s, mss);
        }
        if (!s.isResent) {
            s.isResent = true;
            resentCount++;
        }
        retransmitsTotal++;
        tcp.stack().count(Counter.TCP_RETRANSMITTED_SEGMENTS);
        send(s);
    }

    private void resendLost() {
        for (Segment s = first; s != null && s != unsent; s = s.next) {
            if (inFlight() >= congestion.window) {
                return;
            }
            if (s.isLost && !s.isResent && !s.isSacked) {
                resend(s);
            }
        }
    }

    // Acknowledgements.

    /**
     * Takes an acknowledgement that is not beyond what was sent.
     *
     * @param hasData whether the segment carried data or changed the window: no duplicate then
     * @return whether it acknowledged something new
     */
    boolean acknowledge(int ack, TcpOptions options, boolean hasData) {
        boolean isNew = after(ack, unacknowledged);
        int before = sentCount - sackedCount;
        if (options.sackBlocks > 0) {
            markSacked(options);
        }
        if (isNew) {
            advance(ack, options);
        } else if (sentCount > 0 && !hasData) {
            duplicates++;
        }
        long now = tcp.now();
        if (isRecovering && !before(ack, recoverEnd)) {
            isRecovering = false;
            congestion.window = Math.max(1, Math.min(congestion.window, congestion.threshold));
            duplicates = 0;
        }
        if (isTimedOut && !before(ack, recoverEnd)) {
            isTimedOut = false;
        }
        if (!isRecovering && !isTimedOut && isLossLikely()) {
            isRecovering = true;
            recoverEnd = next;
            congestion.enterRecovery(now);
            markFirstLost();
        } else if (isRecovering && isNew) {
            markFirstLost(); // a partial acknowledgement: the next one is missing too
        }
        if (isRecovering && options.sackBlocks > 0) {
            markLostBySack();
        }
        if (isNew && !isRecovering) {
            int freed = before - (sentCount - sackedCount);
            if (freed > 0 && before >= congestion.window / 2) {
                congestion.acknowledged(freed, now, rtt.smoothedNanos());
            }
        }
        return isNew;
    }

    private boolean isLossLikely() {
        return sentCount > 0 && (duplicates >= DUPLICATES || sackedCount >= DUPLICATES);
    }

    private void markFirstLost() {
        Segment s = first;
        if (s != null && s != unsent && !s.isSacked) {
            if (!s.isLost) {
                s.isLost = true;
                lostCount++;
            }
            if (s.isResent && tcp.now() - s.sentNanos > rtt.smoothedNanos()) {
                s.isResent = false;
                resentCount--;
            }
        }
    }

    /** Marks what has enough sacked segments behind it. */
    private void markLostBySack() {
        int above = 0;
        for (Segment s = unsent == null ? last : unsent.previous; s != null; s = s.previous) {
            if (s.isSacked) {
                above++;
            } else if (above >= DUPLICATES && !s.isLost) {
                s.isLost = true;
                lostCount++;
            }
        }
    }

    private void markSacked(TcpOptions options) {
        for (int i = 0; i < options.sackBlocks; i++) {
            int start = options.sack[2 * i];
            int end = options.sack[2 * i + 1];
            if (!after(end, start) || before(start, unacknowledged) || after(end, next)) {
                continue; // a duplicate's report, or nonsense
            }
            for (Segment s = first; s != null && s != unsent; s = s.next) {
                if (!s.isSacked && !before(s.sequence, start) && !after(s.end(), end)) {
                    s.isSacked = true;
                    sackedCount++;
                    forgetLoss(s);
                }
            }
        }
    }

    private void forgetLoss(Segment s) {
        if (s.isLost) {
            s.isLost = false;
            lostCount--;
        }
        if (s.isResent) {
            s.isResent = false;
            resentCount--;
        }
    }

    /** Drops what is acknowledged from the queue. */
    private void advance(int ack, TcpOptions options) {
        long now = tcp.now();
        long roundTrip = -1;
        for (Segment s = first; s != null && s != unsent; s = first) {
            if (before(ack, s.end())) {
                int part = ack - s.sequence;
                if (part > 0 && part <= s.length) {
                    s.sequence += part;
                    s.offset += part;
                    s.length -= part;
                    charge(-part);
                }
                break;
            }
            if (s.transmissions == 1) {
                roundTrip = now - s.sentNanos;
            }
            sentCount--;
            sackedCount -= s.isSacked ? 1 : 0;
            forgetLoss(s);
            removeFirst(s);
        }
        bytesAcknowledged += ack - unacknowledged;
        unacknowledged = ack;
        duplicates = 0;
        probes = 0;
        retransmits = 0;
        if (isUrgent && !after(urgentEnd, ack)) {
            isUrgent = false;
        }
        if (roundTrip >= 0) {
            rtt.sample(roundTrip);
        } else if (options.hasTimestamp && options.timestampEcho != 0) {
            rtt.progress();
        }
        if (sentCount == 0) {
            timer.clear();
        } else {
            armTimeout();
        }
    }

    private void removeFirst(Segment s) {
        Segment following = s.next;
        first = following;
        if (following == null) {
            last = null;
        } else {
            following.previous = null;
        }
        charge(-s.length - Segment.OVERHEAD_BYTES);
    }

    /** Takes the window of a segment. */
    void updateWindow(int newWindow, int sequence, int ack) {
        windowSequence = sequence;
        windowAcknowledgement = ack;
        window = newWindow;
        windowMax = Math.max(windowMax, newWindow);
        if (sentCount == 0 && newWindow > 0 && unsent != null) {
            probes = 0;
            timer.clear();
        }
    }

    // The retransmission timer.

    /** The SYN, or a SYN with ACK, was sent: expect an answer. */
    void armSyn() {
        timer.set(tcp.now() + rtt.timeoutNanos());
    }

    private void armTimeout() {
        timer.set(tcp.now() + rtt.timeoutNanos());
    }

    private void timeout() {
        int state = tcp.state();
        if (state == Inet.TCP_SYN_SENT || state == Inet.TCP_SYN_RECV) {
            tcp.synTimeout();
            return;
        }
        if (sentCount == 0) {
            if (unsent != null) {
                probe();
            }
            return;
        }
        long now = tcp.now();
        Segment head = Objects.requireNonNull(first);
        if (retransmits == 0) {
            stalledSinceNanos = head.sentNanos;
        }
        if (tcp.isGivenUp(now - stalledSinceNanos, retransmits)) {
            tcp.timedOut();
            return;
        }
        tcp.stack().count(Counter.TCP_TIMEOUTS);
        congestion.timedOut(now, !isTimedOut);
        isRecovering = false;
        isTimedOut = true;
        recoverEnd = next;
        duplicates = 0;
        for (Segment s = first; s != null && s != unsent; s = s.next) {
            if (s.isResent) {
                s.isResent = false;
                resentCount--;
            }
            if (!s.isSacked && !s.isLost) {
                s.isLost = true;
                lostCount++;
            }
        }
        retransmits++;
        rtt.backOff();
        resend(head);
        armTimeout();
    }

    /** The window is closed and nothing is under way: asks for it (RFC 9293, 3.8.6.1). */
    private void probe() {
        Segment s = Objects.requireNonNull(unsent);
        int room = windowEnd() - s.sequence;
        if (room > 0 || s.length == 0) {
            if (s.length > room && room > 0) {
                split(s, Math.min(room, Math.max(1, mss)));
            }
            unsent = s.next;
            sentCount++;
            next = s.end();
            send(s);
            armTimeout();
            return;
        }
        if (probes == 0) {
            stalledSinceNanos = tcp.now();
        }
        if (tcp.isGivenUp(tcp.now() - stalledSinceNanos, tcp.isOrphan() ? probes : 0)) {
            tcp.timedOut();
            return;
        }
        probes++;
        rtt.backOff();
        tcp.transmitProbe(unacknowledged - 1);
        armTimeout();
    }
}
