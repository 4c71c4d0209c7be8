// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import static dev.jvisor.net.inet.tcp.TcpSequence.after;
import static dev.jvisor.net.inet.tcp.TcpSequence.before;

import dev.jvisor.net.inet.core.Counter;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.Poll;

import java.util.Objects;

/**
 * What segments do to a connection (RFC 9293, 3.10.7; RFC 5961; Linux: tcp_rcv_state_process). All
 * with the connection's lock.
 */
final class TcpInput {

    private static final long CHALLENGE_INTERVAL_NANOS = 500_000_000L;

    private final TcpConnection tcp;
    private final TcpOptions options = new TcpOptions();
    private long lastChallengeNanos;

    TcpInput(TcpConnection tcp) {
        this.tcp = tcp;
    }

    void process(Packet p) {
        switch (tcp.state()) {
            case Inet.TCP_LISTEN -> {
                if (p.target instanceof TcpRequest request) {
                    p.target = null;
                    forRequest(tcp, request, p);
                } else {
                    listening(p);
                }
            }
            case Inet.TCP_SYN_SENT -> opening(p);
            case Inet.TCP_CLOSE -> tcp.protocol.sendReset(p);
            default -> synchronizedState(p);
        }
    }

    // LISTEN.

    private void listening(Packet p) {
        int flags = TcpHeader.flags(p);
        if ((flags & TcpHeader.RST) != 0) {
            return;
        }
        if ((flags & TcpHeader.ACK) != 0) {
            tcp.protocol.sendReset(p);
            return;
        }
        if ((flags & TcpHeader.SYN) == 0 || (flags & TcpHeader.FIN) != 0) {
            return;
        }
        TcpListenQueue queue = Objects.requireNonNull(tcp.listenQueue);
        int backlogMax = tcp.settings().tcpMaxSynBacklog;
        if (queue.isFull() || !queue.hasRoomForRequest(backlogMax)) {
            tcp.stack().count(Counter.TCP_LISTEN_OVERFLOWS);
            return;
        }
        options.read(p);
        TcpRequest request = TcpRequest.of(tcp, p, options);
        if (request != null && tcp.protocol.addConnection(request.tuple(), request)) {
            queue.add(request);
            request.answer();
        }
    }

    /** The listener takes a segment for one of its requests. */
    static void forRequest(TcpConnection listener, TcpRequest request, Packet p) {
        TcpListenQueue queue = listener.listenQueue;
        int flags = TcpHeader.flags(p);
        if (queue == null || request.isGone) {
            return;
        }
        if ((flags & TcpHeader.SYN) != 0) {
            if (TcpHeader.sequence(p) == request.peerSequence) {
                request.send(); // it came again
            }
            return;
        }
        int sequence = TcpHeader.sequence(p);
        if (!TcpSequence.between(
                sequence,
                request.peerSequence + 1,
                request.peerSequence + 1 + request.offeredWindow)) {
            return;
        }
        if ((flags & TcpHeader.RST) != 0) {
            queue.remove(request);
            request.drop();
            listener.stack().count(Counter.TCP_ATTEMPT_FAILS);
            return;
        }
        if ((flags & TcpHeader.ACK) == 0) {
            return;
        }
        if (TcpHeader.acknowledgement(p) != request.initialSequence + 1) {
            listener.protocol.sendReset(p);
            return;
        }
        if (request.isDeferred && TcpHeader.sequenceLength(p) == 0) {
            request.isAcknowledged = true;
            return;
        }
        if (queue.isFull()) {
            listener.stack().count(Counter.TCP_LISTEN_OVERFLOWS);
            if (listener.settings().tcpAbortOnOverflow) {
                queue.remove(request);
                request.drop();
                listener.protocol.sendReset(p);
            } else {
                request.isAcknowledged = true;
            }
            return;
        }
        queue.remove(request);
        request.isGone = true;
        TcpEndpoint connection = TcpEndpoint.accepted(request, listener);
        request.stop();
        listener.protocol.replaceConnection(request.tuple(), request, connection);
        listener.protocol.ports().share(connection, request.tuple().localPort());
        listener.stack().count(Counter.TCP_PASSIVE_OPENS);
        queue.offer(connection);
        listener.raiseReadable();
        connection.deliver(p);
    }

    // SYN_SENT.

    private void opening(Packet p) {
        int flags = TcpHeader.flags(p);
        int ack = TcpHeader.acknowledgement(p);
        boolean hasAck = (flags & TcpHeader.ACK) != 0;
        if (hasAck && ack != tcp.initialSequence() + 1) {
            if ((flags & TcpHeader.RST) == 0) {
                tcp.protocol.sendReset(p);
            }
            return;
        }
        if ((flags & TcpHeader.RST) != 0) {
            if (hasAck) {
                tcp.reset();
            }
            return;
        }
        if ((flags & TcpHeader.SYN) == 0) {
            return;
        }
        options.read(p);
        agree(p);
        int sequence = TcpHeader.sequence(p);
        tcp.receiver.start(sequence);
        if (!hasAck) {
            // Both begin at once (RFC 9293, 3.5).
            tcp.setState(Inet.TCP_SYN_RECV);
            tcp.sendSyn();
            tcp.sender.armSyn();
            return;
        }
        tcp.sender.unacknowledged = ack;
        tcp.sender.updateWindow(TcpHeader.window(p), sequence, ack);
        tcp.established();
        tcp.receiver.lastReceivedNanos = tcp.now();
        tcp.sendAck();
        tcp.raise(Poll.POLLOUT | Poll.POLLWRNORM);
    }

    private void agree(Packet p) {
        tcp.hasTimestamps &= options.hasTimestamp;
        tcp.hasSack &= options.allowsSack;
        if (options.hasTimestamp) {
            tcp.setTimestampRecent(options.timestamp);
        }
        if (options.scale < 0) {
            tcp.receiver.scale = 0;
        }
        tcp.sender.scale = options.scale < 0 || tcp.receiver.scale == 0 ? 0 : options.scale;
        tcp.setMss(options.mss);
    }

    // The states in which both know each other's sequence numbers.

    private void synchronizedState(Packet p) {
        options.read(p);
        int flags = TcpHeader.flags(p);
        int sequence = TcpHeader.sequence(p);
        int length = TcpHeader.sequenceLength(p);
        TcpReceiver receiver = tcp.receiver;
        if (tcp.hasTimestamps
                && options.hasTimestamp
                && before(options.timestamp, tcp.timestampRecent())
                && (flags & TcpHeader.RST) == 0) {
            challenge(); // PAWS (RFC 7323, 5)
            return;
        }
        if (!isAcceptable(sequence, length)) {
            if ((flags & TcpHeader.RST) == 0) {
                if (length == 0 || (flags & TcpHeader.SYN) != 0) {
                    challenge(); // without data it may be the answer to our own such answer
                } else {
                    tcp.sendAck();
                }
            }
            return;
        }
        if ((flags & TcpHeader.RST) != 0) {
            if (sequence == receiver.next) {
                tcp.stack().count(Counter.TCP_ESTABLISHED_RESETS);
                tcp.reset();
            } else {
                challenge();
            }
            return;
        }
        if ((flags & TcpHeader.SYN) != 0 && tcp.state() != Inet.TCP_SYN_RECV) {
            challenge();
            return;
        }
        if ((flags & TcpHeader.ACK) == 0) {
            return;
        }
        if (tcp.hasTimestamps && options.hasTimestamp && !after(sequence, receiver.next)) {
            tcp.setTimestampRecent(options.timestamp);
        }
        tcp.isAlive();
        if (!acknowledgement(p)) {
            return;
        }
        data(p);
        if (tcp.state() != Inet.TCP_CLOSE) {
            tcp.sender.push(false, false);
            tcp.spaceFreed();
        }
    }

    private boolean isAcceptable(int sequence, int length) {
        int next = tcp.receiver.next;
        int window = tcp.receiver.window();
        // A segment that is old but not wholly, or begins in the window (Linux: tcp_sequence).
        return !before(sequence + length, next) && !after(sequence, next + window);
    }

    /** Answers a segment that may be forged, but not too often (RFC 5961). */
    private void challenge() {
        long now = tcp.now();
        if (now - lastChallengeNanos > CHALLENGE_INTERVAL_NANOS || lastChallengeNanos == 0) {
            lastChallengeNanos = now;
            tcp.sendAck();
        }
    }

    /**
     * Takes the acknowledgement and the window.
     *
     * @return whether the segment's data counts
     */
    private boolean acknowledgement(Packet p) {
        TcpSender sender = tcp.sender;
        int ack = TcpHeader.acknowledgement(p);
        int sequence = TcpHeader.sequence(p);
        if (after(ack, sender.next)) {
            if (tcp.state() == Inet.TCP_SYN_RECV) {
                tcp.protocol.sendReset(p);
            } else {
                tcp.sendAck();
            }
            return false;
        }
        if (tcp.state() == Inet.TCP_SYN_RECV) {
            if (ack != sender.initialAcknowledged()) {
                tcp.protocol.sendReset(p);
                return false;
            }
            sender.unacknowledged = ack;
            tcp.established();
            sender.updateWindow(TcpHeader.window(p) << sender.scale, sequence, ack);
            return true;
        }
        int old = sender.unacknowledged;
        if (before(ack, old)) {
            if (before(ack, old - Math.max(sender.windowMax, 1 << 16))) {
                challenge();
                return false;
            }
            return true;
        }
        int window = TcpHeader.window(p) << sender.scale;
        boolean changes = window != sender.window;
        if (after(ack, old)
                || after(sequence, sender.windowSequence)
                || sequence == sender.windowSequence && window > sender.window) {
            sender.updateWindow(window, sequence, ack);
        } else {
            changes = false;
        }
        boolean isNew =
                sender.acknowledge(ack, options, TcpHeader.sequenceLength(p) > 0 || changes);
        if (isNew) {
            return finAcknowledged();
        }
        return true;
    }

    /** All is acknowledged, and if we have said FIN that too. */
    private boolean finAcknowledged() {
        if (!tcp.sender.isEmpty()) {
            return true;
        }
        switch (tcp.state()) {
            case Inet.TCP_FIN_WAIT1 -> tcp.enterFinWait2();
            case Inet.TCP_CLOSING -> {
                tcp.enterTimeWait();
                return false;
            }
            case Inet.TCP_LAST_ACK -> {
                tcp.closed();
                return false;
            }
            default -> {}
        }
        return tcp.state() != Inet.TCP_CLOSE;
    }

    private void data(Packet p) {
        int length = TcpHeader.dataLength(p);
        int flags = TcpHeader.flags(p);
        boolean fin = (flags & TcpHeader.FIN) != 0;
        int sequence = TcpHeader.sequence(p) + ((flags & TcpHeader.SYN) != 0 ? 1 : 0);
        if (length == 0 && !fin) {
            return;
        }
        switch (tcp.state()) {
            case Inet.TCP_ESTABLISHED -> {}
            case Inet.TCP_FIN_WAIT1, Inet.TCP_FIN_WAIT2 -> {
                if (tcp.isReceiveShutdown() && after(sequence + length, tcp.receiver.next)) {
                    tcp.protocol.sendReset(p); // nobody will read it
                    tcp.reset();
                    return;
                }
            }
            default -> {
                tcp.receiver.ackNow();
                return; // after the peer's FIN
            }
        }
        urgent(p, flags, sequence);
        byte[] data = TcpHeader.dataArray(p);
        int start = TcpHeader.dataStart(p);
        int before = tcp.receiver.next;
        boolean finInOrder = tcp.receiver.arrived(sequence, data, start, length, fin);
        if (tcp.receiver.next != before) {
            tcp.raiseReadable();
        }
        if (tcp.receiver.lookForUrgent(sequence, data, start, length)) {
            tcp.raise(Poll.POLLPRI);
        }
        if (finInOrder) {
            fin();
        }
    }

    private void urgent(Packet p, int flags, int sequence) {
        int pointer = TcpHeader.urgentPointer(p);
        if ((flags & TcpHeader.URG) != 0 && pointer > 0) {
            if (tcp.receiver.announceUrgent(sequence + pointer - 1)) {
                tcp.raise(Poll.POLLPRI);
            }
        }
    }

    /** The peer's FIN (Linux: tcp_fin). */
    private void fin() {
        tcp.receiver.finArrived();
        tcp.setReceiveShutdown();
        tcp.receiver.ackNow();
        tcp.raiseEnded();
        switch (tcp.state()) {
            case Inet.TCP_ESTABLISHED -> tcp.setState(Inet.TCP_CLOSE_WAIT);
            case Inet.TCP_FIN_WAIT1 -> tcp.setState(Inet.TCP_CLOSING);
            case Inet.TCP_FIN_WAIT2 -> {
                tcp.sendAck();
                tcp.enterTimeWait();
            }
            default -> {}
        }
    }
}
