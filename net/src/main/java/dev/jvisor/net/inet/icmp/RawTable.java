// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.icmp;

import dev.jvisor.net.inet.ip.Packet;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The raw sockets of a stack: each gets a copy of the packets of its protocol. */
public final class RawTable {

    private final CopyOnWriteArrayList<RawSocket> sockets = new CopyOnWriteArrayList<>();

    void add(RawSocket socket) {
        sockets.add(socket);
    }

    void remove(RawSocket socket) {
        sockets.remove(socket);
    }

    /** All raw sockets. */
    public List<RawSocket> sockets() {
        return sockets;
    }

    /** Shows a packet to those who want it; whether anybody did. */
    public boolean input(Packet packet) {
        if (sockets.isEmpty()) {
            return false;
        }
        boolean taken = false;
        for (RawSocket s : sockets) {
            taken |= s.offer(packet);
        }
        return taken;
    }
}
