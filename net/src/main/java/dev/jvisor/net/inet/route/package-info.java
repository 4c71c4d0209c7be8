// SPDX-License-Identifier: Apache-2.0
/** Which way packets go (Linux: net/ipv4/fib_*.c, net/ipv6/ip6_fib.c). */
@NullMarked
package dev.jvisor.net.inet.route;

import org.jspecify.annotations.NullMarked;
