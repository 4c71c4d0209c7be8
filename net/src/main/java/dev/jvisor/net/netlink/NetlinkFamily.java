// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.netlink;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.net.socket.SocketFamily;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Netlink;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentHashMap;

/** AF_NETLINK (Linux: {@code netlink_create}). */
public final class NetlinkFamily extends SocketFamily {

    private static final int PROTOCOL_MAX = 32;

    private final NetNamespace net;
    private final InternetStack stack;

    /** Who has which port, by protocol and port. */
    private final ConcurrentHashMap<Long, NetlinkSocket> ports = new ConcurrentHashMap<>();

    public NetlinkFamily(NetNamespace net, InternetStack stack) {
        this.net = net;
        this.stack = stack;
    }

    @Override
    public Socket create(CallContext context, int type, int protocol) throws ErrnoException {
        if (type != dev.jvisor.platform.abi.Socket.SOCK_RAW
                && type != dev.jvisor.platform.abi.Socket.SOCK_DGRAM) {
            throw Errno.ESOCKTNOSUPPORT.exception();
        }
        if (protocol >= PROTOCOL_MAX) {
            throw Errno.EPROTONOSUPPORT.exception();
        }
        Handler handler = switch (protocol) {
            case Netlink.NETLINK_ROUTE -> new RouteHandler(stack);
            case Netlink.NETLINK_SOCK_DIAG -> new SocketDiagnosis(stack);
            case Netlink.NETLINK_KOBJECT_UEVENT, Netlink.NETLINK_USERSOCK -> null;
            default -> throw Errno.EPROTONOSUPPORT.exception();
        };
        return new NetlinkSocket(context, net, this, type, protocol, handler);
    }

    private static long key(int protocol, int port) {
        return (long) protocol << 32 | port & 0xffffffffL;
    }

    /** Takes a port; false if somebody has it. */
    boolean take(NetlinkSocket socket, int protocol, int port) {
        return ports.putIfAbsent(key(protocol, port), socket) == null;
    }

    void release(NetlinkSocket socket, int protocol, int port) {
        ports.remove(key(protocol, port), socket);
    }

    @Nullable
    NetlinkSocket find(int protocol, int port) {
        return ports.get(key(protocol, port));
    }
}
