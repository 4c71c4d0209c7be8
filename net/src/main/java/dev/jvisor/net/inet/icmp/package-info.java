// SPDX-License-Identifier: Apache-2.0
/** ICMP (RFC 792, RFC 4443), and the sockets that see packets as they are: raw(7), icmp(7). */
@NullMarked
package dev.jvisor.net.inet.icmp;

import org.jspecify.annotations.NullMarked;
