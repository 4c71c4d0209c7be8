// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.link;

import dev.jvisor.net.inet.ip.Packet;

/** What carries the packets of an interface (Linux: {@code net_device_ops}). */
public interface LinkEndpoint {

    /**
     * Sends a packet that has its network header. Never blocks: what there is no room for is
     * dropped.
     *
     * @param from the interface it leaves by
     */
    void transmit(NetInterface from, Packet packet);
}
