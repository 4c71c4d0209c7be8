// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.link.NetInterface;
import dev.jvisor.net.socket.OptionValue;
import dev.jvisor.net.socket.SocketOptions;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Socket;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * The options of levels IPPROTO_IP and IPPROTO_IPV6 (Linux: {@code do_ip_setsockopt},
 * {@code do_ipv6_setsockopt}). Single values are read without lock; the monitor guards memberships.
 */
public final class IpOptions {

    /** Linux: net.ipv4.igmp_max_memberships. */
    private static final int MEMBERSHIPS_MAX = 20;

    private static final int HOPS_DEFAULT = 64;
    private static final int IN_PKTINFO_BYTES = 12;

    /** A multicast group that a socket wants packets of. */
    private record Membership(IpAddress group, int device) {}

    private final InternetStack stack;
    private final int family;
    private final int type;

    /** On-or-off options of IPPROTO_IP and IPPROTO_IPV6 by their number. */
    private volatile long switches4 = 1L << Inet.IP_MULTICAST_LOOP | 1L << Inet.IP_MULTICAST_ALL;

    private volatile long switches6 =
            1L << Inet.IPV6_MULTICAST_LOOP | 1L << Inet.IPV6_MULTICAST_ALL;
    private volatile long switches6High = 1L << Inet.IPV6_AUTOFLOWLABEL - 64;

    private volatile int tos;
    private volatile int ttl = -1;
    private volatile int hops = -1;
    private volatile int trafficClass;
    private volatile int multicastTtl = 1;
    private volatile int multicastHops = 1;
    private volatile int multicastDevice;
    private volatile IpAddress multicastSource = IpAddress.ANY4;
    private volatile int multicastDevice6;
    private volatile int discovery = Inet.IP_PMTUDISC_WANT;
    private volatile int discovery6 = Inet.IP_PMTUDISC_WANT;
    private volatile int unicastDevice;
    private volatile int minTtl;
    private final List<Membership> memberships = new ArrayList<>();

    IpOptions(InternetStack stack, int family, int type) {
        this.stack = stack;
        this.family = family;
        this.type = type;
        if (type == Socket.SOCK_RAW) {
            turn4(Inet.IP_HDRINCL, false);
        }
    }

    /** Takes over what an accepted socket has from the listener. */
    public void inherit(IpOptions from) {
        switches4 = from.switches4;
        switches6 = from.switches6;
        switches6High = from.switches6High;
        tos = from.tos;
        ttl = from.ttl;
        hops = from.hops;
        trafficClass = from.trafficClass;
    }

    /** Whether an option of IPPROTO_IP is on. */
    public boolean isOn4(int name) {
        return (switches4 >>> name & 1) != 0;
    }

    /** Whether an option of IPPROTO_IPV6 is on. */
    public boolean isOn6(int name) {
        return ((name < 64 ? switches6 >>> name : switches6High >>> name - 64) & 1) != 0;
    }

    synchronized void turn4(int name, boolean on) {
        switches4 = on ? switches4 | 1L << name : switches4 & ~(1L << name);
    }

    synchronized void turn6(int name, boolean on) {
        if (name < 64) {
            switches6 = on ? switches6 | 1L << name : switches6 & ~(1L << name);
        } else {
            long bit = 1L << name - 64;
            switches6High = on ? switches6High | bit : switches6High & ~bit;
        }
    }

    /** The time to live of packets to an address. */
    public int ttlFor(IpAddress destination) {
        if (destination.isMulticast()) {
            return destination.isV4() ? multicastTtl : multicastHops;
        }
        int own = destination.isV4() ? ttl : hops;
        return own >= 0 ? own : stack.settings().defaultTtl;
    }

    /** The time to live that was set, 0 for the default. */
    public int unicastTtl(boolean isV4) {
        return Math.max(0, isV4 ? ttl : hops);
    }

    public int trafficClass(boolean isV4) {
        return isV4 ? tos : trafficClass;
    }

    /** The interface for packets to a multicast group, 0 for any. */
    public int multicastDevice(boolean isV4) {
        return isV4 ? multicastDevice : multicastDevice6;
    }

    /** The source address for multicast that IP_MULTICAST_IF chose; the any-address for none. */
    public IpAddress multicastSource() {
        return multicastSource;
    }

    /** Whether packets of a group are wanted. */
    public boolean isMember(IpAddress group, int device) {
        if (group.isV4() ? isOn4(Inet.IP_MULTICAST_ALL) : isOn6(Inet.IPV6_MULTICAST_ALL)) {
            return true;
        }
        synchronized (this) {
            for (Membership m : memberships) {
                if (m.group.equals(group) && (m.device == 0 || m.device == device)) {
                    return true;
                }
            }
        }
        return false;
    }

    // IPPROTO_IP.

    /** setsockopt(2) at IPPROTO_IP. */
    void set4(CallContext context, int name, OptionValue value) throws ErrnoException {
        switch (name) {
            case Inet.IP_ADD_MEMBERSHIP, Inet.IP_DROP_MEMBERSHIP -> {
                membership4(name == Inet.IP_ADD_MEMBERSHIP, value);
                return;
            }
            case Inet.IP_MULTICAST_IF -> {
                multicastInterface(value);
                return;
            }
            default -> {}
        }
        int n = number(value);
        switch (name) {
            case Inet.IP_TOS -> tos = type == Socket.SOCK_STREAM ? n & 0xfc | tos & 3 : n & 0xff;
            case Inet.IP_TTL -> ttl = inRange(n, -1, 1, 255);
            case Inet.IP_MULTICAST_TTL -> {
                need(type != Socket.SOCK_STREAM, Errno.EINVAL);
                multicastTtl = n == -1 ? 1 : inRange(n, 0, 0, 255);
            }
            case Inet.IP_MINTTL -> minTtl = inRange(n, 0, 0, 255);
            case Inet.IP_MTU_DISCOVER ->
                discovery = inRange(n, 0, Inet.IP_PMTUDISC_DONT, Inet.IP_PMTUDISC_OMIT);
            case Inet.IP_HDRINCL -> {
                need(type == Socket.SOCK_RAW, Errno.ENOPROTOOPT);
                turn4(name, n != 0);
            }
            case Inet.IP_TRANSPARENT -> {
                boolean may = context.credentials().hasIn(stack.owner(), Capabilities.CAP_NET_RAW)
                        || context.credentials().hasIn(stack.owner(), Capabilities.CAP_NET_ADMIN);
                need(n == 0 || may, Errno.EPERM);
                turn4(name, n != 0);
            }
            case Inet.IP_MULTICAST_ALL -> {
                need(n == 0 || n == 1, Errno.EINVAL);
                turn4(name, n != 0);
            }
            case Inet.IP_UNICAST_IF -> unicastDevice = Integer.reverseBytes(n);
            case Inet.IP_PKTINFO,
                    Inet.IP_RECVTTL,
                    Inet.IP_RECVTOS,
                    Inet.IP_RECVOPTS,
                    Inet.IP_RETOPTS,
                    Inet.IP_RECVERR,
                    Inet.IP_FREEBIND,
                    Inet.IP_ORIGDSTADDR,
                    Inet.IP_MULTICAST_LOOP,
                    Inet.IP_BIND_ADDRESS_NO_PORT,
                    Inet.IP_RECVFRAGSIZE -> turn4(name, n != 0);
            default -> throw Errno.ENOPROTOOPT.exception();
        }
    }

    /** getsockopt(2) at IPPROTO_IP. */
    byte[] get4(int name, @Nullable IpAddress peer) throws ErrnoException {
        int n = switch (name) {
            case Inet.IP_TOS -> tos;
            case Inet.IP_TTL -> ttl >= 0 ? ttl : stack.settings().defaultTtl;
            case Inet.IP_MULTICAST_TTL -> multicastTtl;
            case Inet.IP_MINTTL -> minTtl;
            case Inet.IP_MTU_DISCOVER -> discovery;
            case Inet.IP_UNICAST_IF -> Integer.reverseBytes(unicastDevice);
            case Inet.IP_MTU -> {
                if (peer == null) {
                    throw Errno.ENOTCONN.exception();
                }
                yield stack.route(peer, 0).output().mtuBytes();
            }
            case Inet.IP_HDRINCL -> {
                need(type == Socket.SOCK_RAW, Errno.ENOPROTOOPT);
                yield isOn4(name) ? 1 : 0;
            }
            case Inet.IP_PKTINFO,
                    Inet.IP_RECVTTL,
                    Inet.IP_RECVTOS,
                    Inet.IP_RECVOPTS,
                    Inet.IP_RETOPTS,
                    Inet.IP_RECVERR,
                    Inet.IP_FREEBIND,
                    Inet.IP_ORIGDSTADDR,
                    Inet.IP_MULTICAST_LOOP,
                    Inet.IP_MULTICAST_ALL,
                    Inet.IP_TRANSPARENT,
                    Inet.IP_BIND_ADDRESS_NO_PORT,
                    Inet.IP_RECVFRAGSIZE -> isOn4(name) ? 1 : 0;
            case Inet.IP_MULTICAST_IF -> {
                byte[] address = new byte[4];
                multicastSource.write(address, 0);
                yield LittleEndian.getInt(address, 0);
            }
            case Inet.IP_OPTIONS -> 0;
            default -> throw Errno.ENOPROTOOPT.exception();
        };
        return name == Inet.IP_OPTIONS ? new byte[0] : SocketOptions.bytes(n);
    }

    /** An int, or a single byte. */
    private static int number(OptionValue value) throws ErrnoException {
        if (value.length() >= Integer.BYTES) {
            return value.asInt();
        }
        return value.length() > 0 ? value.head(1)[0] & 0xff : 0;
    }

    private static void need(boolean condition, Errno otherwise) throws ErrnoException {
        if (!condition) {
            throw otherwise.exception();
        }
    }

    /** A number that is the special one or between bounds; EINVAL. */
    private static int inRange(int n, int special, int first, int last) throws ErrnoException {
        need(n == special || n >= first && n <= last, Errno.EINVAL);
        return n;
    }

    private void membership4(boolean joins, OptionValue value) throws ErrnoException {
        need(value.length() >= 8, Errno.EINVAL);
        byte[] raw = value.upTo(IN_PKTINFO_BYTES);
        IpAddress group = IpAddress.readV4(raw, 0);
        need(group.isMulticast(), Errno.EINVAL);
        int device = raw.length == IN_PKTINFO_BYTES ? LittleEndian.getInt(raw, 8) : 0;
        NetInterface found =
                device != 0 ? stack.interfaceOf(device) : deviceOf(IpAddress.readV4(raw, 4), group);
        need(found != null, joins ? Errno.ENODEV : Errno.EADDRNOTAVAIL);
        change(joins, group, found == null ? 0 : found.index());
    }

    private @Nullable NetInterface deviceOf(IpAddress address, IpAddress group) {
        if (!address.isAny()) {
            for (NetInterface i : stack.interfaces()) {
                for (NetInterface.Address a : i.addresses()) {
                    if (a.address().equals(address)) {
                        return i;
                    }
                }
            }
            return null;
        }
        try {
            return stack.route(group, 0).output();
        } catch (ErrnoException e) {
            return null;
        }
    }

    private synchronized void change(boolean joins, IpAddress group, int device)
            throws ErrnoException {
        Membership m = new Membership(group, device);
        if (!joins) {
            need(memberships.remove(m), Errno.EADDRNOTAVAIL);
            return;
        }
        need(!memberships.contains(m), Errno.EADDRINUSE);
        need(memberships.size() < MEMBERSHIPS_MAX, Errno.ENOBUFS);
        memberships.add(m);
    }

    private void multicastInterface(OptionValue value) throws ErrnoException {
        need(type != Socket.SOCK_STREAM, Errno.EINVAL);
        need(value.length() >= 4, Errno.EINVAL);
        byte[] raw = value.upTo(IN_PKTINFO_BYTES);
        int device = raw.length == IN_PKTINFO_BYTES ? LittleEndian.getInt(raw, 8) : 0;
        IpAddress address = IpAddress.readV4(raw, raw.length >= 8 ? 4 : 0);
        if (device == 0 && address.isAny()) {
            multicastDevice = 0;
            multicastSource = IpAddress.ANY4;
            return;
        }
        NetInterface found =
                device != 0 ? stack.interfaceOf(device) : deviceOf(address, IpAddress.ANY4);
        need(found != null, Errno.EADDRNOTAVAIL);
        multicastDevice = found == null ? 0 : found.index();
        multicastSource = address;
    }

    // IPPROTO_IPV6.

    /** setsockopt(2) at IPPROTO_IPV6, but for IPV6_V6ONLY. */
    void set6(CallContext context, int name, OptionValue value) throws ErrnoException {
        if (name == Inet.IPV6_ADD_MEMBERSHIP || name == Inet.IPV6_DROP_MEMBERSHIP) {
            byte[] raw = value.head(20);
            IpAddress group = IpAddress.readV6(raw, 0);
            int device = LittleEndian.getInt(raw, 16);
            need(group.isMulticast() && !group.isV4(), Errno.EINVAL);
            need(device == 0 || stack.interfaceOf(device) != null, Errno.ENODEV);
            change(name == Inet.IPV6_ADD_MEMBERSHIP, group, device);
            return;
        }
        int n = value.length() == 0 ? 0 : value.asInt();
        switch (name) {
            case Inet.IPV6_UNICAST_HOPS -> hops = inRange(n, -1, 0, 255);
            case Inet.IPV6_MULTICAST_HOPS -> {
                need(type != Socket.SOCK_STREAM, Errno.ENOPROTOOPT);
                multicastHops = n == -1 ? HOPS_DEFAULT : inRange(n, -1, 0, 255);
            }
            case Inet.IPV6_TCLASS -> {
                need(n >= -1 && n <= 0xff, Errno.EINVAL);
                trafficClass = n == -1 ? 0 : n;
            }
            case Inet.IPV6_MULTICAST_IF -> {
                need(type != Socket.SOCK_STREAM, Errno.ENOPROTOOPT);
                need(n == 0 || stack.interfaceOf(n) != null, Errno.ENODEV);
                multicastDevice6 = n;
            }
            case Inet.IPV6_MTU_DISCOVER ->
                discovery6 = inRange(n, 0, Inet.IP_PMTUDISC_DONT, Inet.IP_PMTUDISC_OMIT);
            case Inet.IPV6_UNICAST_IF -> unicastDevice = Integer.reverseBytes(n);
            case Inet.IPV6_MULTICAST_LOOP -> {
                need(n == 0 || n == 1, Errno.EINVAL);
                turn6(name, n != 0);
            }
            case Inet.IPV6_TRANSPARENT -> {
                boolean may = context.credentials().hasIn(stack.owner(), Capabilities.CAP_NET_RAW)
                        || context.credentials().hasIn(stack.owner(), Capabilities.CAP_NET_ADMIN);
                need(n == 0 || may, Errno.EPERM);
                turn6(name, n != 0);
            }
            case Inet.IPV6_RECVPKTINFO,
                    Inet.IPV6_2292PKTINFO,
                    Inet.IPV6_2292HOPLIMIT,
                    Inet.IPV6_RECVHOPLIMIT,
                    Inet.IPV6_RECVTCLASS,
                    Inet.IPV6_RECVERR,
                    Inet.IPV6_RECVRTHDR,
                    Inet.IPV6_RECVHOPOPTS,
                    Inet.IPV6_RECVDSTOPTS,
                    Inet.IPV6_RECVPATHMTU,
                    Inet.IPV6_DONTFRAG,
                    Inet.IPV6_FREEBIND,
                    Inet.IPV6_AUTOFLOWLABEL,
                    Inet.IPV6_MULTICAST_ALL -> turn6(name, n != 0);
            default -> throw Errno.ENOPROTOOPT.exception();
        }
    }

    /** getsockopt(2) at IPPROTO_IPV6, but for IPV6_V6ONLY. */
    byte[] get6(int name, @Nullable IpAddress peer) throws ErrnoException {
        int n = switch (name) {
            case Inet.IPV6_UNICAST_HOPS -> hops >= 0 ? hops : HOPS_DEFAULT;
            case Inet.IPV6_MULTICAST_HOPS -> multicastHops;
            case Inet.IPV6_TCLASS -> trafficClass;
            case Inet.IPV6_MULTICAST_IF -> multicastDevice6;
            case Inet.IPV6_MTU_DISCOVER -> discovery6;
            case Inet.IPV6_UNICAST_IF -> Integer.reverseBytes(unicastDevice);
            case Inet.IPV6_ADDRFORM -> family;
            case Inet.IPV6_MTU -> {
                if (peer == null) {
                    throw Errno.ENOTCONN.exception();
                }
                yield stack.route(peer, 0).output().mtuBytes();
            }
            case Inet.IPV6_MULTICAST_LOOP,
                    Inet.IPV6_RECVPKTINFO,
                    Inet.IPV6_2292PKTINFO,
                    Inet.IPV6_2292HOPLIMIT,
                    Inet.IPV6_RECVHOPLIMIT,
                    Inet.IPV6_RECVTCLASS,
                    Inet.IPV6_RECVERR,
                    Inet.IPV6_RECVRTHDR,
                    Inet.IPV6_RECVHOPOPTS,
                    Inet.IPV6_RECVDSTOPTS,
                    Inet.IPV6_RECVPATHMTU,
                    Inet.IPV6_DONTFRAG,
                    Inet.IPV6_FREEBIND,
                    Inet.IPV6_TRANSPARENT,
                    Inet.IPV6_AUTOFLOWLABEL,
                    Inet.IPV6_MULTICAST_ALL -> isOn6(name) ? 1 : 0;
            default -> throw Errno.ENOPROTOOPT.exception();
        };
        return SocketOptions.bytes(n);
    }
}
