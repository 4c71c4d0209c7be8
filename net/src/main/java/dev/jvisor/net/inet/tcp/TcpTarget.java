// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.net.inet.ip.Packet;

/** What the segments of a connection are for: a connection, one being opened, one in TIME_WAIT. */
interface TcpTarget {
    void receive(Packet packet);
}
