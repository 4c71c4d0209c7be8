// SPDX-License-Identifier: Apache-2.0
/**
 * The stack of a namespace: interfaces, routes, IP output and input, and what all transports share:
 * ports, timers, settings, counters.
 *
 * <p>A packet goes down through {@link dev.jvisor.net.inet.core.InternetStack#output} and up
 * through {@link dev.jvisor.net.inet.core.InternetStack#input}, on the sender's thread. No lock of
 * this package is held meanwhile; a transport may be called while the sender's socket is locked, so
 * it never waits for a socket's lock there (see {@link dev.jvisor.net.inet.core.SocketLock}).
 */
@NullMarked
package dev.jvisor.net.inet.core;

import org.jspecify.annotations.NullMarked;
