// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.SocketFamily;
import dev.jvisor.net.unix.UnixFamily;
import dev.jvisor.platform.abi.Socket;

import org.jspecify.annotations.Nullable;

/** Composes network namespaces. What a namespace does not use is not even loaded. */
public final class Network implements NetNamespace.Builder {

    private Network() {}

    /** A fresh namespace, as clone(2) with CLONE_NEWNET makes it. */
    public static NetNamespace newNamespace(UserNamespace owner) {
        return new NetNamespace(new Network(), owner);
    }

    /** The sandbox's first namespace. */
    public static NetNamespace newNamespace() {
        return new NetNamespace(new Network());
    }

    @Override
    public @Nullable SocketFamily family(NetNamespace net, int family) {
        return switch (family) {
            case Socket.AF_UNIX -> new UnixFamily(net);
            default -> null;
        };
    }

    @Override
    public Object part(NetNamespace net, NetNamespace.Part part) {
        return switch (part) {
            case INTERNET -> net; // there are no interfaces yet
        };
    }
}
