// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.inet.core.InetAddress;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.link.NetInterface;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.OptionValue;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.net.socket.SocketOptions;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/** A socket of AF_INET or AF_INET6 (Linux: {@code struct inet_sock}). */
public abstract class InetSocket extends Socket {

    private static final int AF_INET = dev.jvisor.platform.abi.Socket.AF_INET;
    private static final int AF_INET6 = dev.jvisor.platform.abi.Socket.AF_INET6;
    private static final int AF_UNSPEC = dev.jvisor.platform.abi.Socket.AF_UNSPEC;

    private final InternetStack stack;
    private final IpOptions ip;
    private volatile boolean isV6Only;
    private volatile int boundInterface;

    protected InetSocket(
            CallContext context,
            NetNamespace net,
            InternetStack stack,
            int family,
            int type,
            int protocol) {
        super(context, net, family, type, protocol);
        this.stack = stack;
        this.ip = new IpOptions(stack, family, type);
        this.isV6Only = family == AF_INET6 && stack.settings().bindV6Only;
    }

    protected final InternetStack stack() {
        return stack;
    }

    public final IpOptions ip() {
        return ip;
    }

    public final boolean isV6() {
        return family() == AF_INET6;
    }

    /** IPV6_V6ONLY. */
    public boolean isV6Only() {
        return isV6Only;
    }

    /** SO_BINDTODEVICE, 0 for none. */
    public int boundInterface() {
        return boundInterface;
    }

    /** The any-address of the family. */
    protected final IpAddress any() {
        return isV6() ? IpAddress.ANY6 : IpAddress.ANY4;
    }

    // Addresses.

    /**
     * Checks an address for bind(2) (Linux: __inet_bind, __inet6_bind).
     *
     * @throws ErrnoException EINVAL, EAFNOSUPPORT, EADDRNOTAVAIL, EACCES
     */
    protected final InetAddress bindAddress(CallContext context, byte[] raw) throws ErrnoException {
        InetAddress a;
        int family = InetAddress.family(raw);
        if (isV6()) {
            if (raw.length < InetAddress.BYTES6_MIN) {
                throw Errno.EINVAL.exception();
            }
            if (family != AF_INET6) {
                throw Errno.EAFNOSUPPORT.exception();
            }
            a = InetAddress.read6(raw);
            if (a.address().isV4() && isV6Only) {
                throw Errno.EINVAL.exception();
            }
        } else {
            if (raw.length < InetAddress.BYTES4) {
                throw Errno.EINVAL.exception();
            }
            a = InetAddress.read4(raw);
            if (family != AF_INET && !(family == AF_UNSPEC && a.address().isAny())) {
                throw Errno.EAFNOSUPPORT.exception();
            }
        }
        if (!a.address().isAny() && !mayBindTo(a.address())) {
            throw (a.address().isMulticast() && type() == 1 && isV6()
                            ? Errno.EINVAL
                            : Errno.EADDRNOTAVAIL)
                    .exception();
        }
        if (stack.settings().isPrivileged(a.port())
                && !context.credentials().hasIn(stack.owner(), Capabilities.CAP_NET_BIND_SERVICE)) {
            throw Errno.EACCES.exception();
        }
        return a;
    }

    private boolean mayBindTo(IpAddress address) {
        if (stack.settings().bindsNonLocal
                || ip.isOn4(Inet.IP_FREEBIND)
                || ip.isOn4(Inet.IP_TRANSPARENT)
                || ip.isOn6(Inet.IPV6_FREEBIND)) {
            return true;
        }
        if (stack.isLocal(address)) {
            return true;
        }
        boolean isStream = type() == dev.jvisor.platform.abi.Socket.SOCK_STREAM;
        return address.isMulticast() && (!isStream || !isV6())
                || address.isV4() && address.equals(IpAddress.BROADCAST4)
                || isBroadcast(address);
    }

    /** Whether packets to an address go to all on a link. */
    protected final boolean isBroadcast(IpAddress address) {
        if (!address.isV4()) {
            return false;
        }
        if (address.equals(IpAddress.BROADCAST4)) {
            return true;
        }
        dev.jvisor.net.inet.route.Route r = stack.routes().lookup(address);
        return r != null && r.type() == dev.jvisor.platform.abi.Netlink.RTN_BROADCAST;
    }

    /**
     * Checks an address for connect(2) or sendto(2); null for AF_UNSPEC.
     *
     * @throws ErrnoException EINVAL, EAFNOSUPPORT, ENETUNREACH
     */
    protected final @Nullable InetAddress peerAddress(byte[] raw) throws ErrnoException {
        int family = InetAddress.family(raw);
        if (family < 0) {
            throw Errno.EINVAL.exception();
        }
        if (family == AF_UNSPEC) {
            return null;
        }
        InetAddress a;
        if (isV6() && family == AF_INET6) {
            if (raw.length < InetAddress.BYTES6_MIN) {
                throw Errno.EINVAL.exception();
            }
            a = InetAddress.read6(raw);
        } else {
            if (isV6() && type() == dev.jvisor.platform.abi.Socket.SOCK_STREAM) {
                throw (raw.length < InetAddress.BYTES6_MIN ? Errno.EINVAL : Errno.EAFNOSUPPORT)
                        .exception();
            }
            if (raw.length < InetAddress.BYTES4) {
                throw Errno.EINVAL.exception();
            }
            if (family != AF_INET) {
                throw Errno.EAFNOSUPPORT.exception();
            }
            a = InetAddress.read4(raw);
        }
        if (a.address().isV4() && isV6Only) {
            throw Errno.ENETUNREACH.exception();
        }
        if (a.address().isAny()) {
            // Linux takes "any" for this machine.
            IpAddress self = a.address().isV4() ? IpAddress.LOOPBACK4 : IpAddress.LOOPBACK6;
            return new InetAddress(self, a.port(), a.scope());
        }
        return a;
    }

    /** An address as the guest sees it. */
    protected final byte[] bytes(IpAddress address, int port) {
        return new InetAddress(address, port, 0).bytes(family());
    }

    // Options.

    /** Whether an address or port is chosen, so that IPV6_V6ONLY is fixed. */
    protected abstract boolean isBound();

    /** The peer, null if it is not connected. */
    protected abstract @Nullable IpAddress peerIp();

    @Override
    public void setOption(CallContext context, int level, int name, OptionValue value)
            throws ErrnoException {
        switch (level) {
            case dev.jvisor.platform.abi.Socket.SOL_SOCKET -> setSocketOption(context, name, value);
            case Inet.IPPROTO_IP -> {
                ip.set4(context, name, value);
                ipOptionChanged();
            }
            case Inet.IPPROTO_IPV6 -> {
                if (!isV6()) {
                    throw Errno.ENOPROTOOPT.exception();
                }
                if (name == Inet.IPV6_V6ONLY) {
                    int n = value.asInt();
                    if (isBound()) {
                        throw Errno.EINVAL.exception();
                    }
                    isV6Only = n != 0;
                } else {
                    ip.set6(context, name, value);
                }
                ipOptionChanged();
            }
            default -> throw Errno.ENOPROTOOPT.exception();
        }
    }

    private void setSocketOption(CallContext context, int name, OptionValue value)
            throws ErrnoException {
        switch (name) {
            case dev.jvisor.platform.abi.Socket.SO_BINDTODEVICE -> {
                byte[] raw = value.upTo(NetInterface.NAME_BYTES_MAX);
                int length = 0;
                while (length < raw.length && raw[length] != 0) {
                    length++;
                }
                bindToDevice(context, new String(raw, 0, length, StandardCharsets.ISO_8859_1));
            }
            case dev.jvisor.platform.abi.Socket.SO_BINDTOIFINDEX -> {
                int index = value.asInt();
                NetInterface device = stack.interfaceOf(index);
                if (index != 0 && device == null) {
                    throw Errno.ENODEV.exception();
                }
                bindToDevice(context, device == null ? "" : device.name());
            }
            default ->
                super.setOption(context, dev.jvisor.platform.abi.Socket.SOL_SOCKET, name, value);
        }
    }

    private void bindToDevice(CallContext context, String name) throws ErrnoException {
        if (boundInterface != 0
                && !context.credentials().hasIn(stack.owner(), Capabilities.CAP_NET_RAW)) {
            throw Errno.EPERM.exception();
        }
        if (name.isEmpty()) {
            boundInterface = 0;
        } else {
            NetInterface device = stack.interfaceOf(name);
            if (device == null) {
                throw Errno.ENODEV.exception();
            }
            boundInterface = device.index();
        }
        ipOptionChanged();
    }

    @Override
    public byte[] getOption(CallContext context, int level, int name, int capacity)
            throws ErrnoException {
        return switch (level) {
            case Inet.IPPROTO_IP -> ip.get4(name, peerIp());
            case Inet.IPPROTO_IPV6 -> {
                if (!isV6()) {
                    throw Errno.ENOPROTOOPT.exception();
                }
                yield name == Inet.IPV6_V6ONLY
                        ? SocketOptions.bytes(isV6Only ? 1 : 0)
                        : ip.get6(name, peerIp());
            }
            case dev.jvisor.platform.abi.Socket.SOL_SOCKET -> {
                if (name == dev.jvisor.platform.abi.Socket.SO_BINDTODEVICE) {
                    NetInterface device = stack.interfaceOf(boundInterface);
                    yield device == null
                            ? new byte[0]
                            : (device.name() + '\0').getBytes(StandardCharsets.ISO_8859_1);
                }
                if (name == dev.jvisor.platform.abi.Socket.SO_BINDTOIFINDEX) {
                    yield SocketOptions.bytes(boundInterface);
                }
                yield super.getOption(context, level, name, capacity);
            }
            default -> throw Errno.ENOPROTOOPT.exception();
        };
    }

    /** An option of IP or the device has a new value. */
    protected void ipOptionChanged() {}
}
