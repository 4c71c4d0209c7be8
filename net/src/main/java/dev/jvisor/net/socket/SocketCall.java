// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.socket;

import dev.jvisor.fs.wait.WaitQueue;

import org.jspecify.annotations.Nullable;

/** One system call on a socket, over all its attempts. */
public class SocketCall {

    /** Something to wait for that is not the socket's own. */
    public interface WaitPoint {
        /** Where the change is announced, with any events. */
        WaitQueue queue();

        /** Whether it is worth to try again. */
        boolean isReady();
    }

    /** Whether the caller does not wait: O_NONBLOCK, MSG_DONTWAIT. */
    public boolean noWait;

    /**
     * Set by an operation that throws EAGAIN (which clears it first): what to wait for instead of
     * the socket's own {@code POLLIN} or {@code POLLOUT}, as room in the queue of a peer.
     */
    public @Nullable WaitPoint blockedOn;

    /**
     * Bytes that earlier attempts of this call have moved. While it is not 0 the call's result is
     * certain: an error is kept for the next call, and SIGPIPE is not sent.
     */
    public long transferred;
}
