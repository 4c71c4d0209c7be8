// SPDX-License-Identifier: Apache-2.0
/**
 * UNIX sockets (Linux: net/unix).
 *
 * <p>{@link dev.jvisor.net.unix.StreamSocket} and {@link dev.jvisor.net.unix.SeqpacketSocket} are
 * {@link dev.jvisor.net.unix.ConnectedSocket}s; {@link dev.jvisor.net.unix.DatagramSocket} is not.
 * What is sent goes straight into the receiver's {@link dev.jvisor.net.unix.ReceiveQueue}; it
 * counts against the sender's SO_SNDBUF, by what the same message would cost in Linux, until it is
 * received. A name is a file's inode ({@code Inode.special}) or an entry in the namespace's
 * {@link dev.jvisor.net.unix.UnixFamily}. {@link dev.jvisor.net.unix.InFlight} keeps sockets that
 * were sent over each other from living forever.
 *
 * <p>Locks, outermost first:
 *
 * <pre>
 *   UnixSocket.bindLock        one name for each socket; the file system's locks are inside
 *   UnixSocket.readLock        one reader at a time; held while bytes go to the guest
 *     InFlight.LOCK            files of queued messages
 *       ReceiveQueue           the list of messages
 *       UnixSocket.STATE       who is connected to whom, of all sockets
 *         WaitQueue
 * </pre>
 */
@NullMarked
package dev.jvisor.net.unix;

import org.jspecify.annotations.NullMarked;
