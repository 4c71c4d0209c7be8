// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.icmp;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.inet.DatagramSocket;
import dev.jvisor.net.inet.core.InetAddress;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.ip.Bytes;
import dev.jvisor.net.inet.ip.Checksum;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.IpHeader;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.OptionValue;
import dev.jvisor.net.socket.SocketOptions;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Socket;

/** raw(7). */
public final class RawSocket extends DatagramSocket {

    private static final int FILTER4_BYTES = 4;
    private static final int FILTER6_BYTES = 32;

    /** ICMP_FILTER, ICMPV6_FILTER: a set bit keeps a type away. */
    private volatile byte[] filter;

    /** IPV6_CHECKSUM: where the checksum is, -1 for none. */
    private volatile int checksumOffset = -1;

    public RawSocket(
            CallContext context, NetNamespace net, InternetStack stack, int family, int protocol) {
        super(context, net, stack, family, Socket.SOCK_RAW, protocol);
        filter = new byte[isV6() ? FILTER6_BYTES : FILTER4_BYTES];
        if (protocol == Inet.IPPROTO_ICMPV6) {
            checksumOffset = 2;
        }
        localPort = protocol;
        stack.raw().add(this);
    }

    @Override
    protected boolean hasPorts() {
        return false;
    }

    @Override
    public void bind(CallContext context, byte[] address) throws ErrnoException {
        if (!isV6() && address.length < InetAddress.BYTES4) {
            throw Errno.EINVAL.exception();
        }
        byte[] raw = address.clone();
        if (raw.length >= 4) {
            raw[2] = 0; // the port does not count
            raw[3] = 0;
        }
        InetAddress a = bindAddress(context, raw);
        synchronized (addressLock) {
            bound = a.address();
            local = a.address();
        }
    }

    @Override
    protected void autobind(IpAddress destination) {}

    @Override
    protected boolean isBound() {
        return false;
    }

    @Override
    public byte[] localAddress(CallContext context) {
        return bytes(local, isV6() ? 0 : protocol());
    }

    @Override
    protected int maxPayload() {
        return IpHeader.LENGTH_MAX;
    }

    private boolean writesHeader() {
        return !isV6() && (protocol() == Inet.IPPROTO_RAW || ip().isOn4(Inet.IP_HDRINCL));
    }

    @Override
    protected Packet newPacket(byte[] data, IpAddress source, IpAddress destination, int port)
            throws ErrnoException {
        if (writesHeader()) {
            return withHeader(data, source, destination);
        }
        int header = IpHeader.length(source);
        Packet p = new Packet(header + data.length, new byte[0], 0, 0, source, destination);
        System.arraycopy(data, 0, p.header, header, data.length);
        p.headerStart = header;
        p.transportStart = header;
        p.protocol = protocol();
        int at = checksumOffset;
        if (isV6() && at >= 0) {
            if (at + 2 > data.length) {
                throw Errno.EINVAL.exception();
            }
            Bytes.putInt16(p.header, header + at, 0);
            Bytes.putInt16(p.header, header + at, p.transportChecksum());
        }
        return p;
    }

    /** The guest wrote the IP header; what it left open is filled in. */
    private static Packet withHeader(byte[] data, IpAddress source, IpAddress destination)
            throws ErrnoException {
        int length = data.length < IpHeader.V4_BYTES ? 0 : (data[0] & 15) * 4;
        if (length < IpHeader.V4_BYTES || length > data.length) {
            throw Errno.EINVAL.exception();
        }
        byte[] all = data.clone();
        Bytes.putInt16(all, 2, all.length);
        if (Bytes.int32(all, 12) == 0) {
            source.write(all, 12);
        }
        Bytes.putInt16(all, 10, 0);
        Bytes.putInt16(all, 10, Checksum.of(all, 0, length));
        Packet p = Packet.received(all);
        p.source = IpAddress.readV4(all, 12);
        p.destination = destination;
        return p;
    }

    @Override
    protected void transmit(Route route, Packet packet) throws ErrnoException {
        if (writesHeader()) {
            if (packet.length() > route.output().mtuBytes()) {
                throw Errno.EMSGSIZE.exception();
            }
            stack().outputRaw(route, packet);
        } else {
            super.transmit(route, packet);
        }
    }

    /** A packet came; whether it is for this socket. */
    boolean offer(Packet p) {
        if (p.source.isV4() == isV6() || p.protocol != protocol() || score(p, 0) == 0) {
            return false;
        }
        boolean isIcmp = p.protocol == Inet.IPPROTO_ICMP || p.protocol == Inet.IPPROTO_ICMPV6;
        if (isIcmp && p.transportLength() > 0 && filters(typeOf(p))) {
            return true;
        }
        Packet copy = p.copy();
        enqueue(copy, isV6() ? 0 : copy.headerStart - copy.transportStart);
        return true;
    }

    private static int typeOf(Packet p) {
        byte[] type = new byte[1];
        p.copyTransport(0, type, 0, 1);
        return type[0] & 0xff;
    }

    private boolean filters(int type) {
        byte[] f = filter;
        if (!isV6()) {
            return type < 32 && (LittleEndian.getInt(f, 0) >>> type & 1) != 0;
        }
        return (LittleEndian.getInt(f, type >>> 5 << 2) >>> (type & 31) & 1) != 0;
    }

    @Override
    protected int sourcePort(Packet packet) {
        return 0;
    }

    @Override
    public void setOption(CallContext context, int level, int name, OptionValue value)
            throws ErrnoException {
        boolean isFilter4 = level == Socket.SOL_RAW && name == Inet.ICMP_FILTER;
        boolean isFilter6 = level == Inet.IPPROTO_ICMPV6 && name == Inet.ICMPV6_FILTER;
        if (isFilter4 && !isV6() || isFilter6 && isV6()) {
            if (protocol() != (isV6() ? Inet.IPPROTO_ICMPV6 : Inet.IPPROTO_ICMP)) {
                throw Errno.EOPNOTSUPP.exception();
            }
            byte[] given = value.upTo(filter.length);
            byte[] changed = filter.clone();
            System.arraycopy(given, 0, changed, 0, given.length);
            filter = changed;
            return;
        }
        if (isV6()
                && name == Inet.IPV6_CHECKSUM
                && (level == Inet.IPPROTO_IPV6 || level == Socket.SOL_RAW)) {
            int n = value.asInt();
            if (protocol() == Inet.IPPROTO_ICMPV6 || n > 0 && (n & 1) != 0) {
                throw Errno.EINVAL.exception();
            }
            checksumOffset = Math.max(-1, n);
            return;
        }
        super.setOption(context, level, name, value);
    }

    @Override
    public byte[] getOption(CallContext context, int level, int name, int capacity)
            throws ErrnoException {
        if (!isV6() && level == Socket.SOL_RAW && name == Inet.ICMP_FILTER
                || isV6() && level == Inet.IPPROTO_ICMPV6 && name == Inet.ICMPV6_FILTER) {
            return filter.clone();
        }
        if (isV6() && level == Inet.IPPROTO_IPV6 && name == Inet.IPV6_CHECKSUM) {
            return SocketOptions.bytes(checksumOffset);
        }
        return super.getOption(context, level, name, capacity);
    }

    @Override
    protected void onRelease() {
        stack().raw().remove(this);
        super.onRelease();
    }

    /** For tables in procfs. */
    public IpAddress localIp() {
        return local;
    }

    public IpAddress remoteIp() {
        IpAddress peer = remote;
        return peer == null ? local.any() : peer;
    }

    public boolean isConnected() {
        return remote != null;
    }
}
