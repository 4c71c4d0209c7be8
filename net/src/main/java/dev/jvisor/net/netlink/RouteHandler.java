// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.netlink;

import static dev.jvisor.platform.abi.Netlink.NLM_F_MULTI;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.link.NetInterface;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.NetDevice;
import dev.jvisor.platform.abi.Netlink;
import dev.jvisor.platform.abi.Socket;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** NETLINK_ROUTE: links, addresses and routes (rtnetlink(7)). */
final class RouteHandler implements Handler {

    private static final int LINK_BYTES = 16;
    private static final int ADDRESS_BYTES = 8;
    private static final int ROUTE_BYTES = 12;

    /** {@code struct fib_rule_hdr}: FR_ACT_TO_TBL, FRA_PRIORITY, FRA_TABLE. */
    private static final int TO_TABLE = 1;

    private static final int RULE_PRIORITY = 6;
    private static final int RULE_TABLE = 15;
    private static final int RULE_SUPPRESS = 14;

    /** Linux: the route is to this machine ({@code linux/in_route.h}). */
    private static final int RTCF_LOCAL = 0x80000000;

    /** Linux: INFINITY_LIFE_TIME. */
    private static final int FOREVER = -1;

    private final InternetStack stack;

    RouteHandler(InternetStack stack) {
        this.stack = stack;
    }

    @Override
    public void handle(CallContext context, Request r, Answer answer) throws ErrnoException {
        if (r.type() > Netlink.RTM_MAX) {
            throw Errno.EOPNOTSUPP.exception();
        }
        if (r.payloadLength() < 1) {
            return;
        }
        boolean isGet = (r.type() & 3) == 2;
        if (!isGet && !context.credentials().hasIn(stack.owner(), Capabilities.CAP_NET_ADMIN)) {
            throw Errno.EPERM.exception();
        }
        if (isGet && r.isDump()) {
            answer.dump(dump(r).iterator());
            return;
        }
        switch (r.type()) {
            case Netlink.RTM_GETLINK -> answer.reply(link(device(r), r, 0));
            case Netlink.RTM_NEWLINK, Netlink.RTM_SETLINK -> changeLink(r);
            case Netlink.RTM_NEWADDR, Netlink.RTM_DELADDR -> changeAddress(r);
            case Netlink.RTM_GETROUTE ->
                answer.reply(lookup(r, context.credentials().euid()));
            case Netlink.RTM_NEWROUTE, Netlink.RTM_DELROUTE -> changeRoute(r);
            default -> throw Errno.EOPNOTSUPP.exception();
        }
    }

    // Dumps.

    private List<byte[]> dump(Request r) throws ErrnoException {
        int family = r.int8(0);
        return switch (r.type()) {
            case Netlink.RTM_GETLINK -> links(r);
            case Netlink.RTM_GETADDR -> addresses(r, family);
            case Netlink.RTM_GETROUTE -> routes(r, family);
            case Netlink.RTM_GETRULE -> rules(r, family);
            case Netlink.RTM_GETNEIGH,
                    Netlink.RTM_GETQDISC,
                    Netlink.RTM_GETADDRLABEL,
                    Netlink.RTM_GETNETCONF,
                    Netlink.RTM_GETMULTICAST,
                    Netlink.RTM_GETANYCAST -> new ArrayList<>();
            default -> throw Errno.EOPNOTSUPP.exception();
        };
    }

    private List<byte[]> links(Request r) {
        List<byte[]> all = new ArrayList<>();
        for (NetInterface device : stack.interfaces()) {
            all.add(link(device, r, NLM_F_MULTI));
        }
        return all;
    }

    private static byte[] link(NetInterface device, Request r, int flags) {
        MessageWriter w = new MessageWriter(Netlink.RTM_NEWLINK, flags, r.sequence(), r.port());
        w.int8(Socket.AF_UNSPEC).int8(0).int16(device.hardwareType());
        w.int32(device.index()).int32(device.flags()).int32(0);
        w.attribute(Netlink.IFLA_IFNAME, device.name());
        w.attribute32(Netlink.IFLA_TXQLEN, 1000);
        w.attribute8(Netlink.IFLA_OPERSTATE, device.isUp() ? 0 : device.isLoopback() ? 2 : 0);
        w.attribute8(Netlink.IFLA_LINKMODE, 0);
        w.attribute32(Netlink.IFLA_MTU, device.mtuBytes());
        w.attribute32(Netlink.IFLA_GROUP, 0);
        w.attribute32(Netlink.IFLA_PROMISCUITY, 0);
        w.attribute32(Netlink.IFLA_NUM_TX_QUEUES, 1);
        w.attribute32(Netlink.IFLA_NUM_RX_QUEUES, 1);
        w.attribute8(Netlink.IFLA_CARRIER, 1);
        w.attribute(Netlink.IFLA_QDISC, "noqueue");
        w.attribute32(Netlink.IFLA_CARRIER_CHANGES, 0);
        byte[] hardware = device.hardwareAddress();
        w.attribute(Netlink.IFLA_ADDRESS, hardware);
        w.attribute(Netlink.IFLA_BROADCAST, new byte[hardware.length]);
        w.attribute(Netlink.IFLA_STATS64, statistics(device, 25, Long.BYTES));
        w.attribute(Netlink.IFLA_STATS, statistics(device, 24, Integer.BYTES));
        return w.finish();
    }

    /** {@code struct rtnl_link_stats[64]}. */
    private static byte[] statistics(NetInterface device, int fields, int width) {
        byte[] raw = new byte[fields * width];
        long[] values = {
            device.receivedPackets.sum(),
            device.sentPackets.sum(),
            device.receivedBytes.sum(),
            device.sentBytes.sum()
        };
        for (int i = 0; i < values.length; i++) {
            if (width == Long.BYTES) {
                LittleEndian.putLong(raw, i * width, values[i]);
            } else {
                LittleEndian.putInt(raw, i * width, (int) values[i]);
            }
        }
        return raw;
    }

    private static boolean isWanted(int family, IpAddress address) {
        return family == Socket.AF_UNSPEC || (family == Socket.AF_INET) == address.isV4();
    }

    private List<byte[]> addresses(Request r, int family) {
        List<byte[]> all = new ArrayList<>();
        int only = r.payloadLength() >= ADDRESS_BYTES ? r.int32(4) : 0;
        for (boolean v4 : new boolean[] {true, false}) {
            for (NetInterface device : stack.interfaces()) {
                for (NetInterface.Address a : device.addresses()) {
                    if (a.address().isV4() == v4
                            && isWanted(family, a.address())
                            && (only == 0 || only == device.index())) {
                        all.add(address(device, a, r));
                    }
                }
            }
        }
        return all;
    }

    private static byte[] address(NetInterface device, NetInterface.Address a, Request r) {
        MessageWriter w =
                new MessageWriter(Netlink.RTM_NEWADDR, NLM_F_MULTI, r.sequence(), r.port());
        boolean isV4 = a.address().isV4();
        w.int8(isV4 ? Socket.AF_INET : Socket.AF_INET6)
                .int8(a.prefixBits())
                .int8(Netlink.IFA_F_PERMANENT)
                .int8(a.scope())
                .int32(device.index());
        w.attribute(Netlink.IFA_ADDRESS, a.address());
        if (isV4) {
            w.attribute(Netlink.IFA_LOCAL, a.address());
            w.attribute(Netlink.IFA_LABEL, device.name());
        }
        w.attribute32(Netlink.IFA_FLAGS, Netlink.IFA_F_PERMANENT);
        byte[] cache = new byte[16];
        LittleEndian.putInt(cache, 0, FOREVER);
        LittleEndian.putInt(cache, 4, FOREVER);
        w.attribute(Netlink.IFA_CACHEINFO, cache);
        return w.finish();
    }

    private List<byte[]> routes(Request r, int family) {
        List<byte[]> all = new ArrayList<>();
        int table = r.payloadLength() >= ROUTE_BYTES ? r.int8(4) : 0;
        boolean cloned =
                r.payloadLength() >= ROUTE_BYTES && (r.int32(8) & Netlink.RTM_F_CLONED) != 0;
        if (cloned) {
            return all;
        }
        for (boolean v4 : new boolean[] {true, false}) {
            for (Route route : stack.routes().routes()) {
                if (route.prefix().isV4() == v4
                        && isWanted(family, route.prefix())
                        && (table == 0 || table == route.table())) {
                    all.add(route(route, r));
                }
            }
        }
        return all;
    }

    private static byte[] route(Route route, Request r) {
        IpAddress destination = route.prefix();
        int bits = route.prefixBits();
        MessageWriter w =
                new MessageWriter(Netlink.RTM_NEWROUTE, NLM_F_MULTI, r.sequence(), r.port());
        boolean isV4 = destination.isV4();
        w.int8(isV4 ? Socket.AF_INET : Socket.AF_INET6).int8(bits).int8(0).int8(0);
        w.int8(route.table()).int8(route.origin()).int8(route.scope()).int8(route.type());
        w.int32(0);
        w.attribute32(Netlink.RTA_TABLE, route.table());
        if (bits > 0) {
            w.attribute(Netlink.RTA_DST, destination);
        }
        if (!isV4 || route.priority() != 0) {
            w.attribute32(Netlink.RTA_PRIORITY, route.priority());
        }
        IpAddress source = route.source();
        if (source != null) {
            w.attribute(Netlink.RTA_PREFSRC, source);
        }
        IpAddress gateway = route.gateway();
        if (gateway != null) {
            w.attribute(Netlink.RTA_GATEWAY, gateway);
        }
        w.attribute32(Netlink.RTA_OIF, route.output().index());
        if (!isV4) {
            w.attribute(Netlink.RTA_CACHEINFO, new byte[32]);
            w.attribute8(Netlink.RTA_PREF, 0);
        }
        return w.finish();
    }

    /** The rules that are always there: local, main and, for IPv4, default. */
    private static List<byte[]> rules(Request r, int family) {
        List<byte[]> all = new ArrayList<>();
        for (int f : new int[] {Socket.AF_INET, Socket.AF_INET6}) {
            if (family != Socket.AF_UNSPEC && family != f) {
                continue;
            }
            all.add(rule(r, f, 0, Netlink.RT_TABLE_LOCAL));
            all.add(rule(r, f, 32766, Netlink.RT_TABLE_MAIN));
            if (f == Socket.AF_INET) {
                all.add(rule(r, f, 32767, Netlink.RT_TABLE_DEFAULT));
            }
        }
        return all;
    }

    private static byte[] rule(Request r, int family, int priority, int table) {
        MessageWriter w =
                new MessageWriter(Netlink.RTM_NEWRULE, NLM_F_MULTI, r.sequence(), r.port());
        w.int8(family)
                .int8(0)
                .int8(0)
                .int8(0)
                .int8(table)
                .int8(0)
                .int8(0)
                .int8(TO_TABLE)
                .int32(0);
        w.attribute32(RULE_TABLE, table);
        w.attribute32(RULE_SUPPRESS, -1);
        if (priority != 0) {
            w.attribute32(RULE_PRIORITY, priority);
        }
        return w.finish();
    }

    // Single requests.

    private NetInterface device(Request r) throws ErrnoException {
        if (r.payloadLength() < LINK_BYTES) {
            throw Errno.EINVAL.exception();
        }
        int index = r.int32(4);
        NetInterface found = null;
        if (index != 0) {
            found = stack.interfaceOf(index);
        } else {
            byte[] name = r.attribute(LINK_BYTES, Netlink.IFLA_IFNAME);
            if (name == null) {
                name = r.attribute(LINK_BYTES, Netlink.IFLA_ALT_IFNAME);
            }
            if (name == null) {
                throw Errno.EINVAL.exception();
            }
            found = stack.interfaceOf(text(name));
        }
        if (found == null) {
            throw Errno.ENODEV.exception();
        }
        return found;
    }

    private static String text(byte[] raw) {
        int length = 0;
        while (length < raw.length && raw[length] != 0) {
            length++;
        }
        return new String(raw, 0, length, StandardCharsets.ISO_8859_1);
    }

    private void changeLink(Request r) throws ErrnoException {
        NetInterface device;
        try {
            device = device(r);
        } catch (ErrnoException e) {
            boolean creates = r.has(Netlink.NLM_F_CREATE) && e.errno == Errno.ENODEV;
            throw creates ? Errno.EOPNOTSUPP.exception() : e;
        }
        if (r.has(Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL)) {
            throw Errno.EEXIST.exception();
        }
        byte[] mtu = r.attribute(LINK_BYTES, Netlink.IFLA_MTU);
        if (mtu != null && mtu.length >= 4) {
            int bytes = LittleEndian.getInt(mtu, 0);
            if (bytes < 0) {
                throw Errno.EINVAL.exception();
            }
            device.setMtuBytes(bytes);
        }
        int change = r.int32(12);
        if ((change & NetDevice.IFF_UP) != 0) {
            stack.setUp(device, (r.int32(8) & NetDevice.IFF_UP) != 0);
        }
    }

    private static @Nullable IpAddress address(byte @Nullable [] raw) {
        if (raw == null) {
            return null;
        }
        return switch (raw.length) {
            case IpAddress.V4_BYTES -> IpAddress.readV4(raw, 0);
            case IpAddress.V6_BYTES -> IpAddress.readV6(raw, 0);
            default -> null;
        };
    }

    private void changeAddress(Request r) throws ErrnoException {
        if (r.payloadLength() < ADDRESS_BYTES) {
            throw Errno.EINVAL.exception();
        }
        NetInterface device = stack.interfaceOf(r.int32(4));
        if (device == null) {
            throw Errno.ENODEV.exception();
        }
        IpAddress address = address(r.attribute(ADDRESS_BYTES, Netlink.IFA_LOCAL));
        if (address == null) {
            address = address(r.attribute(ADDRESS_BYTES, Netlink.IFA_ADDRESS));
        }
        int bits = r.int8(1);
        if (address == null
                || address.isV4() != (r.int8(0) == Socket.AF_INET)
                || bits > address.length() * 8) {
            throw Errno.EINVAL.exception();
        }
        NetInterface.Address entry = new NetInterface.Address(address, bits, r.int8(3));
        if (r.type() == Netlink.RTM_DELADDR) {
            if (!stack.removeAddress(device, entry)) {
                throw Errno.EADDRNOTAVAIL.exception();
            }
        } else if (!stack.addAddress(device, entry)) {
            throw Errno.EEXIST.exception();
        }
    }

    private byte[] lookup(Request r, int userId) throws ErrnoException {
        IpAddress to = address(r.attribute(ROUTE_BYTES, Netlink.RTA_DST));
        if (to == null) {
            throw Errno.EINVAL.exception();
        }
        Route route = stack.route(to, 0);
        boolean isV4 = to.isV4();
        MessageWriter w = new MessageWriter(Netlink.RTM_NEWROUTE, 0, r.sequence(), r.port());
        w.int8(isV4 ? Socket.AF_INET : Socket.AF_INET6)
                .int8(to.length() * 8)
                .int8(0)
                .int8(0);

        int table = !isV4 ? route.table() : Netlink.RT_TABLE_MAIN;
        w.int8(table).int8(isV4 ? 0 : route.origin()).int8(0).int8(route.type());
        boolean isLocal = isV4 && route.type() == Netlink.RTN_LOCAL;
        w.int32(Netlink.RTM_F_CLONED | (isLocal ? RTCF_LOCAL : 0));
        w.attribute32(Netlink.RTA_TABLE, table);
        w.attribute(Netlink.RTA_DST, to);
        w.attribute32(Netlink.RTA_OIF, route.output().index());
        w.attribute(Netlink.RTA_PREFSRC, stack.sourceFor(route, to));
        IpAddress gateway = route.gateway();
        if (gateway != null) {
            w.attribute(Netlink.RTA_GATEWAY, gateway);
        }
        if (isV4) {
            w.attribute32(Netlink.RTA_UID, userId);
        }
        w.attribute(Netlink.RTA_CACHEINFO, new byte[32]);
        return w.finish();
    }

    private void changeRoute(Request r) throws ErrnoException {
        if (r.payloadLength() < ROUTE_BYTES) {
            throw Errno.EINVAL.exception();
        }
        boolean isV4 = r.int8(0) == Socket.AF_INET;
        int bits = r.int8(1);
        IpAddress prefix = address(r.attribute(ROUTE_BYTES, Netlink.RTA_DST));
        if (prefix == null) {
            prefix = isV4 ? IpAddress.ANY4 : IpAddress.ANY6;
        }
        if (prefix.isV4() != isV4 || bits > prefix.length() * 8) {
            throw Errno.EINVAL.exception();
        }
        int table = r.int8(4) == 0 ? Netlink.RT_TABLE_MAIN : r.int8(4);
        byte[] output = r.attribute(ROUTE_BYTES, Netlink.RTA_OIF);
        byte[] priority = r.attribute(ROUTE_BYTES, Netlink.RTA_PRIORITY);
        int metric = 0;
        if (priority != null && priority.length >= 4) {
            metric = LittleEndian.getInt(priority, 0);
        }
        if (r.type() == Netlink.RTM_DELROUTE) {
            removeRoute(prefix, bits, table);
            return;
        }
        IpAddress gateway = address(r.attribute(ROUTE_BYTES, Netlink.RTA_GATEWAY));
        NetInterface device = output != null && output.length >= 4
                ? stack.interfaceOf(LittleEndian.getInt(output, 0))
                : gateway != null ? stack.route(gateway, 0).output() : null;
        if (device == null) {
            throw Errno.ENODEV.exception();
        }
        if (!device.isUp()) {
            throw Errno.ENETDOWN.exception();
        }
        Route route = new Route(
                prefix,
                bits,
                table,
                r.int8(7),
                r.int8(6),
                r.int8(5),
                metric,
                device,
                gateway,
                address(r.attribute(ROUTE_BYTES, Netlink.RTA_PREFSRC)));
        if (!stack.routes().add(route)) {
            throw Errno.EEXIST.exception();
        }
    }

    private void removeRoute(IpAddress prefix, int bits, int table) throws ErrnoException {
        for (Route route : stack.routes().routes()) {
            if (route.table() == table
                    && route.prefixBits() == bits
                    && route.prefix().equals(prefix)) {
                stack.routes().remove(route);
                return;
            }
        }
        throw Errno.ESRCH.exception();
    }
}
