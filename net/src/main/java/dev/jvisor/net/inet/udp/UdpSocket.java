// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.udp;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.inet.DatagramSocket;
import dev.jvisor.net.inet.core.Counter;
import dev.jvisor.net.inet.core.IcmpError;
import dev.jvisor.net.inet.core.InetAddress;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.PortUser;
import dev.jvisor.net.inet.ip.Bytes;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.IpHeader;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.OptionValue;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.net.socket.SocketOptions;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.Socket;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;

/** udp(7) and udplite(7). */
public final class UdpSocket extends DatagramSocket implements PortUser {

    private final int userId;
    private final UdpProtocol protocol;
    private volatile boolean isCorked;

    /** UDPLITE_SEND_CSCOV in bytes, 0 for all; UDPLITE_RECV_CSCOV, the least that is accepted. */
    private volatile int sendCoverage;

    private volatile int receiveCoverage;

    /** What UDP_CORK and MSG_MORE hold back; guarded by addressLock. */
    private @Nullable ByteArrayOutputStream pending;

    public UdpSocket(
            CallContext context,
            NetNamespace net,
            InternetStack stack,
            int family,
            UdpProtocol protocol) {
        super(context, net, stack, family, Socket.SOCK_DGRAM, protocol.number());
        this.protocol = protocol;
        this.userId = context.credentials().euid();
    }

    @Override
    public void bind(CallContext context, byte[] address) throws ErrnoException {
        InetAddress a = bindAddress(context, address);
        synchronized (addressLock) {
            if (localPort != 0) {
                throw Errno.EINVAL.exception();
            }
            take(a.address(), a.port(), Errno.EADDRINUSE);
        }
    }

    private void take(IpAddress address, int wanted, Errno otherwise) throws ErrnoException {
        IpAddress before = bound;
        bound = address;
        int port = protocol.ports().bind(this, wanted);
        if (port == 0) {
            bound = before;
            throw otherwise.exception();
        }
        local = address;
        localPort = port;
        protocol.add(this, port);
    }

    @Override
    protected void autobind(IpAddress destination) throws ErrnoException {
        if (localPort == 0) {
            take(bound, 0, Errno.EAGAIN);
        }
    }

    @Override
    protected boolean isBound() {
        return localPort != 0;
    }

    @Override
    protected int maxPayload() {
        return IpHeader.LENGTH_MAX;
    }

    @Override
    public long send(CallContext context, SocketMessage message) throws ErrnoException {
        boolean more = isCorked || message.has(Socket.MSG_MORE);
        if (!more && pending == null) {
            return super.send(context, message);
        }
        synchronized (addressLock) {
            ByteArrayOutputStream held = pending;
            if (held == null) {
                pending = held = new ByteArrayOutputStream();
            }
            long length = message.data.remaining();
            if (length + held.size() > IpHeader.LENGTH_MAX - HEADERS_MIN_BYTES) {
                throw Errno.EMSGSIZE.exception();
            }
            byte[] part = new byte[(int) length];
            if (length > 0 && message.data.copyFrom(part, 0, part.length) < part.length) {
                throw Errno.EFAULT.exception();
            }
            held.write(part, 0, part.length);
            if (message.address != null) {
                pendingAddress = message.address;
            }
            if (!more) {
                flush(context);
            }
            return length;
        }
    }

    private static final int HEADERS_MIN_BYTES = IpHeader.V4_BYTES + UdpProtocol.HEADER_BYTES;

    private byte @Nullable [] pendingAddress; // guarded by addressLock

    private void flush(CallContext context) throws ErrnoException {
        ByteArrayOutputStream held = pending;
        pending = null;
        if (held != null) {
            byte[] all = held.toByteArray();
            SocketMessage whole = new SocketMessage(
                    dev.jvisor.mm.usercopy.IovIter.of(all, 0, all.length), Socket.MSG_NOSIGNAL);
            whole.address = pendingAddress;
            pendingAddress = null;
            super.send(context, whole);
        }
    }

    @Override
    protected Packet newPacket(byte[] data, IpAddress source, IpAddress destination, int port)
            throws ErrnoException {
        int length = UdpProtocol.HEADER_BYTES + data.length;
        int most = IpHeader.LENGTH_MAX - (source.isV4() ? IpHeader.V4_BYTES : 0);
        if (length > most) {
            throw Errno.EMSGSIZE.exception();
        }
        Packet p = new Packet(
                IpHeader.length(source) + UdpProtocol.HEADER_BYTES,
                data,
                0,
                data.length,
                source,
                destination);
        p.protocol = protocol.number();
        int at = p.header.length - UdpProtocol.HEADER_BYTES;
        p.headerStart = at;
        p.transportStart = at;
        Bytes.putInt16(p.header, at, localPort);
        Bytes.putInt16(p.header, at + 2, port);
        int covered = sendCoverage;
        Bytes.putInt16(p.header, at + 4, covered != 0 && covered < length ? covered : length);
        return p;
    }

    @Override
    protected void transmit(Route route, Packet p) throws ErrnoException {
        if (!route.output().isLoopback()) {
            // Covering more than was asked for is UDP-Lite's right.
            Bytes.putInt16(p.header, p.transportStart + 4, p.transportLength());
            int sum = p.transportChecksum();
            Bytes.putInt16(p.header, p.transportStart + 6, sum == 0 ? 0xffff : sum);
        }
        stack().count(Counter.UDP_OUT_DATAGRAMS);
        super.transmit(route, p);
    }

    boolean arrived(Packet p) {
        int least = receiveCoverage;
        if (least != 0 && UdpProtocol.coverage(p) < Math.min(least, p.transportLength())) {
            return false;
        }
        return enqueue(p, UdpProtocol.HEADER_BYTES);
    }

    int fits(Packet p, int fromPort) {
        return score(p, fromPort);
    }

    void errorArrived(IcmpError error, byte[] data, IpAddress destination, int port) {
        icmpError(error, data, new InetAddress(destination, port, 0));
    }

    @Override
    protected int sourcePort(Packet packet) {
        return UdpProtocol.sourcePort(packet);
    }

    @Override
    protected int destinationPort(Packet packet) {
        return UdpProtocol.destinationPort(packet);
    }

    /** Whether an option's level is this protocol's own: UDP's options are UDP-Lite's, too. */
    private boolean isOwn(int level) {
        return level == Inet.IPPROTO_UDP || level == protocol.number();
    }

    @Override
    public void setOption(CallContext context, int level, int name, OptionValue value)
            throws ErrnoException {
        if (!isOwn(level)) {
            super.setOption(context, level, name, value);
            return;
        }
        int n = value.asInt();
        if (name == Inet.UDP_CORK) {
            isCorked = n != 0;
            if (n == 0) {
                synchronized (addressLock) {
                    flush(context);
                }
            }
        } else if (protocol.isLite() && name == Inet.UDPLITE_SEND_CSCOV) {
            sendCoverage = coverage(n);
        } else if (protocol.isLite() && name == Inet.UDPLITE_RECV_CSCOV) {
            receiveCoverage = coverage(n);
        } else {
            throw Errno.ENOPROTOOPT.exception();
        }
    }

    private static int coverage(int wanted) {
        return wanted == 0 ? 0 : Math.clamp(wanted, UdpProtocol.HEADER_BYTES, 0xffff);
    }

    @Override
    public byte[] getOption(CallContext context, int level, int name, int capacity)
            throws ErrnoException {
        if (!isOwn(level)) {
            return super.getOption(context, level, name, capacity);
        }
        if (name == Inet.UDP_CORK) {
            return SocketOptions.bytes(isCorked ? 1 : 0);
        }
        if (protocol.isLite() && name == Inet.UDPLITE_SEND_CSCOV) {
            return SocketOptions.bytes(sendCoverage);
        }
        if (protocol.isLite() && name == Inet.UDPLITE_RECV_CSCOV) {
            return SocketOptions.bytes(receiveCoverage);
        }
        throw Errno.ENOPROTOOPT.exception();
    }

    @Override
    protected void onRelease() {
        synchronized (addressLock) {
            if (localPort != 0) {
                protocol.remove(this, localPort);
                protocol.ports().release(this, localPort);
                localPort = 0;
            }
            pending = null;
        }
        super.onRelease();
    }

    // What it occupies.

    @Override
    public IpAddress boundAddress() {
        return bound;
    }

    @Override
    public boolean reusesAddress() {
        return options().isOn(Socket.SO_REUSEADDR);
    }

    @Override
    public boolean reusesPort() {
        return options().isOn(Socket.SO_REUSEPORT);
    }

    @Override
    public int userId() {
        return userId;
    }

    @Override
    public boolean isConnectOnly() {
        return false;
    }

    /** The address and port here, for tables in procfs. */
    public IpAddress localIp() {
        return local;
    }

    public int localPortNumber() {
        return localPort;
    }

    /** The peer's address, the any-address without a peer. */
    public IpAddress remoteIp() {
        IpAddress peer = remote;
        return peer == null ? local.any() : peer;
    }

    public int remotePortNumber() {
        return remotePort;
    }

    public boolean isConnected() {
        return remote != null;
    }
}
