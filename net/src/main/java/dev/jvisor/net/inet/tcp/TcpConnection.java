// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.net.inet.core.NetTimer;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.IpHeader;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * The life of a connection: segments that go out, events and errors, timers, the end (Linux:
 * {@code struct tcp_sock}).
 */
abstract class TcpConnection extends TcpCore {

    final TcpInput input;
    final TcpSender sender;
    final TcpReceiver receiver;
    final NetTimer idle;
    int keepProbes;
    long keepFirstNanos;

    TcpConnection(TcpProtocol protocol, IpAddress any, TcpConfig config) {
        super(protocol, any, config);
        this.sender = new TcpSender(this);
        this.receiver = new TcpReceiver(this);
        this.input = new TcpInput(this);
        this.idle = new NetTimer(protocol.stack().timers()) {
            @Override
            public void fire() {
                timerFired();
            }

            @Override
            protected void expired() {
                idled();
            }
        };
    }

    long roundTripNanos() {
        return sender.rtt.smoothedNanos();
    }

    /** The peer said how large segments may be. */
    void setMss(int peerMss) {
        int wanted = Math.max(peerMss == 0 ? 536 : peerMss, TcpSender.MSS_MIN);
        int mss = Math.min(wanted, advertisedMss);
        sender.mss = mss - (hasTimestamps ? TcpOptions.TIMESTAMP_BYTES : 0);
    }

    /** The handshake is complete. */
    void established() {
        state = Inet.TCP_ESTABLISHED;
        sender.timer.clear();
        sender.rtt.progress();
        if (!config.isSendBufferFixed) {
            long wanted = 2L * CongestionControl.INITIAL_WINDOW * SEGMENT_COST;
            config.sendBufferBytes = (int)
                    Math.max(config.sendBufferBytes, Math.min(wanted, settings().tcpSendMaxBytes));
        }
        startKeepalive();
        raise(WRITABLE);
    }

    void forgetConnection() {
        TcpTuple t = tuple;
        tuple = null;
        if (t != null) {
            protocol.removeConnection(t, this);
        }
        sender.clear();
        receiver.clear();
        idle.clear();
    }

    void releasePort() {
        if (isPortHeld) {
            isPortHeld = false;
            protocol.ports().release(this, localPort);
            localPort = 0;
        }
    }

    /** The connection is over (Linux: tcp_done). What was received can still be read. */
    void done() {
        state = Inet.TCP_CLOSE;
        shutdown = SHUT_BOTH;
        TcpTuple t = tuple;
        tuple = null;
        if (t != null) {
            protocol.removeConnection(t, this);
        }
        sender.clear();
        receiver.delay.clear();
        idle.clear();
        if (isOrphan) {
            receiver.clear();
        }
        if (isPortHeld && (isOrphan || !isPortChosen || parent != null)) {
            isPortHeld = false;
            protocol.ports().release(this, localPort);
        }
        raise(ENDED);
    }

    void destroy() {
        forgetConnection();
        state = Inet.TCP_CLOSE;
        shutdown = SHUT_BOTH;
        releasePort();
    }

    /** SO_ERROR, cleared. */
    @Nullable
    Errno takeError() {
        lock();
        try {
            Errno e = error;
            error = null;
            return e;
        } finally {
            unlock();
        }
    }

    /** The connection failed. */
    void fail(Errno why) {
        error = why;
        done();
        raise(Poll.POLLERR);
    }

    /** The peer reset it (Linux: tcp_reset). */
    void reset() {
        switch (state) {
            case Inet.TCP_SYN_SENT -> fail(Errno.ECONNREFUSED);
            case Inet.TCP_CLOSE_WAIT -> fail(Errno.EPIPE);
            case Inet.TCP_CLOSE -> {}
            default -> fail(Errno.ECONNRESET);
        }
    }

    void timedOut() {
        Errno soft = softError;
        fail(soft != null ? soft : Errno.ETIMEDOUT);
    }

    /** An ICMP error for a segment of it. */
    void icmpError(Errno why, boolean isFatal) {
        lock();
        try {
            if (state == Inet.TCP_SYN_SENT && isFatal) {
                fail(why);
            } else {
                softError = why;
            }
        } finally {
            unlock();
        }
    }

    /** Data was acknowledged: wakes a writer that waits when enough is free. */
    void spaceFreed() {
        if (wantsSpace && isWritable()) {
            wantsSpace = false;
            raise(WRITABLE);
        }
    }

    boolean isWritable() {
        int queued = sender.queuedCost;
        int notSent = config.notSentLowWater;
        return config.sendBufferBytes - queued >= queued >> 1
                && (notSent == 0 || sender.unsentBytes() < notSent);
    }

    @Override
    protected int takeEvents() {
        if (receiver.isAckWanted() && tuple != null) {
            sendAck();
        }
        int e = events;
        events = 0;
        return e;
    }

    @Override
    public void receive(Packet packet) {
        deliver(packet);
    }

    @Override
    protected void process(Packet packet) {
        input.process(packet);
    }

    Packet newPacket(byte[] data, int offset, int length, int headerLength) {
        Packet p = new Packet(
                IpHeader.length(local) + headerLength, data, offset, length, local, remote);
        p.protocol = Inet.IPPROTO_TCP;
        p.ttl = config.ttl != 0 ? config.ttl : settings().defaultTtl;
        p.trafficClass = config.trafficClass;
        return p;
    }

    void output(Packet p) {
        protocol.output(Objects.requireNonNull(route), p);
    }

    /** The SYN, or in a simultaneous open the SYN with ACK. */
    void sendSyn() {
        boolean answers = state == Inet.TCP_SYN_RECV;
        int length =
                TcpHeader.BYTES + TcpOptions.synLength(hasTimestamps, hasSack, receiver.scale > 0);
        Packet p = newPacket(NO_BYTES, 0, 0, length);
        int window = initialWindow();
        TcpHeader.write(
                p,
                length,
                localPort,
                remotePort,
                initialSequence,
                answers ? receiver.next : 0,
                answers ? TcpHeader.SYN | TcpHeader.ACK : TcpHeader.SYN,
                window);
        TcpOptions.writeSyn(
                p.header,
                p.transportStart + TcpHeader.BYTES,
                advertisedMss,
                receiver.scale > 0 ? receiver.scale : -1,
                hasSack,
                hasTimestamps,
                timestamp(),
                answers ? timestampRecent : 0);
        receiver.setOffered(window);
        output(p);
    }

    void synTimeout() {
        boolean active = state == Inet.TCP_SYN_SENT;
        int most = config.synRetries != 0 ? config.synRetries : settings().tcpSynRetries;
        boolean givenUp = config.userTimeoutMillis != 0
                && synRetries > 0
                && (1L << synRetries) * 1000 > config.userTimeoutMillis;
        if (synRetries >= (active ? most : settings().tcpSynAckRetries) || givenUp) {
            timedOut();
            return;
        }
        synRetries++;
        sender.rtt.backOff();
        sendSyn();
        sender.armSyn();
    }

    /** Sends a segment of the queue; {@code urgent} is the urgent pointer, -1 for none. */
    void transmit(Segment s, int urgent) {
        int flags = TcpHeader.ACK
                | (s.isPush || s.isFin ? TcpHeader.PSH : 0)
                | (s.isFin ? TcpHeader.FIN : 0);
        transmit(s.sequence, flags, s.data, s.offset, s.length, urgent);
        receiver.ackSent(s.length > 0);
    }

    void transmit(int sequence, int flags, byte[] data, int offset, int length, int urgent) {
        int[] blocks = null;
        int count = 0;
        int options = hasTimestamps ? TcpOptions.TIMESTAMP_BYTES : 0;
        if (hasSack && receiver.hasEarly()) {
            int most = hasTimestamps ? TcpOptions.SACK_BLOCKS_MAX - 1 : TcpOptions.SACK_BLOCKS_MAX;
            blocks = new int[2 * TcpOptions.SACK_BLOCKS_MAX];
            count = receiver.sackBlocks(blocks, most);
        }
        int headerLength = TcpHeader.BYTES + options + (count > 0 ? 4 + 8 * count : 0);
        Packet p = newPacket(data, offset, length, headerLength);
        TcpHeader.write(
                p,
                headerLength,
                localPort,
                remotePort,
                sequence,
                receiver.next,
                flags,
                receiver.selectWindow());
        int at = p.transportStart + TcpHeader.BYTES;
        if (hasTimestamps) {
            TcpOptions.writeTimestamp(p.header, at, timestamp(), timestampRecent);
        }
        if (blocks != null && count > 0) {
            TcpOptions.writeSack(p.header, at + options, blocks, count);
        }
        if (urgent >= 0) {
            TcpHeader.setUrgent(p, urgent);
        }
        output(p);
    }

    /** Sends a segment without data. */
    void sendAck() {
        if (route == null || state == Inet.TCP_CLOSE) {
            receiver.ackSent(false);
            return;
        }
        transmit(sender.next, TcpHeader.ACK, NO_BYTES, 0, 0, -1);
        receiver.ackSent(false);
    }

    /** Sends a segment that the peer has to answer. */
    void transmitProbe(int sequence) {
        transmit(sequence, TcpHeader.ACK, NO_BYTES, 0, 0, -1);
    }

    void sendReset() {
        if (route != null && state != Inet.TCP_SYN_SENT && state != Inet.TCP_LISTEN) {
            stack().count(dev.jvisor.net.inet.core.Counter.TCP_OUT_RESETS);
            transmit(sender.next, TcpHeader.RST | TcpHeader.ACK, NO_BYTES, 0, 0, -1);
        }
    }

    /** Our FIN was acknowledged in FIN_WAIT1. */
    void enterFinWait2() {
        state = Inet.TCP_FIN_WAIT2;
        shutdown |= SHUT_SEND;
        if (!isOrphan) {
            raise(WRITABLE);
            return;
        }
        long limit = config.linger2Seconds != 0
                ? config.linger2Seconds * NANOS_PER_SECOND
                : settings().tcpFinTimeoutSeconds * NANOS_PER_SECOND;
        if (limit < 0) {
            fail(Errno.ETIMEDOUT);
        } else {
            idle.set(now() + limit);
        }
    }

    /** Both have said FIN: what is left is to wait (Linux: tcp_time_wait). */
    void enterTimeWait() {
        TcpTuple t = tuple;
        if (t != null) {
            TimeWait rest = new TimeWait(this, t, receiver.next, sender.next);
            if (protocol.timeWaits().add(rest)) {
                protocol.ports().share(rest, t.localPort());
                protocol.replaceConnection(t, this, rest);
                tuple = null;
            }
        }
        done();
    }

    void closed() {
        done();
    }

    void timerFired() {
        deliverTimer();
    }

    @Override
    protected void checkTimers() {
        sender.lookAtTimer();
        receiver.lookAtTimer();
        idle.look();
        TcpListenQueue q = listenQueue;
        if (q != null) {
            for (TcpRequest r : q.requests()) {
                r.lookAtTimer();
            }
        }
    }

    /** SO_KEEPALIVE or its times changed. */
    void keepaliveChanged() {
        lock();
        try {
            startKeepalive();
        } finally {
            unlock();
        }
    }

    void startKeepalive() {
        if (config.keepsAlive
                && state != Inet.TCP_CLOSE
                && state != Inet.TCP_LISTEN
                && state != Inet.TCP_SYN_SENT) {
            idle.set(now() + keepIdleNanos());
        } else if (!isOrphan) {
            idle.clear();
        }
    }

    long keepIdleNanos() {
        int own = config.keepIdleSeconds;
        return (own != 0 ? own : settings().tcpKeepIdleSeconds) * NANOS_PER_SECOND;
    }

    /** Nothing happened for long. */
    void idled() {
        if (isOrphan && state == Inet.TCP_FIN_WAIT2) {
            done();
            return;
        }
        if (!config.keepsAlive || state == Inet.TCP_CLOSE) {
            return;
        }
        long since = now() - receiver.lastReceivedNanos;
        long wait = keepIdleNanos();
        if (!sender.isEmpty() || since < wait) {
            keepProbes = 0;
            idle.set(now() + (since < wait ? wait - since : wait));
            return;
        }
        int most = config.keepProbes != 0 ? config.keepProbes : settings().tcpKeepProbes;
        long interval = config.keepIntervalSeconds != 0
                ? config.keepIntervalSeconds
                : settings().tcpKeepIntervalSeconds;
        if (keepProbes == 0) {
            keepFirstNanos = now();
        }
        boolean late = config.userTimeoutMillis != 0
                && keepProbes > 0
                && since >= config.userTimeoutMillis * 1_000_000L;
        if (keepProbes >= most || late) {
            sendReset();
            timedOut();
            return;
        }
        keepProbes++;
        transmitProbe(sender.unacknowledged - 1);
        idle.set(now() + interval * NANOS_PER_SECOND);
    }

    /** A segment came: the peer lives. */
    void isAlive() {
        keepProbes = 0;
    }
}
