// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.net.inet.core.Counter;
import dev.jvisor.net.inet.core.IcmpError;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.PortTable;
import dev.jvisor.net.inet.core.Transport;
import dev.jvisor.net.inet.ip.Bytes;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.IpHeader;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** TCP of a stack: which segment is for whom. Thread-safe; takes no lock of its own. */
public final class TcpProtocol implements Transport {

    private final InternetStack stack;
    private final PortTable ports;
    private final TimeWaits timeWaits;
    private final ConcurrentHashMap<TcpTuple, TcpTarget> connections = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, TcpEndpoint[]> listeners = new ConcurrentHashMap<>();
    private final long secret = ThreadLocalRandom.current().nextLong();

    public TcpProtocol(InternetStack stack) {
        this.stack = stack;
        this.ports = new PortTable(stack.settings(), true);
        this.timeWaits = new TimeWaits(this);
    }

    InternetStack stack() {
        return stack;
    }

    PortTable ports() {
        return ports;
    }

    TimeWaits timeWaits() {
        return timeWaits;
    }

    // Tables.

    /** Adds a connection; false if there is one between the same ends that matters. */
    boolean addConnection(TcpTuple tuple, TcpTarget target) {
        TcpTarget there = connections.putIfAbsent(tuple, target);
        if (there == null) {
            return true;
        }
        if (there instanceof TimeWait rest && isReusable(rest)) {
            timeWaits.end(rest);
            return connections.putIfAbsent(tuple, target) == null;
        }
        return false;
    }

    /** Linux: tcp_tw_reuse = 2, on the loopback after a second. */
    private boolean isReusable(TimeWait rest) {
        return stack.settings().tcpTimestamps
                && rest.tuple().remote().isLoopback()
                && stack.timers().nanoTime() - rest.startNanos > 1_000_000_000L;
    }

    void replaceConnection(TcpTuple tuple, TcpTarget old, TcpTarget now) {
        connections.replace(tuple, old, now);
    }

    void removeConnection(TcpTuple tuple, TcpTarget target) {
        connections.remove(tuple, target);
    }

    void addListener(TcpEndpoint listener) {
        listeners.compute(listener.localPort(), (port, all) -> {
            if (all == null) {
                return new TcpEndpoint[] {listener};
            }
            TcpEndpoint[] more = java.util.Arrays.copyOf(all, all.length + 1);
            more[all.length] = listener;
            return more;
        });
    }

    void removeListener(TcpEndpoint listener) {
        listeners.computeIfPresent(listener.localPort(), (port, all) -> {
            List<TcpEndpoint> left = new ArrayList<>();
            for (TcpEndpoint e : all) {
                if (e != listener) {
                    left.add(e);
                }
            }
            return left.isEmpty() ? null : left.toArray(new TcpEndpoint[0]);
        });
    }

    /** The listener that a SYN is for, null if there is none (Linux: __inet_lookup_listener). */
    private @Nullable TcpEndpoint listener(Packet p) {
        TcpEndpoint[] all = listeners.get(TcpHeader.destinationPort(p));
        if (all == null) {
            return null;
        }
        int best = 0;
        int equal = 0;
        TcpEndpoint found = null;
        for (TcpEndpoint e : all) {
            int score = score(e, p.destination);
            if (score > best) {
                best = score;
                found = e;
                equal = 1;
            } else if (score == best && score > 0 && e.reusesPort()) {
                equal++;
            }
        }
        if (equal > 1 && found != null && found.reusesPort()) {
            return shared(all, p, best, equal);
        }
        return found;
    }

    /** One of those that share the port, always the same one for a connection (SO_REUSEPORT). */
    private static @Nullable TcpEndpoint shared(TcpEndpoint[] all, Packet p, int score, int count) {
        int hash = p.source.hashCode() * 31 + TcpHeader.sourcePort(p) * 0x9e3779b1;
        int index = (int) ((hash & 0xffffffffL) * count >>> 32);
        for (TcpEndpoint e : all) {
            if (score(e, p.destination) == score && index-- == 0) {
                return e;
            }
        }
        return null;
    }

    private static int score(TcpEndpoint e, IpAddress destination) {
        IpAddress bound = e.boundAddress();
        if (bound.isAny()) {
            if (bound.isV4() == destination.isV4()) {
                return 2;
            }
            return !bound.isV4() && !e.isV6Only() ? 1 : 0;
        }
        return bound.equals(destination) ? 3 : 0;
    }

    /** All sockets that have a port and a use for it: listeners, connections, what is left. */
    public List<TcpRow> rows() {
        List<TcpRow> rows = new ArrayList<>();
        for (TcpEndpoint[] all : listeners.values()) {
            for (TcpEndpoint e : all) {
                rows.add(e.row());
            }
        }
        for (TcpTarget target : connections.values()) {
            if (target instanceof TcpEndpoint e) {
                rows.add(e.row());
            } else if (target instanceof TimeWait rest) {
                rows.add(TcpRow.of(rest.tuple(), Inet.TCP_TIME_WAIT));
            } else if (target instanceof TcpRequest request) {
                rows.add(TcpRow.of(request.tuple(), Inet.TCP_SYN_RECV));
            }
        }
        return rows;
    }

    /** How many connections are in TIME_WAIT. */
    public int timeWaitCount() {
        return timeWaits.count();
    }

    // Packets.

    @Override
    public void input(Packet p) {
        stack.count(Counter.TCP_IN_SEGMENTS);
        if (!TcpHeader.isWhole(p)
                || !p.isChecksumTrusted && p.transportChecksum() != 0
                || p.destination.isMulticast()) {
            stack.count(Counter.TCP_IN_ERRORS);
            return;
        }
        TcpTuple tuple = new TcpTuple(
                p.destination, TcpHeader.destinationPort(p), p.source, TcpHeader.sourcePort(p));
        TcpTarget target = connections.get(tuple);
        if (target != null) {
            target.receive(p);
            return;
        }
        TcpEndpoint listener = listener(p);
        if (listener != null) {
            listener.deliver(p);
        } else {
            sendReset(p);
        }
    }

    void output(Route route, Packet p) {
        stack.count(Counter.TCP_OUT_SEGMENTS);
        if (!route.output().isLoopback()) {
            TcpHeader.setChecksum(p);
        }
        stack.output(route, p);
    }

    /** Answers a segment that nobody wants (RFC 9293, 3.10.7.1). */
    void sendReset(Packet p) {
        int flags = TcpHeader.flags(p);
        if ((flags & TcpHeader.RST) != 0 || p.destination.isMulticast()) {
            return;
        }
        Route route;
        try {
            route = stack.route(p.source, 0);
        } catch (ErrnoException e) {
            return;
        }
        stack.count(Counter.TCP_OUT_RESETS);
        Packet reset = new Packet(
                IpHeader.length(p.source) + TcpHeader.BYTES,
                TcpEndpoint.NO_BYTES,
                0,
                0,
                p.destination,
                p.source);
        reset.protocol = Inet.IPPROTO_TCP;
        reset.ttl = stack.settings().defaultTtl;
        boolean hasAck = (flags & TcpHeader.ACK) != 0;
        TcpHeader.write(
                reset,
                TcpHeader.BYTES,
                TcpHeader.destinationPort(p),
                TcpHeader.sourcePort(p),
                hasAck ? TcpHeader.acknowledgement(p) : 0,
                hasAck ? 0 : TcpHeader.sequence(p) + TcpHeader.sequenceLength(p),
                hasAck ? TcpHeader.RST : TcpHeader.RST | TcpHeader.ACK,
                0);
        output(route, reset);
    }

    @Override
    public void error(Packet original, IcmpError error) {
        if (original.header.length - original.transportStart < 8) {
            return;
        }
        TcpTuple tuple = new TcpTuple(
                original.source,
                Bytes.int16(original.header, original.transportStart),
                original.destination,
                Bytes.int16(original.header, original.transportStart + 2));
        if (connections.get(tuple) instanceof TcpEndpoint e) {
            e.icmpError(error.errno(), error.isFatal());
        }
    }

    // Numbers that others cannot guess (RFC 6528).

    int initialSequence(IpAddress local, int localPort, IpAddress remote, int remotePort) {
        long h = secret ^ local.hashCode() * 0x9e3779b97f4a7c15L;
        h = mix(h + remote.hashCode());
        h = mix(h + ((long) localPort << 16 | remotePort));
        return (int) h + (int) (stack.timers().nanoTime() >> 6);
    }

    long timestampOffset(IpAddress local, IpAddress remote) {
        return mix(mix(secret + 1 + local.hashCode()) + remote.hashCode()) & 0x7fffffff;
    }

    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
