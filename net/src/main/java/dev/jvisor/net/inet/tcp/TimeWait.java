// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import static dev.jvisor.net.inet.tcp.TcpSequence.after;
import static dev.jvisor.net.inet.tcp.TcpSequence.before;

import dev.jvisor.net.inet.core.PortUser;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.IpHeader;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.platform.abi.Inet;

/** What is left of a connection in TIME_WAIT (Linux: {@code struct tcp_timewait_sock}). */
final class TimeWait implements TcpTarget, PortUser {

    private final TcpProtocol protocol;
    private final TcpTuple tuple;
    private final Route route;
    private final int receiveNext;
    private final int sendNext;
    private final boolean hasTimestamps;
    private final int timestampRecent;
    private final long timestampOffset;
    private final boolean reusesAddress;
    private final boolean reusesPort;
    private final boolean isV6Only;
    private final int userId;

    /** When it ends, and when it began; guarded by {@link TimeWaits}. */
    long endNanos;

    final long startNanos;
    volatile boolean isGone;

    TimeWait(TcpConnection tcp, TcpTuple tuple, int receiveNext, int sendNext) {
        this.protocol = tcp.protocol;
        this.tuple = tuple;
        this.route = tcp.routeOrThrow();
        this.receiveNext = receiveNext;
        this.sendNext = sendNext;
        this.hasTimestamps = tcp.hasTimestamps;
        this.timestampRecent = tcp.timestampRecent();
        this.timestampOffset = protocol.timestampOffset(tuple.local(), tuple.remote());
        this.reusesAddress = tcp.reusesAddress();
        this.reusesPort = tcp.reusesPort();
        this.isV6Only = tcp.isV6Only();
        this.userId = tcp.userId();
        this.startNanos = tcp.now();
    }

    TcpTuple tuple() {
        return tuple;
    }

    @Override
    public void receive(Packet p) {
        int flags = TcpHeader.flags(p);
        int sequence = TcpHeader.sequence(p);
        if ((flags & TcpHeader.RST) != 0) {
            if (sequence == receiveNext) {
                protocol.timeWaits().end(this);
            }
            return;
        }
        boolean begins = (flags & (TcpHeader.SYN | TcpHeader.ACK)) == TcpHeader.SYN;
        if (begins && after(sequence, receiveNext)) {
            protocol.timeWaits().end(this); // a new connection takes its place (RFC 9293, 3.6.1)
            protocol.input(p);
            return;
        }
        if (!before(sequence, receiveNext)
                && TcpHeader.sequenceLength(p) > 0
                && (flags & TcpHeader.SYN) == 0
                && TcpHeader.dataLength(p) > 0) {
            protocol.sendReset(p);
            return;
        }
        if (TcpHeader.sequenceLength(p) > 0) {
            acknowledge();
        }
    }

    private void acknowledge() {
        int options = hasTimestamps ? TcpOptions.TIMESTAMP_BYTES : 0;
        int length = TcpHeader.BYTES + options;
        Packet p = new Packet(
                IpHeader.length(tuple.local()) + length,
                TcpEndpoint.NO_BYTES,
                0,
                0,
                tuple.local(),
                tuple.remote());
        p.protocol = Inet.IPPROTO_TCP;
        p.ttl = protocol.stack().settings().defaultTtl;
        TcpHeader.write(
                p,
                length,
                tuple.localPort(),
                tuple.remotePort(),
                sendNext,
                receiveNext,
                TcpHeader.ACK,
                1024);
        if (hasTimestamps) {
            long now = protocol.stack().timers().nanoTime();
            TcpOptions.writeTimestamp(
                    p.header,
                    p.transportStart + TcpHeader.BYTES,
                    (int) (now / 1_000_000 + timestampOffset),
                    timestampRecent);
        }
        protocol.output(route, p);
    }

    @Override
    public IpAddress boundAddress() {
        return tuple.local();
    }

    @Override
    public boolean isV6Only() {
        return isV6Only;
    }

    @Override
    public int boundInterface() {
        return 0;
    }

    @Override
    public boolean reusesAddress() {
        return reusesAddress;
    }

    @Override
    public boolean reusesPort() {
        return reusesPort;
    }

    @Override
    public int userId() {
        return userId;
    }

    @Override
    public boolean isListening() {
        return false;
    }

    @Override
    public boolean isTimeWait() {
        return true;
    }

    @Override
    public boolean isConnectOnly() {
        return true;
    }
}
