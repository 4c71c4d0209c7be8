// SPDX-License-Identifier: Apache-2.0
/** Interfaces and the links below them (Linux: net/core/dev.c). No lock is held over a transmit. */
@NullMarked
package dev.jvisor.net.inet.link;

import org.jspecify.annotations.NullMarked;
