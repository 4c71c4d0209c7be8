// SPDX-License-Identifier: Apache-2.0
/**
 * What packets are made of: addresses, checksums, headers of IP (RFC 791, RFC 8200) and the packet
 * itself. Nothing here has state or locks.
 */
@NullMarked
package dev.jvisor.net.inet.ip;

import org.jspecify.annotations.NullMarked;
