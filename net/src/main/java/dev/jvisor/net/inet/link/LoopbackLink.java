// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.link;

import dev.jvisor.net.inet.ip.Packet;

/**
 * The link that gives back what it gets (Linux: drivers/net/loopback.c). The sender's thread
 * carries the packet up to the receiving socket: nobody has to be woken to move it.
 */
public final class LoopbackLink implements LinkEndpoint {

    /** MTU of lo, bytes. */
    public static final int MTU_BYTES = 65536;

    private final PacketInput input;

    /** Takes packets from a link (Linux: {@code netif_rx}). */
    public interface PacketInput {
        void input(NetInterface from, Packet packet);
    }

    public LoopbackLink(PacketInput input) {
        this.input = input;
    }

    @Override
    public void transmit(NetInterface from, Packet packet) {
        packet.isChecksumTrusted = true;
        input.input(from, packet);
    }
}
