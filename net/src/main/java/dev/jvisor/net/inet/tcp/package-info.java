// SPDX-License-Identifier: Apache-2.0
/**
 * TCP (RFC 9293, 5681, 6298, 6582, 6675, 7323, 2018, 9438; Linux: net/ipv4/tcp*.c).
 *
 * <p>A {@link dev.jvisor.net.inet.tcp.TcpSocket} is what a guest has; behind it is a
 * {@code TcpEndpoint} with its state and its two halves, {@code TcpSender} and {@code TcpReceiver};
 * {@code TcpInput} is what segments do to it. A listener has {@code TcpRequest}s until their
 * handshake is complete; a {@code TimeWait} is what is left at the end. {@code TcpProtocol} finds
 * who a segment is for.
 *
 * <p>Locks: each endpoint has one ({@link dev.jvisor.net.inet.core.SocketLock}). While it is held
 * segments are sent, which may lock the receiving endpoint on the same thread, but only if it is
 * free: nobody waits for an endpoint's lock with another one held, except for that of a connection
 * nobody accepted yet, which its listener ends. The tables, {@code TimeWaits} and
 * {@link dev.jvisor.net.inet.core.PortTable} are leaves.
 */
@NullMarked
package dev.jvisor.net.inet.tcp;

import org.jspecify.annotations.NullMarked;
