// SPDX-License-Identifier: Apache-2.0
/** UNIX sockets (Linux: net/unix). */
@NullMarked
package dev.jvisor.net.unix;

import org.jspecify.annotations.NullMarked;
