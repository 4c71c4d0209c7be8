// SPDX-License-Identifier: Apache-2.0
/**
 * Host files behind a protocol: the server that opens them and the file system that asks it.
 *
 * <p>{@link dev.jvisor.fs.gofer.GoferServer} serves one host directory tree;
 * {@link dev.jvisor.fs.gofer.GoferFilesystem} is the Sentry's side. Between them is a
 * {@link dev.jvisor.fs.gofer.Transport}: {@link dev.jvisor.fs.gofer.SocketTransport} over a
 * SOCK_SEQPACKET pair is the real one; {@link dev.jvisor.fs.gofer.DirectTransport} runs the server
 * on the caller's thread with the same encoded messages, which saves two thread switches (5 to 60
 * microseconds, see the design notes on hand-overs) as long as the gofer is a part of
 * {@code runsc}.
 *
 * <p>Lock order: {@code GoferInode}'s write lock, then the connection's lock, then leaves (the
 * handle cache).
 */
@NullMarked
package dev.jvisor.fs.gofer;

import org.jspecify.annotations.NullMarked;
