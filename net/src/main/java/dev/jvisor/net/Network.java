// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.net.inet.InetFamily;
import dev.jvisor.net.inet.InternetDevices;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.NetTimers;
import dev.jvisor.net.netlink.NetlinkFamily;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.SocketFamily;
import dev.jvisor.net.unix.UnixFamily;
import dev.jvisor.platform.abi.Socket;

import org.jspecify.annotations.Nullable;

/** Composes network namespaces. What a namespace does not use is not even loaded. */
public final class Network implements NetNamespace.Builder {

    private final NetTimers timers;

    /** Whether the loopback interface is up from the start. */
    private final boolean hasLoopback;

    private Network(NetTimers timers, boolean hasLoopback) {
        this.timers = timers;
        this.hasLoopback = hasLoopback;
    }

    /** The sandbox's first namespace, with a loopback interface that is up. */
    public static NetNamespace newNamespace(NetTimers timers) {
        return new NetNamespace(new Network(timers, true));
    }

    @Override
    public NetNamespace another(UserNamespace owner) {
        return new NetNamespace(new Network(timers, false), owner);
    }

    @Override
    public @Nullable SocketFamily family(NetNamespace net, int family) {
        return switch (family) {
            case Socket.AF_UNIX -> new UnixFamily(net);
            case Socket.AF_INET, Socket.AF_INET6 -> new InetFamily(net, stack(net), family);
            case Socket.AF_NETLINK -> new NetlinkFamily(net, stack(net));
            default -> null;
        };
    }

    @Override
    public Object part(NetNamespace net, NetNamespace.Part part) {
        return switch (part) {
            case INTERNET -> newInternet(net);
        };
    }

    private InternetDevices newInternet(NetNamespace net) {
        InternetStack stack = new InternetStack(timers, net.owner());
        if (hasLoopback) {
            stack.setUp(stack.loopback(), true);
        }
        return new InternetDevices(stack);
    }

    /** The stack of a namespace, made if it is not there yet. */
    public static InternetStack stack(NetNamespace net) {
        return ((InternetDevices) net.part(NetNamespace.Part.INTERNET)).stack();
    }
}
