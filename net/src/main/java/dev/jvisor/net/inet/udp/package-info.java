// SPDX-License-Identifier: Apache-2.0
/** UDP (RFC 768; Linux: net/ipv4/udp.c, net/ipv6/udp.c). */
@NullMarked
package dev.jvisor.net.inet.udp;

import org.jspecify.annotations.NullMarked;
