// SPDX-License-Identifier: Apache-2.0
/**
 * Sockets of AF_INET and AF_INET6 (Linux: net/ipv4/af_inet.c, net/ipv6/af_inet6.c): what those of
 * all protocols share, and the families that make them. The stack below is in {@code core}.
 */
@NullMarked
package dev.jvisor.net.inet;

import org.jspecify.annotations.NullMarked;
