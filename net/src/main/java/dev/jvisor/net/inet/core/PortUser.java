// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import dev.jvisor.net.inet.ip.IpAddress;

/** What occupies a port: a bound socket, a connection, one in TIME_WAIT. */
public interface PortUser {

    /** The local address it is bound to; the any-address for all. */
    IpAddress boundAddress();

    /** Whether an any-address of IPv6 does not include IPv4. */
    boolean isV6Only();

    /** Interface it is bound to (SO_BINDTODEVICE), 0 for all. */
    int boundInterface();

    /** SO_REUSEADDR. */
    boolean reusesAddress();

    /** SO_REUSEPORT. */
    boolean reusesPort();

    /** Effective user id of its maker. */
    int userId();

    boolean isListening();

    default boolean isTimeWait() {
        return false;
    }

    /** Whether the port was only taken for a connection, so that others may have it too. */
    boolean isConnectOnly();
}
