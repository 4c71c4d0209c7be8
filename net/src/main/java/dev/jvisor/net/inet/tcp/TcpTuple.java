// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.net.inet.ip.IpAddress;

import org.jspecify.annotations.Nullable;

/** The two ends of a connection, as one of them sees it. */
record TcpTuple(IpAddress local, int localPort, IpAddress remote, int remotePort) {

    @Override
    public int hashCode() {
        int ports = (localPort << 16 | remotePort) * 0x9e3779b1;
        return (local.hashCode() * 31 + remote.hashCode()) ^ ports ^ ports >>> 15;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TcpTuple t
                && t.localPort == localPort
                && t.remotePort == remotePort
                && t.local.equals(local)
                && t.remote.equals(remote);
    }
}
