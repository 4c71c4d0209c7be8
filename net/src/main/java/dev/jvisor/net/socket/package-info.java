// SPDX-License-Identifier: Apache-2.0
/**
 * What every socket is (Linux: net/socket.c, net/core/sock.c), whatever its address family.
 *
 * <p>A {@link dev.jvisor.net.socket.Socket} is an open file description; the family's package
 * ({@code unix}, {@code inet}, {@code netlink}) extends it. A
 * {@link dev.jvisor.net.socket.NetNamespace} makes sockets through its
 * {@link dev.jvisor.net.socket.SocketFamily families}. The system call layer copies addresses,
 * options and control messages in and out and does all the waiting: no operation here blocks.
 *
 * <ul>
 *   <li>An operation that cannot proceed throws EAGAIN. The caller waits until
 *       {@link dev.jvisor.fs.vfs.FileDescription#poll} has the event it needs, or for
 *       {@link dev.jvisor.net.socket.SocketCall#blockedOn} if the socket has set it, and tries
 *       again.
 *   <li>connect(2) that is under way throws EINPROGRESS (a second one EALREADY); the caller waits
 *       for POLLOUT and asks {@link dev.jvisor.net.socket.Socket#finishConnect}.
 *   <li>A transfer that moved a part returns its length; the caller counts it in
 *       {@link dev.jvisor.net.socket.SocketCall#transferred} and goes on if the call has to.
 * </ul>
 *
 * <p>Locks: a socket's own lock is a leaf but for {@link dev.jvisor.fs.wait.WaitQueue}; each family
 * says in its package what it takes together. Queues are notified without a socket's lock where
 * that is possible. Memory of the guest is never copied with two sockets locked.
 */
@NullMarked
package dev.jvisor.net.socket;

import org.jspecify.annotations.NullMarked;
