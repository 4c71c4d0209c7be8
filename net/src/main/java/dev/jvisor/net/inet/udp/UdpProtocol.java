// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.udp;

import dev.jvisor.net.inet.core.Counter;
import dev.jvisor.net.inet.core.IcmpError;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.PortTable;
import dev.jvisor.net.inet.core.Transport;
import dev.jvisor.net.inet.ip.Bytes;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.Netlink;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * UDP, or UDP-Lite, of a stack: which datagram is for whom. Thread-safe, without a lock of its own.
 *
 * <p>UDP-Lite's header (RFC 3828) tells how many bytes the checksum covers where UDP's has the
 * length.
 */
public final class UdpProtocol implements Transport {

    static final int HEADER_BYTES = 8;

    private final InternetStack stack;
    private final int number;
    private final PortTable ports;
    private final ConcurrentHashMap<Integer, UdpSocket[]> sockets = new ConcurrentHashMap<>();

    /** @param number IPPROTO_UDP or IPPROTO_UDPLITE */
    public UdpProtocol(InternetStack stack, int number) {
        this.stack = stack;
        this.number = number;
        this.ports = new PortTable(stack.settings(), false);
    }

    int number() {
        return number;
    }

    boolean isLite() {
        return number == Inet.IPPROTO_UDPLITE;
    }

    PortTable ports() {
        return ports;
    }

    void add(UdpSocket socket, int port) {
        sockets.compute(port, (key, all) -> {
            int n = all == null ? 0 : all.length;
            UdpSocket[] more = new UdpSocket[n + 1];
            if (all != null) {
                System.arraycopy(all, 0, more, 0, n);
            }
            more[n] = socket;
            return more;
        });
    }

    void remove(UdpSocket socket, int port) {
        sockets.computeIfPresent(port, (key, all) -> {
            List<UdpSocket> left = new ArrayList<>();
            for (UdpSocket s : all) {
                if (s != socket) {
                    left.add(s);
                }
            }
            return left.isEmpty() ? null : left.toArray(new UdpSocket[0]);
        });
    }

    /** All bound sockets, in no order. */
    public List<UdpSocket> sockets() {
        List<UdpSocket> all = new ArrayList<>();
        for (UdpSocket[] some : sockets.values()) {
            all.addAll(List.of(some));
        }
        return all;
    }

    static int sourcePort(Packet p) {
        return Bytes.int16(p.header, p.transportStart);
    }

    static int destinationPort(Packet p) {
        return Bytes.int16(p.header, p.transportStart + 2);
    }

    @Override
    public void input(Packet p) {
        if (!isWellFormed(p)) {
            stack.count(Counter.UDP_IN_ERRORS);
            return;
        }
        UdpSocket[] all = sockets.get(destinationPort(p));
        IpAddress to = p.destination;
        if (to.isMulticast() || isBroadcast(to)) {
            deliverToAll(all, p);
            return;
        }
        UdpSocket best = all == null ? null : best(all, p, sourcePort(p));
        if (best == null) {
            stack.count(Counter.UDP_NO_PORTS);
            stack.icmp().sendPortUnreachable(p);
        } else {
            deliver(best, p);
        }
    }

    private boolean isWellFormed(Packet p) {
        if (p.header.length - p.transportStart < HEADER_BYTES) {
            return false;
        }
        int length = p.transportLength();
        int sum = Bytes.int16(p.header, p.transportStart + 6);
        if (isLite()) {
            int coverage = coverage(p);
            // What covers a part only comes over trusted links, as long as the checksum is whole.
            return coverage >= HEADER_BYTES
                    && coverage <= length
                    && (p.isChecksumTrusted
                            || sum != 0 && coverage == length && p.transportChecksum() == 0);
        }
        return Bytes.int16(p.header, p.transportStart + 4) == (length & 0xffff)
                && (p.isChecksumTrusted || sum == 0 || p.transportChecksum() == 0);
    }

    /** How many bytes the checksum of a UDP-Lite datagram covers, from its header on. */
    static int coverage(Packet p) {
        int coverage = Bytes.int16(p.header, p.transportStart + 4);
        return coverage == 0 ? p.transportLength() : coverage;
    }

    private boolean isBroadcast(IpAddress to) {
        if (to.equals(IpAddress.BROADCAST4)) {
            return true;
        }
        var route = to.isV4() && !to.isLoopback() || to.isV4() && (to.v4Bits() & 0xff) == 0xff
                ? stack.routes().lookup(to)
                : null;
        return route != null && route.type() == Netlink.RTN_BROADCAST;
    }

    private void deliver(UdpSocket socket, Packet p) {
        stack.count(
                socket.arrived(p) ? Counter.UDP_IN_DATAGRAMS : Counter.UDP_RECEIVE_BUFFER_ERRORS);
    }

    private void deliverToAll(UdpSocket @Nullable [] all, Packet p) {
        if (all == null) {
            return;
        }
        int device = p.input == null ? 0 : p.input.index();
        for (UdpSocket s : all) {
            boolean isMember =
                    !p.destination.isMulticast() || s.ip().isMember(p.destination, device);
            if (isMember && s.fits(p, sourcePort(p)) > 0) {
                deliver(s, p.copy());
            }
        }
    }

    private static @Nullable UdpSocket best(UdpSocket[] all, Packet p, int fromPort) {
        int best = 0;
        int equal = 0;
        UdpSocket found = null;
        for (int i = all.length - 1; i >= 0; i--) {
            int score = all[i].fits(p, fromPort);
            if (score > best) {
                best = score;
                found = all[i];
                equal = 1;
            } else if (score == best && score > 0 && all[i].reusesPort()) {
                equal++;
            }
        }
        if (equal > 1 && found != null && found.reusesPort()) {
            int hash = p.source.hashCode() * 31 + fromPort * 0x9e3779b1;
            int index = (int) ((hash & 0xffffffffL) * equal >>> 32);
            for (UdpSocket s : all) {
                if (s.reusesPort() && s.fits(p, fromPort) == best && index-- == 0) {
                    return s;
                }
            }
        }
        return found;
    }

    @Override
    public void error(Packet original, IcmpError error) {
        if (original.transportLength() < HEADER_BYTES
                || original.header.length - original.transportStart < HEADER_BYTES) {
            return;
        }
        UdpSocket[] all = sockets.get(sourcePort(original));
        if (all == null) {
            return;
        }
        // Seen from the socket: what it sent to would be where an answer came from.
        Packet answer = new Packet(0, new byte[0], 0, 0, original.destination, original.source);
        answer.input = original.input;
        UdpSocket socket = best(all, answer, destinationPort(original));
        if (socket != null) {
            int length = original.transportLength() - HEADER_BYTES;
            byte[] data = new byte[length];
            original.copyTransport(HEADER_BYTES, data, 0, length);
            socket.errorArrived(error, data, original.destination, destinationPort(original));
        }
    }
}
