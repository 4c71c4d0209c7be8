// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.net.inet.icmp.Icmp;
import dev.jvisor.net.inet.icmp.RawTable;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.IpHeader;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.net.inet.link.LoopbackLink;
import dev.jvisor.net.inet.link.NetInterface;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.net.inet.route.RouteTable;
import dev.jvisor.net.inet.tcp.TcpProtocol;
import dev.jvisor.net.inet.udp.UdpProtocol;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.NetDevice;
import dev.jvisor.platform.abi.Netlink;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The TCP/IP stack of a network namespace: interfaces, routes, IP itself and the protocols over it.
 * Thread-safe.
 */
public final class InternetStack {

    private static final int LOOPBACK_INDEX = 1;
    private static final int LOOPBACK_BITS4 = 8;
    private static final int HOST_BITS4 = 32;
    private static final int HOST_BITS6 = 128;
    private static final int IP6_METRIC = 256;

    private final NetTimers timers;
    private final UserNamespace owner;
    private final Settings settings = new Settings();
    private final LongAdder[] counters = new LongAdder[Counter.values().length];
    private final RouteTable routes = new RouteTable();
    private final NetInterface loopback;
    private volatile NetInterface[] interfaces;
    private final TcpProtocol tcp;
    private final UdpProtocol udp;
    private final UdpProtocol udpLite;
    private final Icmp icmp;
    private final RawTable raw;

    /** Identification of the next IPv4 packet that may be fragmented. */
    private final AtomicInteger identification =
            new AtomicInteger(ThreadLocalRandom.current().nextInt());

    /** A stack with a loopback interface that is down, ruled by the first user namespace. */
    public InternetStack(NetTimers timers) {
        this(timers, UserNamespace.INITIAL);
    }

    /** A stack with a loopback interface that is down. */
    public InternetStack(NetTimers timers, UserNamespace owner) {
        this.timers = timers;
        this.owner = owner;
        for (int i = 0; i < counters.length; i++) {
            counters[i] = new LongAdder();
        }
        loopback = new NetInterface(
                LOOPBACK_INDEX,
                "lo",
                NetDevice.ARPHRD_LOOPBACK,
                new byte[6],
                NetDevice.IFF_LOOPBACK,
                LoopbackLink.MTU_BYTES,
                new LoopbackLink(this::input));
        interfaces = new NetInterface[] {loopback};
        tcp = new TcpProtocol(this);
        udp = new UdpProtocol(this, Inet.IPPROTO_UDP);
        udpLite = new UdpProtocol(this, Inet.IPPROTO_UDPLITE);
        raw = new RawTable();
        icmp = new Icmp(this);
    }

    public NetTimers timers() {
        return timers;
    }

    public Settings settings() {
        return settings;
    }

    public RouteTable routes() {
        return routes;
    }

    public TcpProtocol tcp() {
        return tcp;
    }

    public UdpProtocol udp() {
        return udp;
    }

    public UdpProtocol udpLite() {
        return udpLite;
    }

    public Icmp icmp() {
        return icmp;
    }

    public RawTable raw() {
        return raw;
    }

    public NetInterface loopback() {
        return loopback;
    }

    /** All interfaces; not to be changed. */
    public NetInterface[] interfaces() {
        return interfaces;
    }

    public @Nullable NetInterface interfaceOf(int index) {
        for (NetInterface i : interfaces) {
            if (i.index() == index) {
                return i;
            }
        }
        return null;
    }

    public @Nullable NetInterface interfaceOf(String name) {
        for (NetInterface i : interfaces) {
            if (i.name().equals(name)) {
                return i;
            }
        }
        return null;
    }

    public void count(Counter counter) {
        counters[counter.ordinal()].increment();
    }

    public long counted(Counter counter) {
        return counters[counter.ordinal()].sum();
    }

    // Interfaces.

    /** Adds an interface that is down; its index and name are free. */
    public synchronized void addInterface(NetInterface device) {
        NetInterface[] more = java.util.Arrays.copyOf(interfaces, interfaces.length + 1);
        more[interfaces.length] = device;
        interfaces = more;
    }

    /** Brings an interface up or down; its routes follow. */
    public synchronized void setUp(NetInterface device, boolean up) {
        if (up == device.isUp()) {
            return;
        }
        if (!up) {
            device.changeFlags(0, NetDevice.IFF_UP);
            routes.removeAll(device);
            if (device.isLoopback()) {
                keepLocal(device);
            }
            for (NetInterface.Address a : device.addresses()) {
                if (!a.address().isV4()) {
                    device.removeAddress(a);
                }
            }
            return;
        }
        device.changeFlags(NetDevice.IFF_UP, 0);
        if (device.isLoopback()) {
            device.addAddress(new NetInterface.Address(
                    IpAddress.LOOPBACK4, LOOPBACK_BITS4, Netlink.RT_SCOPE_HOST));
            device.addAddress(new NetInterface.Address(
                    IpAddress.LOOPBACK6, HOST_BITS6, Netlink.RT_SCOPE_HOST));
        }
        for (NetInterface.Address a : device.addresses()) {
            addRoutes(device, a);
        }
    }

    /** Local addresses of IPv4 stay when lo goes down: packets to them are lost, as on Linux. */
    private void keepLocal(NetInterface device) {
        for (NetInterface.Address a : device.addresses()) {
            IpAddress address = a.address();
            if (address.isV4()) {
                IpAddress network = network4(address, a.prefixBits());
                addLocal(device, network, a.prefixBits(), Netlink.RTN_LOCAL, Netlink.RT_SCOPE_HOST);
                addLocal(device, address, HOST_BITS4, Netlink.RTN_LOCAL, Netlink.RT_SCOPE_HOST);
            }
        }
    }

    /** Adds an address to an interface; false if it has it. */
    public synchronized boolean addAddress(NetInterface device, NetInterface.Address address) {
        if (!device.addAddress(address)) {
            return false;
        }
        if (device.isUp()) {
            addRoutes(device, address);
        }
        return true;
    }

    /** Removes an address; false if it is not there. */
    public synchronized boolean removeAddress(NetInterface device, NetInterface.Address address) {
        if (!device.removeAddress(address)) {
            return false;
        }
        if (device.isUp()) {
            routes.removeAll(device);
            for (NetInterface.Address a : device.addresses()) {
                addRoutes(device, a);
            }
        }
        return true;
    }

    /** The routes that an address brings (Linux: fib_add_ifaddr, __ipv6_ifa_notify). */
    private void addRoutes(NetInterface device, NetInterface.Address a) {
        IpAddress address = a.address();
        if (!address.isV4()) {
            if (!device.isLoopback()) {
                addMain6(device, a);
            }
            addLocal(device, address, HOST_BITS6, Netlink.RTN_LOCAL, Netlink.RT_SCOPE_UNIVERSE);
            return;
        }
        int bits = a.prefixBits();
        if (bits == HOST_BITS4) {
            addLocal(device, address, HOST_BITS4, Netlink.RTN_LOCAL, Netlink.RT_SCOPE_HOST);
            return;
        }
        IpAddress network = network4(address, bits);
        if (device.isLoopback()) {
            addLocal(device, network, bits, Netlink.RTN_LOCAL, Netlink.RT_SCOPE_HOST);
        } else {
            routes.add(new Route(
                    network,
                    bits,
                    Netlink.RT_TABLE_MAIN,
                    Netlink.RTN_UNICAST,
                    Netlink.RT_SCOPE_LINK,
                    Netlink.RTPROT_KERNEL,
                    0,
                    device,
                    null,
                    address));
        }
        addLocal(device, address, HOST_BITS4, Netlink.RTN_LOCAL, Netlink.RT_SCOPE_HOST);
        if (bits < HOST_BITS4 - 1) {
            IpAddress broadcast = IpAddress.v4(network.v4Bits() | -1 >>> bits);
            Route route = new Route(
                    broadcast,
                    HOST_BITS4,
                    Netlink.RT_TABLE_LOCAL,
                    Netlink.RTN_BROADCAST,
                    Netlink.RT_SCOPE_LINK,
                    Netlink.RTPROT_KERNEL,
                    0,
                    device,
                    null,
                    address);
            routes.add(route);
        }
    }

    private void addMain6(NetInterface device, NetInterface.Address a) {
        routes.add(new Route(
                a.address(),
                a.prefixBits(),
                Netlink.RT_TABLE_MAIN,
                Netlink.RTN_UNICAST,
                Netlink.RT_SCOPE_UNIVERSE,
                Netlink.RTPROT_KERNEL,
                IP6_METRIC,
                device,
                null,
                null));
    }

    private void addLocal(NetInterface device, IpAddress prefix, int bits, int type, int scope) {
        routes.add(new Route(
                prefix,
                bits,
                Netlink.RT_TABLE_LOCAL,
                type,
                scope,
                Netlink.RTPROT_KERNEL,
                0,
                device,
                null,
                prefix.isV4() ? firstAddress4(device) : null));
    }

    private static @Nullable IpAddress firstAddress4(NetInterface device) {
        for (NetInterface.Address a : device.addresses()) {
            if (a.address().isV4()) {
                return a.address();
            }
        }
        return null;
    }

    /** The network part of an address. */
    public static IpAddress network4(IpAddress address, int bits) {
        return IpAddress.v4(bits == 0 ? 0 : address.v4Bits() & -1 << HOST_BITS4 - bits);
    }

    // Routing.

    /**
     * The route to an address.
     *
     * @param device interface to use, 0 for any
     * @throws ErrnoException ENETUNREACH
     */
    public Route route(IpAddress destination, int device) throws ErrnoException {
        Route route = routes.lookup(destination);
        if (route == null && isUnrouted(destination)) {
            NetInterface out = device != 0 ? interfaceOf(device) : unroutedOutput(destination);
            if (out != null && out.isUp()) {
                route = new Route(
                        destination,
                        destination.isV4() ? HOST_BITS4 : HOST_BITS6,
                        Netlink.RT_TABLE_MAIN,
                        destination.isMulticast() ? Netlink.RTN_MULTICAST : Netlink.RTN_BROADCAST,
                        Netlink.RT_SCOPE_LINK,
                        Netlink.RTPROT_KERNEL,
                        0,
                        out,
                        null,
                        destination.isV4() ? firstAddress4(out) : null);
            }
        }
        if (route == null || device != 0 && route.output().index() != device) {
            count(Counter.IP_OUT_NO_ROUTES);
            throw Errno.ENETUNREACH.exception();
        }
        return route;
    }

    private static boolean isUnrouted(IpAddress destination) {
        return destination.isMulticast() || destination.equals(IpAddress.BROADCAST4);
    }

    /** Where multicast of IPv6 goes that names no interface: the first that can. */
    private @Nullable NetInterface unroutedOutput(IpAddress destination) {
        return destination.isV4() ? null : loopback;
    }

    /** The source address for packets that a route takes. */
    public IpAddress sourceFor(Route route, IpAddress destination) {
        IpAddress source = route.source();
        if (source != null) {
            return source;
        }
        if (route.type() == Netlink.RTN_LOCAL) {
            return destination;
        }
        for (NetInterface.Address a : route.output().addresses()) {
            if (a.address().isV4() == destination.isV4()) {
                return a.address();
            }
        }
        return destination.any();
    }

    /** Whether an address is one of this machine's. */
    public boolean isLocal(IpAddress address) {
        return routes.isLocal(address);
    }

    // IP.

    /**
     * Sends a packet with its transport header: addresses, protocol, ttl and trafficClass are set.
     */
    public void output(Route route, Packet packet) {
        packet.transportStart = packet.headerStart;
        if (packet.source.isV4()) {
            count(Counter.IP_OUT_REQUESTS);
            IpHeader.writeV4(packet, identification.getAndIncrement());
        } else {
            count(Counter.IP6_OUT_REQUESTS);
            IpHeader.writeV6(packet);
        }
        NetInterface out = route.output();
        if (route.type() == Netlink.RTN_LOCAL) {
            out = loopback;
        }
        if (out.isUp()) {
            out.transmit(packet);
        }
    }

    /** Sends a packet whose network header the guest wrote. */
    public void outputRaw(Route route, Packet packet) {
        count(Counter.IP_OUT_REQUESTS);
        NetInterface out = route.type() == Netlink.RTN_LOCAL ? loopback : route.output();
        if (out.isUp()) {
            out.transmit(packet);
        }
    }

    /** Takes a packet with its network header from a link. */
    public void input(NetInterface from, Packet packet) {
        from.receivedPackets.increment();
        from.receivedBytes.add(packet.length());
        packet.input = from;
        boolean isV4 = packet.header[packet.headerStart] >>> 4 == 4;
        count(isV4 ? Counter.IP_IN_RECEIVES : Counter.IP6_IN_RECEIVES);
        if (!(isV4 ? IpHeader.readV4(packet) : IpHeader.readV6(packet))) {
            count(Counter.IP_IN_HEADER_ERRORS);
            return;
        }
        IpAddress to = packet.destination;
        if (!isForUs(to)) {
            count(Counter.IP_IN_ADDRESS_ERRORS);
            return; // nothing is forwarded
        }
        count(isV4 ? Counter.IP_IN_DELIVERS : Counter.IP6_IN_DELIVERS);
        boolean taken = raw.input(packet);
        switch (packet.protocol) {
            case Inet.IPPROTO_TCP -> tcp.input(packet);
            case Inet.IPPROTO_UDP -> udp.input(packet);
            case Inet.IPPROTO_UDPLITE -> udpLite.input(packet);
            case Inet.IPPROTO_ICMP, Inet.IPPROTO_ICMPV6 -> icmp.input(packet);
            default -> {
                if (!taken) {
                    count(Counter.IP_IN_UNKNOWN_PROTOCOLS);
                    icmp.sendProtocolUnreachable(packet);
                }
            }
        }
    }

    private boolean isForUs(IpAddress to) {
        if (to.isMulticast() || to.equals(IpAddress.BROADCAST4)) {
            return true;
        }
        Route route = routes.lookup(to);
        return route != null
                && (route.type() == Netlink.RTN_LOCAL || route.type() == Netlink.RTN_BROADCAST);
    }

    /** The transport of a protocol number, for errors about its packets. */
    public @Nullable Transport transport(int protocol) {
        return switch (protocol) {
            case Inet.IPPROTO_TCP -> tcp;
            case Inet.IPPROTO_UDP -> udp;
            case Inet.IPPROTO_UDPLITE -> udpLite;
            default -> null;
        };
    }

    /** The user namespace whose capabilities rule it. */
    public UserNamespace owner() {
        return owner;
    }
}
