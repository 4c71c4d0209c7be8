// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.icmp;

import dev.jvisor.net.inet.core.Counter;
import dev.jvisor.net.inet.core.IcmpError;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.PortTable;
import dev.jvisor.net.inet.core.Transport;
import dev.jvisor.net.inet.ip.Bytes;
import dev.jvisor.net.inet.ip.Checksum;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.IpHeader;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;

import java.util.concurrent.ConcurrentHashMap;

/** ICMP for IPv4 and IPv6: answers echoes, tells of errors, hands them on. */
public final class Icmp {

    static final int HEADER_BYTES = 8;

    /** Bytes of a whole error message at most (RFC 1812, RFC 4443). */
    private static final int ERROR_BYTES_MAX4 = 576;

    private static final int ERROR_BYTES_MAX6 = 1280;
    private static final byte[] NOTHING = {};

    private final InternetStack stack;

    /** Ping sockets by identifier; those of IPv6 have another table in Linux too. */
    private final ConcurrentHashMap<Integer, PingSocket> pings = new ConcurrentHashMap<>();

    private final PortTable identifiers;

    public Icmp(InternetStack stack) {
        this.stack = stack;
        this.identifiers = new PortTable(stack.settings(), false);
    }

    PortTable identifiers() {
        return identifiers;
    }

    void add(PingSocket socket, int identifier) {
        pings.put(identifier, socket);
    }

    void remove(PingSocket socket, int identifier) {
        pings.remove(identifier, socket);
    }

    /** Takes a packet of ICMP or ICMPv6. */
    public void input(Packet p) {
        stack.count(Counter.ICMP_IN_MESSAGES);
        int length = p.transportLength();
        boolean isV4 = p.source.isV4();
        if (length < HEADER_BYTES
                || p.protocol != (isV4 ? Inet.IPPROTO_ICMP : Inet.IPPROTO_ICMPV6)) {
            return;
        }
        byte[] message = new byte[length];
        p.copyTransport(0, message, 0, length);
        if (!p.isChecksumTrusted && checksum(p.source, p.destination, message) != 0) {
            return;
        }
        int type = message[0] & 0xff;
        if (type == (isV4 ? Inet.ICMP_ECHO : Inet.ICMPV6_ECHO_REQUEST)) {
            stack.count(Counter.ICMP_IN_ECHOS);
            reply(p, message);
        } else if (type == (isV4 ? Inet.ICMP_ECHOREPLY : Inet.ICMPV6_ECHO_REPLY)) {
            stack.count(Counter.ICMP_IN_ECHO_REPLIES);
            PingSocket socket = pings.get(Bytes.int16(message, 4));
            if (socket != null && socket.isV6() != isV4) {
                socket.arrived(p);
            }
        } else if (isV4
                ? type == Inet.ICMP_DEST_UNREACH || type == Inet.ICMP_TIME_EXCEEDED
                : type >= Inet.ICMPV6_DEST_UNREACH && type <= 4) {
            stack.count(Counter.ICMP_IN_DESTINATION_UNREACHABLE);
            error(p, message, isV4);
        }
    }

    private void reply(Packet p, byte[] request) {
        if (p.destination.isMulticast()) {
            return;
        }
        boolean isV4 = p.source.isV4();
        request[0] = (byte) (isV4 ? Inet.ICMP_ECHOREPLY : Inet.ICMPV6_ECHO_REPLY);
        stack.count(Counter.ICMP_OUT_ECHO_REPLIES);
        send(p.destination, p.source, request, p.trafficClass);
    }

    private void send(IpAddress from, IpAddress to, byte[] message, int trafficClass) {
        Route route;
        try {
            route = stack.route(to, 0);
        } catch (ErrnoException e) {
            return;
        }
        stack.count(Counter.ICMP_OUT_MESSAGES);
        message[2] = 0;
        message[3] = 0;
        Bytes.putInt16(message, 2, checksum(from, to, message));
        Packet p = new Packet(IpHeader.length(from) + message.length, NOTHING, 0, 0, from, to);
        int at = p.header.length - message.length;
        System.arraycopy(message, 0, p.header, at, message.length);
        p.headerStart = at;
        p.transportStart = at;
        p.protocol = from.isV4() ? Inet.IPPROTO_ICMP : Inet.IPPROTO_ICMPV6;
        p.ttl = stack.settings().defaultTtl;
        p.trafficClass = trafficClass;
        stack.output(route, p);
    }

    /** The checksum of a message between two addresses; 0 if it has the right one already. */
    static int checksum(IpAddress from, IpAddress to, byte[] message) {
        long sum = from.isV4()
                ? 0
                : Checksum.addPseudoHeader(0, from, to, Inet.IPPROTO_ICMPV6, message.length);
        return Checksum.finish(Checksum.add(sum, message, 0, message.length));
    }

    // Errors that this machine finds.

    /** Nobody has the port that a datagram is for. */
    public void sendPortUnreachable(Packet p) {
        unreachable(p, p.source.isV4() ? Inet.ICMP_PORT_UNREACH : Inet.ICMPV6_PORT_UNREACH);
    }

    /** Nobody has the protocol of a packet. */
    public void sendProtocolUnreachable(Packet p) {
        if (p.source.isV4()) {
            unreachable(p, Inet.ICMP_PROT_UNREACH);
        }
    }

    private void unreachable(Packet p, int code) {
        boolean isV4 = p.source.isV4();
        if (p.destination.isMulticast() || p.destination.equals(IpAddress.BROADCAST4)) {
            return;
        }
        stack.count(Counter.ICMP_OUT_DESTINATION_UNREACHABLE);
        int ip = IpHeader.length(p.source);
        int most = (isV4 ? ERROR_BYTES_MAX4 : ERROR_BYTES_MAX6) - ip - HEADER_BYTES;
        int quoted = Math.min(p.length(), most);
        byte[] message = new byte[HEADER_BYTES + quoted];
        message[0] = (byte) (isV4 ? Inet.ICMP_DEST_UNREACH : Inet.ICMPV6_DEST_UNREACH);
        message[1] = (byte) code;
        p.copyFrom(p.headerStart, message, HEADER_BYTES, quoted);
        send(p.destination, p.source, message, 0);
    }

    // Errors about what this machine sent.

    private void error(Packet p, byte[] message, boolean isV4) {
        byte[] quoted = java.util.Arrays.copyOfRange(message, HEADER_BYTES, message.length);
        int minimum = isV4 ? IpHeader.V4_BYTES : IpHeader.V6_BYTES;
        if (quoted.length < minimum) {
            return;
        }
        Packet original = Packet.received(quoted);
        original.input = p.input;
        if (isV4) {
            int headerLength = (quoted[0] & 15) * 4;
            if (headerLength < minimum || headerLength > quoted.length) {
                return;
            }
            original.protocol = quoted[9] & 0xff;
            original.source = IpAddress.readV4(quoted, 12);
            original.destination = IpAddress.readV4(quoted, 16);
            original.transportStart = headerLength;
        } else {
            original.protocol = quoted[6] & 0xff;
            original.source = IpAddress.readV6(quoted, 8);
            original.destination = IpAddress.readV6(quoted, 24);
            original.transportStart = minimum;
        }
        Transport transport = stack.transport(original.protocol);
        if (transport != null) {
            transport.error(original, meaning(p.source, message, isV4));
        }
    }

    private static IcmpError meaning(IpAddress from, byte[] message, boolean isV4) {
        int type = message[0] & 0xff;
        int code = message[1] & 0xff;
        Errno errno = Errno.EHOSTUNREACH;
        boolean isFatal = false;
        if (isV4 && type == Inet.ICMP_DEST_UNREACH) {
            switch (code) {
                case 0, 6, 9, 11 -> errno = Errno.ENETUNREACH;
                case Inet.ICMP_PROT_UNREACH -> {
                    errno = Errno.ENOPROTOOPT;
                    isFatal = true;
                }
                case Inet.ICMP_PORT_UNREACH -> {
                    errno = Errno.ECONNREFUSED;
                    isFatal = true;
                }
                case 4 -> errno = Errno.EMSGSIZE;
                case 5 -> errno = Errno.EOPNOTSUPP;
                default -> isFatal = code >= 7 && code != 12;
            }
        } else if (!isV4 && type == Inet.ICMPV6_DEST_UNREACH) {
            switch (code) {
                case 0 -> errno = Errno.ENETUNREACH;
                case 1, 5, 6 -> {
                    errno = Errno.EACCES;
                    isFatal = true;
                }
                case Inet.ICMPV6_PORT_UNREACH -> {
                    errno = Errno.ECONNREFUSED;
                    isFatal = true;
                }
                default -> {}
            }
        } else if (!isV4 && type == 4) {
            errno = Errno.EPROTO;
            isFatal = true;
        } else if (!isV4 && type == 2) {
            errno = Errno.EMSGSIZE;
        }
        return new IcmpError(isV4, type, code, 0, errno, isFatal, from);
    }
}
