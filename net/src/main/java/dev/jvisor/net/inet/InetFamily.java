// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.icmp.PingSocket;
import dev.jvisor.net.inet.icmp.RawSocket;
import dev.jvisor.net.inet.tcp.TcpSocket;
import dev.jvisor.net.inet.udp.UdpSocket;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.net.socket.SocketFamily;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;

/** AF_INET or AF_INET6 (Linux: {@code inet_create}, {@code inet6_create}). */
public final class InetFamily extends SocketFamily {

    private static final int SOCK_STREAM = dev.jvisor.platform.abi.Socket.SOCK_STREAM;
    private static final int SOCK_DGRAM = dev.jvisor.platform.abi.Socket.SOCK_DGRAM;
    private static final int SOCK_RAW = dev.jvisor.platform.abi.Socket.SOCK_RAW;

    private final NetNamespace net;
    private final InternetStack stack;
    private final int family;

    public InetFamily(NetNamespace net, InternetStack stack, int family) {
        this.net = net;
        this.stack = stack;
        this.family = family;
    }

    @Override
    public Socket create(CallContext context, int type, int protocol) throws ErrnoException {
        if (protocol >= 256 && protocol != 262) {
            throw Errno.EINVAL.exception();
        }
        boolean isV6 = family == dev.jvisor.platform.abi.Socket.AF_INET6;
        int icmp = isV6 ? Inet.IPPROTO_ICMPV6 : Inet.IPPROTO_ICMP;
        switch (type) {
            case SOCK_STREAM -> {
                if (protocol == 0 || protocol == Inet.IPPROTO_TCP) {
                    return new TcpSocket(context, net, stack, family);
                }
            }
            case SOCK_DGRAM -> {
                if (protocol == 0 || protocol == Inet.IPPROTO_UDP) {
                    return new UdpSocket(context, net, stack, family, stack.udp());
                }
                if (protocol == Inet.IPPROTO_UDPLITE) {
                    return new UdpSocket(context, net, stack, family, stack.udpLite());
                }
                if (protocol == icmp) {
                    return PingSocket.create(context, net, stack, family);
                }
            }
            case SOCK_RAW -> {
                if (protocol == 0) {
                    throw Errno.EPROTONOSUPPORT.exception();
                }
                if (!context.credentials().hasIn(stack.owner(), Capabilities.CAP_NET_RAW)) {
                    throw Errno.EPERM.exception();
                }
                return new RawSocket(context, net, stack, family, protocol);
            }
            default -> throw Errno.ESOCKTNOSUPPORT.exception();
        }
        throw Errno.EPROTONOSUPPORT.exception();
    }
}
