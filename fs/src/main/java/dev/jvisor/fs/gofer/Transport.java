// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.platform.abi.ErrnoException;

/** Carries one request to the server and its answer back. Used by one thread at a time. */
public interface Transport extends AutoCloseable {

    /** Where an answer arrives. Reused for each exchange. */
    final class Answer {
        /** The message's bytes start at 0; owned by the transport. */
        public byte[] data = {};

        /** Bytes of the message. */
        public int length;

        /** Donated descriptor, or -1. The receiver owns it. */
        public int descriptor = -1;
    }

    /**
     * Sends a request and waits for an answer.
     *
     * @throws ErrnoException EIO if the server is gone
     */
    void exchange(byte[] request, int length, Answer answer) throws ErrnoException;

    /** Ends the session: the server forgets everything. */
    @Override
    void close();
}
