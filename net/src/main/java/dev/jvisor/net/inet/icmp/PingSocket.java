// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.icmp;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.inet.DatagramSocket;
import dev.jvisor.net.inet.core.InetAddress;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.PortUser;
import dev.jvisor.net.inet.ip.Bytes;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.IpHeader;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.Socket;

/** A socket of ICMP echoes that needs only a group (icmp(7); Linux: net/ipv4/ping.c). */
public final class PingSocket extends DatagramSocket implements PortUser {

    private final int userId;

    private PingSocket(
            CallContext context, NetNamespace net, InternetStack stack, int family, int protocol) {
        super(context, net, stack, family, Socket.SOCK_DGRAM, protocol);
        this.userId = context.credentials().euid();
    }

    /** EACCES unless the caller has a group of net.ipv4.ping_group_range. */
    public static PingSocket create(
            CallContext context, NetNamespace net, InternetStack stack, int family)
            throws ErrnoException {
        if (!isAllowed(context.credentials(), stack)) {
            throw Errno.EACCES.exception();
        }
        boolean isV6 = family == Socket.AF_INET6;
        int protocol = isV6 ? Inet.IPPROTO_ICMPV6 : Inet.IPPROTO_ICMP;
        return new PingSocket(context, net, stack, family, protocol);
    }

    private static boolean isAllowed(Credentials c, InternetStack stack) {
        if (isAllowed(c.egid(), stack)) {
            return true;
        }
        for (int group : c.groups()) {
            if (isAllowed(group, stack)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAllowed(int group, InternetStack stack) {
        long id = group & 0xffffffffL;
        return id >= (stack.settings().pingGroupFirst & 0xffffffffL)
                && id <= (stack.settings().pingGroupLast & 0xffffffffL);
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
        int got = stack().icmp().identifiers().bind(this, wanted);
        if (got == 0) {
            throw otherwise.exception();
        }
        bound = address;
        local = address;
        localPort = got;
        stack().icmp().add(this, got);
    }

    @Override
    protected void autobind(IpAddress destination) throws ErrnoException {
        if (localPort == 0) {
            take(bound, 0, Errno.EAGAIN);
        }
    }

    @Override
    protected boolean hasPorts() {
        return false;
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
    protected Packet newPacket(byte[] data, IpAddress source, IpAddress destination, int port)
            throws ErrnoException {
        if (data.length < Icmp.HEADER_BYTES) {
            throw Errno.EINVAL.exception();
        }
        int echo = isV6() ? Inet.ICMPV6_ECHO_REQUEST : Inet.ICMP_ECHO;
        if ((data[0] & 0xff) != echo || data[1] != 0) {
            throw Errno.EINVAL.exception();
        }
        synchronized (addressLock) {
            autobind(destination);
        }
        Bytes.putInt16(data, 2, 0);
        Bytes.putInt16(data, 4, localPort);
        Bytes.putInt16(data, 2, Icmp.checksum(source, destination, data));
        int header = IpHeader.length(source);
        Packet p = new Packet(header + data.length, new byte[0], 0, 0, source, destination);
        System.arraycopy(data, 0, p.header, header, data.length);
        p.headerStart = header;
        p.transportStart = header;
        p.protocol = protocol();
        return p;
    }

    void arrived(Packet p) {
        if (score(p, 0) > 0) {
            enqueue(p, 0);
        }
    }

    @Override
    protected int sourcePort(Packet packet) {
        return 0;
    }

    @Override
    protected void onRelease() {
        synchronized (addressLock) {
            if (localPort != 0) {
                stack().icmp().remove(this, localPort);
                stack().icmp().identifiers().release(this, localPort);
                localPort = 0;
            }
        }
        super.onRelease();
    }

    @Override
    public IpAddress boundAddress() {
        return any(); // identifiers are not shared between addresses
    }

    @Override
    public boolean reusesAddress() {
        return false;
    }

    @Override
    public boolean reusesPort() {
        return false;
    }

    @Override
    public int userId() {
        return userId;
    }

    @Override
    public boolean isConnectOnly() {
        return false;
    }
}
