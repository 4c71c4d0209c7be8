// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import dev.jvisor.net.inet.ip.Packet;

/** A protocol over IP (Linux: {@code struct net_protocol}). */
public interface Transport {

    /** Takes a packet for this machine; addresses and the transport's place are set. */
    void input(Packet packet);

    /**
     * An ICMP error came for a packet that this machine sent.
     *
     * @param original the packet as far as the error quotes it, from its network header on
     */
    void error(Packet original, IcmpError error);
}
