// SPDX-License-Identifier: Apache-2.0
/**
 * The calls on sockets: copy addresses, messages and options in and out, and wait.
 *
 * <p>What is the same for every address family is here; a {@link dev.jvisor.net.socket.Socket} does
 * the rest without ever blocking. {@link dev.jvisor.syscalls.handlers.socket.SocketTransfer} waits
 * for it: SO_RCVTIMEO and SO_SNDTIMEO, MSG_WAITALL, partial results and what a signal makes of a
 * call.
 */
@NullMarked
package dev.jvisor.syscalls.handlers.socket;

import org.jspecify.annotations.NullMarked;
