// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.platform.abi.Errno;

/**
 * What an ICMP error says of a packet (Linux: {@code icmp_err_convert}).
 *
 * @param errno what the socket gets
 * @param isFatal whether a connection ends by it
 * @param reporter who sent the error
 */
public record IcmpError(
        boolean isV4,
        int type,
        int code,
        int info,
        Errno errno,
        boolean isFatal,
        IpAddress reporter) {}
