// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet;

import static dev.jvisor.platform.abi.Socket.MSG_CTRUNC;
import static dev.jvisor.platform.abi.Socket.MSG_ERRQUEUE;
import static dev.jvisor.platform.abi.Socket.MSG_OOB;
import static dev.jvisor.platform.abi.Socket.MSG_PEEK;
import static dev.jvisor.platform.abi.Socket.MSG_TRUNC;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.net.inet.core.IcmpError;
import dev.jvisor.net.inet.core.InetAddress;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.NetMemory;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.net.inet.link.NetInterface;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.net.socket.ControlReader;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.SocketCall;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Netlink;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Socket;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/**
 * A socket of datagrams: what UDP, ping and raw sockets share — queues, addresses, control messages
 * (Linux: net/ipv4/datagram.c, ip_sockglue.c).
 *
 * <p>{@link #queueLock} guards the queues, a leaf; addresses are written by the guest's calls under
 * {@link #addressLock} and read without lock.
 */
public abstract class DatagramSocket extends InetSocket {

    private static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    private static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM;
    private static final int OVERHEAD_BYTES = 512;
    private static final int ERRORS_MAX = 64;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** A received datagram. */
    private record Datagram(Packet packet, int offset, int length, int cost) {}

    /** An entry of the error queue (Linux: struct sock_extended_err and what it is about). */
    private record QueuedError(IcmpError error, byte[] data, InetAddress destination) {}

    private final WaitQueue queue = new WaitQueue();
    private final Object queueLock = new Object();
    private final ArrayDeque<Datagram> received = new ArrayDeque<>();
    private @Nullable ArrayDeque<QueuedError> errors;
    private int queuedBytes;
    private boolean isReleased;
    private long drops;
    private volatile int shutdown;

    /** Guards changes of the addresses. */
    protected final Object addressLock = new Object();

    protected volatile IpAddress local;
    protected volatile IpAddress bound;
    protected volatile int localPort;
    protected volatile @Nullable IpAddress remote;
    protected volatile int remotePort;

    protected DatagramSocket(
            CallContext context,
            NetNamespace net,
            InternetStack stack,
            int family,
            int type,
            int protocol) {
        super(context, net, stack, family, type, protocol);
        this.local = any();
        this.bound = any();
    }

    @Override
    public WaitQueue waitQueue() {
        return queue;
    }

    @Override
    public int poll() {
        int mask = WRITABLE;
        synchronized (queueLock) {
            if (!received.isEmpty()) {
                mask |= READABLE;
            }
            if (errors != null && !errors.isEmpty()) {
                mask |= Poll.POLLERR;
            }
        }
        if (hasError()) {
            mask |= Poll.POLLERR;
        }
        if ((shutdown & 1) != 0) {
            mask |= READABLE | Poll.EPOLLRDHUP;
        }
        if (shutdown == 3) {
            mask |= Poll.POLLHUP;
        }
        return mask;
    }

    @Override
    protected @Nullable IpAddress peerIp() {
        return remote;
    }

    @Override
    public byte[] localAddress(CallContext context) {
        return bytes(local, localPort);
    }

    @Override
    public byte[] peerAddress(CallContext context) throws ErrnoException {
        IpAddress peer = remote;
        if (peer == null || remotePort == 0 && hasPorts()) {
            throw Errno.ENOTCONN.exception();
        }
        return bytes(peer, remotePort);
    }

    /** Whether addresses have ports. */
    protected boolean hasPorts() {
        return true;
    }

    @Override
    public void shutdown(CallContext context, int how) throws ErrnoException {
        if (remote == null) {
            throw Errno.ENOTCONN.exception();
        }
        shutdown |= how + 1;
        queue.notify(READABLE | WRITABLE | Poll.POLLHUP | Poll.EPOLLRDHUP);
    }

    @Override
    public void connect(CallContext context, byte[] address, SocketCall call)
            throws ErrnoException {
        synchronized (addressLock) {
            if (InetAddress.family(address) == Socket.AF_UNSPEC) {
                disconnect();
                return;
            }
            InetAddress a = peerAddress(address);
            if (a == null) {
                throw Errno.EAFNOSUPPORT.exception();
            }
            Route route = stack().route(a.address(), deviceFor(a.address()));
            if (route.type() == Netlink.RTN_BROADCAST && !options().isOn(Socket.SO_BROADCAST)) {
                throw Errno.EACCES.exception();
            }
            if (!bound.isAny() && bound.isV4() != a.address().isV4()) {
                throw Errno.ENETUNREACH.exception();
            }
            autobind(a.address());
            if (bound.isAny()) {
                local = sourceFor(route, a.address());
            }
            remotePort = a.port();
            remote = a.address();
            connectionChanged();
        }
    }

    private void disconnect() {
        remote = null;
        remotePort = 0;
        local = bound;
        connectionChanged();
    }

    /** The peer has changed. */
    protected void connectionChanged() {}

    /** Takes a port if it has none; EAGAIN if there is none left. */
    protected abstract void autobind(IpAddress destination) throws ErrnoException;

    private int deviceFor(IpAddress destination) {
        if (boundInterface() != 0) {
            return boundInterface();
        }
        return destination.isMulticast() ? ip().multicastDevice(destination.isV4()) : 0;
    }

    /** The source of packets that a route takes. */
    protected final IpAddress sourceFor(Route route, IpAddress destination) {
        if (destination.isMulticast()
                && destination.isV4()
                && !ip().multicastSource().isAny()) {
            return ip().multicastSource();
        }
        return stack().sourceFor(route, destination);
    }

    // Sending.

    /** What control messages of one sendmsg(2) say. */
    private static final class Ancillary implements SocketMessage.Prepared {
        @Nullable
        IpAddress source;

        int device;
        int ttl = -1;
        int trafficClass = -1;

        @Override
        public void release() {}
    }

    @Override
    public void prepareSend(CallContext context, SocketMessage message) throws ErrnoException {
        Ancillary a = new Ancillary();
        ControlReader r = new ControlReader(message.control);
        while (r.next()) {
            if (r.level() == Inet.IPPROTO_IP) {
                ancillary4(a, r);
            } else if (r.level() == Inet.IPPROTO_IPV6 && isV6()) {
                ancillary6(a, r);
            }
        }
        message.prepared = a;
    }

    private static void ancillary4(Ancillary a, ControlReader r) throws ErrnoException {
        switch (r.type()) {
            case Inet.IP_PKTINFO -> {
                need(r.dataLength() == 12);
                a.device = r.dataInt(0);
                IpAddress source = IpAddress.readV4(r.data(), 4);
                a.source = source.isAny() ? null : source;
            }
            case Inet.IP_TTL -> {
                need(r.dataLength() == 4 && r.dataInt(0) >= 1 && r.dataInt(0) <= 255);
                a.ttl = r.dataInt(0);
            }
            case Inet.IP_TOS -> {
                need(r.dataLength() == 4 || r.dataLength() == 1);
                int tos = r.dataLength() == 4 ? r.dataInt(0) : r.data()[0] & 0xff;
                need(tos >= 0 && tos <= 255);
                a.trafficClass = tos;
            }
            default -> throw Errno.EINVAL.exception();
        }
    }

    private static void ancillary6(Ancillary a, ControlReader r) throws ErrnoException {
        switch (r.type()) {
            case Inet.IPV6_PKTINFO, Inet.IPV6_2292PKTINFO -> {
                need(r.dataLength() >= 20);
                IpAddress source = IpAddress.readV6(r.data(), 0);
                a.source = source.isAny() ? null : source;
                a.device = r.dataInt(16);
            }
            case Inet.IPV6_HOPLIMIT, Inet.IPV6_2292HOPLIMIT -> {
                need(r.dataLength() == 4 && r.dataInt(0) >= -1 && r.dataInt(0) <= 255);
                a.ttl = r.dataInt(0);
            }
            case Inet.IPV6_TCLASS -> {
                need(r.dataLength() == 4 && r.dataInt(0) >= -1 && r.dataInt(0) <= 255);
                a.trafficClass = r.dataInt(0);
            }
            default -> throw Errno.EINVAL.exception();
        }
    }

    private static void need(boolean condition) throws ErrnoException {
        if (!condition) {
            throw Errno.EINVAL.exception();
        }
    }

    @Override
    public long send(CallContext context, SocketMessage message) throws ErrnoException {
        long length = message.data.remaining();
        if (length > maxPayload()) {
            throw Errno.EMSGSIZE.exception();
        }
        if (message.has(MSG_OOB)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        InetAddress to = null;
        byte[] named = message.address;
        if (named != null) {
            to = peerAddress(named);
            if (to == null && isV6()) {
                named = null;
            } else if (to == null) {
                need4(named);
                to = InetAddress.read4(named);
            }
            if (to != null && to.port() == 0 && hasPorts()) {
                throw Errno.EINVAL.exception();
            }
        }
        IpAddress destination;
        int port;
        if (to == null) {
            IpAddress peer = remote;
            if (peer == null) {
                throw Errno.EDESTADDRREQ.exception();
            }
            destination = peer;
            port = remotePort;
        } else {
            destination = to.address();
            port = to.port();
        }
        if ((shutdown & 2) != 0) {
            throw brokenPipe(context, message);
        }
        if (!isErrorFree(message)) {
            throwError(message);
        }
        Ancillary extra = message.prepared instanceof Ancillary a ? a : null;
        int device = deviceFor(destination);
        if (extra != null && extra.device != 0) {
            device = extra.device;
        }
        Route route = stack().route(destination, device);
        if (route.type() == Netlink.RTN_BROADCAST && !options().isOn(Socket.SO_BROADCAST)) {
            throw Errno.EACCES.exception();
        }
        IpAddress source = extra == null ? null : extra.source;
        if (source != null && !stack().isLocal(source)) {
            throw Errno.EINVAL.exception();
        }
        if (localPort == 0 && hasPorts()) {
            synchronized (addressLock) {
                autobind(destination);
            }
        }
        if (source == null) {
            source = local.isAny() || local.isV4() != destination.isV4() || local.isMulticast()
                    ? sourceFor(route, destination)
                    : local;
        }
        byte[] data = new byte[(int) length];
        int copied = length == 0 ? 0 : message.data.copyFrom(data, 0, data.length);
        if (copied < data.length) {
            throw Errno.EFAULT.exception();
        }
        Packet packet = newPacket(data, source, destination, port);
        packet.ttl = extra != null && extra.ttl >= 0 ? extra.ttl : ip().ttlFor(destination);
        packet.trafficClass = extra != null && extra.trafficClass >= 0
                ? extra.trafficClass
                : ip().trafficClass(destination.isV4());
        transmit(route, packet);
        return length;
    }

    private static void need4(byte[] raw) throws ErrnoException {
        if (raw.length < InetAddress.BYTES4) {
            throw Errno.EINVAL.exception();
        }
    }

    private boolean isErrorFree(SocketCall call) {
        return call.transferred != 0 || !hasError();
    }

    /** Bytes of the largest datagram. */
    protected abstract int maxPayload();

    /** A packet with the transport's header. */
    protected abstract Packet newPacket(
            byte[] data, IpAddress source, IpAddress destination, int port) throws ErrnoException;

    /** Sends it off; EMSGSIZE. */
    protected void transmit(Route route, Packet packet) throws ErrnoException {
        int headers = packet.source.isV4() ? 20 : 40;
        if (packet.length() + headers > route.output().mtuBytes()) {
            throw Errno.EMSGSIZE.exception(); // nothing is fragmented
        }
        stack().output(route, packet);
    }

    // Receiving.

    /**
     * Queues a packet.
     *
     * @param offset of the data behind the transport's start; negative for what is before it
     * @return false if there is no room
     */
    protected final boolean enqueue(Packet packet, int offset) {
        int length = packet.transportLength() - offset;
        int cost = length + OVERHEAD_BYTES;
        if (options().isOn(Socket.SO_TIMESTAMP_OLD) || options().isOn(Socket.SO_TIMESTAMPNS_OLD)) {
            packet.timestampNanos = stack().timers().realtimeNanos();
        }
        synchronized (queueLock) {
            boolean isFull = queuedBytes + cost > options().receiveBuffer();
            if (isReleased || queuedBytes > 0 && (isFull || NetMemory.isShort())) {
                drops++;
                return false;
            }
            received.add(new Datagram(packet, offset, length, cost));
            queuedBytes += cost;
        }
        NetMemory.charge(cost);
        queue.notify(READABLE);
        return true;
    }

    /** Linux: sk_drops, sk_rmem_alloc; for tables in procfs. */
    public final long drops() {
        synchronized (queueLock) {
            return drops;
        }
    }

    /** Bytes in the receive queue with overhead. */
    public final int receiveQueueBytes() {
        synchronized (queueLock) {
            return queuedBytes;
        }
    }

    @Override
    public long receive(CallContext context, SocketMessage message) throws ErrnoException {
        if (message.has(MSG_ERRQUEUE)) {
            return receiveError(message);
        }
        if (message.has(MSG_OOB)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        throwError(message);
        Datagram d;
        synchronized (queueLock) {
            d = message.has(MSG_PEEK) ? received.peek() : received.poll();
            if (d != null && !message.has(MSG_PEEK)) {
                queuedBytes -= d.cost;
            }
        }
        if (d == null) {
            if ((shutdown & 1) != 0) {
                return 0;
            }
            throw Errno.EAGAIN.exception();
        }
        if (!message.has(MSG_PEEK)) {
            NetMemory.charge(-d.cost);
        }
        Packet p = d.packet;
        int wanted = (int) Math.min(d.length, message.data.remaining());
        copyOut(p, d.offset, wanted, message);
        if (wanted < d.length) {
            message.resultFlags |= MSG_TRUNC;
        }
        if (message.wantsAddress) {
            message.address = bytes(p.source, sourcePort(p));
        }
        control(message, p);
        return message.has(MSG_TRUNC) ? d.length : wanted;
    }

    private static void copyOut(Packet p, int offset, int count, SocketMessage message)
            throws ErrnoException {
        int at = p.transportStart + offset;
        int n = 0;
        int inHeader = Math.max(0, Math.min(count, p.header.length - at));
        if (inHeader > 0) {
            n = message.data.copyTo(p.header, at, inHeader);
        }
        if (n == inHeader && count > inHeader) {
            int skip = Math.max(0, at - p.header.length);
            n += message.data.copyTo(p.payload, p.payloadStart + skip, count - inHeader);
        }
        if (n < count) {
            throw Errno.EFAULT.exception();
        }
    }

    /** The port that a packet came from, 0 without ports. */
    protected abstract int sourcePort(Packet packet);

    /** The port that a packet went to. */
    protected int destinationPort(Packet packet) {
        return localPort;
    }

    private void control(SocketMessage message, Packet p) {
        if (p.timestampNanos != 0) {
            timestamp(message, p.timestampNanos);
        }
        if (p.destination.isV4()) {
            control4(message, p);
        }
        if (isV6()) {
            control6(message, p);
        }
    }

    private void timestamp(SocketMessage message, long nanos) {
        byte[] value = new byte[16];
        boolean isFine = options().isOn(Socket.SO_TIMESTAMPNS_OLD);
        if (!isFine && !options().isOn(Socket.SO_TIMESTAMP_OLD)) {
            return;
        }
        LittleEndian.putLong(value, 0, nanos / NANOS_PER_SECOND);
        LittleEndian.putLong(
                value, 8, isFine ? nanos % NANOS_PER_SECOND : nanos % NANOS_PER_SECOND / 1000);
        message.putControl(
                Socket.SOL_SOCKET, isFine ? Socket.SCM_TIMESTAMPNS : Socket.SCM_TIMESTAMP, value);
    }

    private static int device(Packet p) {
        NetInterface input = p.input;
        return input == null ? 0 : input.index();
    }

    private void control4(SocketMessage message, Packet p) {
        IpOptions ip = ip();
        if (ip.isOn4(Inet.IP_PKTINFO)) {
            byte[] info = new byte[12];
            LittleEndian.putInt(info, 0, device(p));
            IpAddress to = p.destination;
            (to.isMulticast() || isBroadcast(to) ? p.source : to).write(info, 4);
            to.write(info, 8);
            message.putControl(Inet.IPPROTO_IP, Inet.IP_PKTINFO, info);
        }
        if (ip.isOn4(Inet.IP_RECVTTL)) {
            message.putControl(
                    Inet.IPPROTO_IP, Inet.IP_TTL, dev.jvisor.net.socket.SocketOptions.bytes(p.ttl));
        }
        if (ip.isOn4(Inet.IP_RECVTOS)) {
            message.putControl(Inet.IPPROTO_IP, Inet.IP_TOS, new byte[] {(byte) p.trafficClass});
        }
        if (ip.isOn4(Inet.IP_ORIGDSTADDR)) {
            byte[] to = new InetAddress(p.destination, destinationPort(p), 0).bytes(Socket.AF_INET);
            message.putControl(Inet.IPPROTO_IP, Inet.IP_ORIGDSTADDR, to);
        }
    }

    private void control6(SocketMessage message, Packet p) {
        IpOptions ip = ip();
        if (ip.isOn6(Inet.IPV6_RECVPKTINFO)) {
            byte[] info = new byte[20];
            p.destination.writeV6(info, 0);
            LittleEndian.putInt(info, 16, device(p));
            message.putControl(Inet.IPPROTO_IPV6, Inet.IPV6_PKTINFO, info);
        }
        if (p.destination.isV4()) {
            return;
        }
        if (ip.isOn6(Inet.IPV6_RECVHOPLIMIT)) {
            message.putControl(
                    Inet.IPPROTO_IPV6,
                    Inet.IPV6_HOPLIMIT,
                    dev.jvisor.net.socket.SocketOptions.bytes(p.ttl));
        }
        if (ip.isOn6(Inet.IPV6_RECVTCLASS)) {
            message.putControl(
                    Inet.IPPROTO_IPV6,
                    Inet.IPV6_TCLASS,
                    dev.jvisor.net.socket.SocketOptions.bytes(p.trafficClass));
        }
    }

    // Errors.

    /**
     * An ICMP error for a packet of it.
     *
     * @param data what the error quotes behind the transport's header
     */
    protected final void icmpError(IcmpError error, byte[] data, InetAddress destination) {
        boolean queues = error.isV4() ? ip().isOn4(Inet.IP_RECVERR) : ip().isOn6(Inet.IPV6_RECVERR);
        if (!queues && (!error.isFatal() || remote == null)) {
            return;
        }
        if (queues) {
            synchronized (queueLock) {
                ArrayDeque<QueuedError> all = errors;
                if (all == null) {
                    errors = all = new ArrayDeque<>();
                }
                if (all.size() < ERRORS_MAX) {
                    all.add(new QueuedError(error, data, destination));
                }
            }
        }
        setError(error.errno());
        queue.notify(Poll.POLLERR);
    }

    private long receiveError(SocketMessage message) throws ErrnoException {
        QueuedError e;
        synchronized (queueLock) {
            ArrayDeque<QueuedError> all = errors;
            e = all == null ? null : all.poll();
        }
        if (e == null) {
            throw Errno.EAGAIN.exception();
        }
        int wanted = (int) Math.min(e.data.length, message.data.remaining());
        if (wanted > 0) {
            message.data.copyTo(e.data, 0, wanted);
        }
        message.resultFlags |= MSG_ERRQUEUE | (wanted < e.data.length ? MSG_TRUNC : 0);
        if (message.wantsAddress) {
            message.address = e.destination.bytes(family());
        }
        boolean isV4 = e.error.isV4();
        int addressBytes = isV4 ? InetAddress.BYTES4 : InetAddress.BYTES6;
        byte[] value = new byte[16 + addressBytes];
        LittleEndian.putInt(value, 0, e.error.errno().number);
        value[4] = (byte) (isV4 ? Inet.SO_EE_ORIGIN_ICMP : Inet.SO_EE_ORIGIN_ICMP6);
        value[5] = (byte) e.error.type();
        value[6] = (byte) e.error.code();
        LittleEndian.putInt(value, 8, e.error.info());
        byte[] from = new InetAddress(e.error.reporter(), 0, 0)
                .bytes(isV4 ? Socket.AF_INET : Socket.AF_INET6);
        System.arraycopy(from, 0, value, 16, addressBytes);
        if (message.controlRoom() < 16 + value.length) {
            message.resultFlags |= MSG_CTRUNC;
        }
        message.putControl(
                isV4 ? Inet.IPPROTO_IP : Inet.IPPROTO_IPV6,
                isV4 ? Inet.IP_RECVERR : Inet.IPV6_RECVERR,
                value);
        return wanted;
    }

    @Override
    protected void onRelease() {
        int left;
        synchronized (queueLock) {
            isReleased = true;
            left = queuedBytes;
            queuedBytes = 0;
            received.clear();
        }
        NetMemory.charge(-left);
    }

    @Override
    protected int readableBytes(CallContext context) {
        synchronized (queueLock) {
            Datagram d = received.peek();
            return d == null ? 0 : d.length;
        }
    }

    @Override
    protected int unsentBytes(CallContext context) {
        return 0;
    }

    /** Whether a packet for its port is for it, and how well it fits; 0 if not. */
    protected final int score(Packet p, int fromPort) {
        IpAddress own = local;
        IpAddress peer = remote;
        if (boundInterface() != 0 && boundInterface() != device(p)) {
            return 0;
        }
        int score = 1;
        if (own.isAny()) {
            if (own.isV4() != p.destination.isV4() && (own.isV4() || isV6Only())) {
                return 0;
            }
            score += own.isV4() == p.destination.isV4() ? 1 : 0;
        } else if (!own.equals(p.destination)) {
            return 0;
        } else {
            score += 4;
        }
        if (peer != null) {
            if (!peer.equals(p.source) || hasPorts() && remotePort != fromPort) {
                return 0;
            }
            score += 8;
        }
        return score;
    }
}
