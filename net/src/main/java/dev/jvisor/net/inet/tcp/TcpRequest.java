// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.net.inet.core.NetTimer;
import dev.jvisor.net.inet.core.Settings;
import dev.jvisor.net.inet.ip.IpHeader;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;

import org.jspecify.annotations.Nullable;

/**
 * A connection that a listener was asked for, until the handshake is complete (Linux: {@code struct
 * tcp_request_sock}). Guarded by the listener's lock.
 */
final class TcpRequest implements TcpTarget {

    private static final long FIRST_WAIT_NANOS = 1_000_000_000L;

    private final TcpConnection listener;
    private final TcpTuple tuple;
    final Route route;
    int initialSequence;
    int peerSequence;
    int peerMss;
    int peerScale;
    int scale;
    int advertisedMss;
    int offeredWindow;
    boolean hasTimestamps;
    boolean hasSack;
    int timestampRecent;
    long timestampOffset;
    private int peerWindow;
    private int sent;

    /** Whether the answer was acknowledged, but there was no place, or no data yet. */
    boolean isAcknowledged;

    boolean isDeferred;
    boolean isGone;
    private final NetTimer timer;

    private TcpRequest(TcpConnection listener, TcpTuple tuple, Route route) {
        this.listener = listener;
        this.tuple = tuple;
        this.route = route;
        this.timer = new NetTimer(listener.stack().timers()) {
            @Override
            public void fire() {
                listener.timerFired();
            }

            @Override
            protected void expired() {
                timedOut();
            }
        };
    }

    /** A request for a SYN; null if there is no way back. */
    static @Nullable TcpRequest of(TcpConnection listener, Packet syn, TcpOptions options) {
        Route route;
        try {
            route = listener.stack().route(syn.source, 0);
        } catch (ErrnoException e) {
            return null;
        }
        TcpTuple tuple = new TcpTuple(
                syn.destination,
                TcpHeader.destinationPort(syn),
                syn.source,
                TcpHeader.sourcePort(syn));
        TcpRequest r = new TcpRequest(listener, tuple, route);
        Settings settings = listener.settings();
        int mss = Settings.advertisedMss(route.output().mtuBytes(), tuple.local());
        int clamp = listener.config.maxSegment;
        r.advertisedMss = clamp != 0 ? Math.min(mss, clamp) : mss;
        r.peerSequence = TcpHeader.sequence(syn);
        r.peerMss = options.mss;
        r.hasTimestamps = options.hasTimestamp && settings.tcpTimestamps;
        r.timestampRecent = options.timestamp;
        r.hasSack = options.allowsSack && settings.tcpSack;
        boolean scales = options.scale >= 0 && settings.tcpWindowScaling;
        r.peerScale = scales ? options.scale : 0;
        r.scale = scales ? listener.windowScale() : 0;
        r.peerWindow = TcpHeader.window(syn);
        r.initialSequence = listener.protocol.initialSequence(
                tuple.local(), tuple.localPort(), tuple.remote(), tuple.remotePort());
        r.timestampOffset = listener.protocol.timestampOffset(tuple.local(), tuple.remote());
        r.isDeferred = listener.config.deferAcceptSeconds > 0;
        int space = Math.min(listener.config.receiveBufferBytes / 2, listener.windowClamp());
        int unit = Math.max(1, r.advertisedMss);
        r.offeredWindow = Math.min(65535, Math.max(space / unit * unit, Math.min(space, unit)));
        return r;
    }

    TcpTuple tuple() {
        return tuple;
    }

    /** The window of the SYN. */
    int peerWindow() {
        return peerWindow;
    }

    /** Sends the first answer. */
    void answer() {
        send();
        timer.set(listener.now() + FIRST_WAIT_NANOS);
    }

    /** Sends SYN and ACK. */
    void send() {
        int length = TcpHeader.BYTES + TcpOptions.synLength(hasTimestamps, hasSack, scale > 0);
        Packet p = new Packet(
                IpHeader.length(tuple.local()) + length,
                TcpEndpoint.NO_BYTES,
                0,
                0,
                tuple.local(),
                tuple.remote());
        p.protocol = Inet.IPPROTO_TCP;
        p.ttl = listener.config.ttl != 0 ? listener.config.ttl : listener.settings().defaultTtl;
        p.trafficClass = listener.config.trafficClass;
        TcpHeader.write(
                p,
                length,
                tuple.localPort(),
                tuple.remotePort(),
                initialSequence,
                peerSequence + 1,
                TcpHeader.SYN | TcpHeader.ACK,
                offeredWindow);
        TcpOptions.writeSyn(
                p.header,
                p.transportStart + TcpHeader.BYTES,
                advertisedMss,
                scale > 0 ? scale : -1,
                hasSack,
                hasTimestamps,
                (int) (listener.now() / 1_000_000 + timestampOffset),
                timestampRecent);
        listener.protocol.output(route, p);
    }

    private void timedOut() {
        if (isGone) {
            return;
        }
        int most = listener.config.synRetries != 0
                ? listener.config.synRetries
                : listener.settings().tcpSynAckRetries;
        long waited = (1L << sent + 1) - 1; // seconds so far
        if (isDeferred && isAcknowledged && waited >= listener.config.deferAcceptSeconds) {
            isDeferred = false; // the acknowledgement of the next answer is enough
        } else if (sent >= most) {
            TcpListenQueue queue = listener.listenQueue;
            if (queue != null) {
                queue.remove(this);
            }
            drop();
            return;
        }
        sent++;
        if (!isDeferred || !isAcknowledged) {
            send();
        }
        timer.set(listener.now() + (FIRST_WAIT_NANOS << Math.min(sent, 7)));
    }

    void lookAtTimer() {
        timer.look();
    }

    void stop() {
        timer.clear();
    }

    /** Forgets it. */
    void drop() {
        isGone = true;
        timer.clear();
        listener.protocol.removeConnection(tuple, this);
    }

    @Override
    public void receive(Packet packet) {
        packet.target = this;
        listener.deliver(packet);
    }
}
