// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.P9Writer;

/**
 * Runs the server on the caller's thread: the same messages, no thread switch. Only while the gofer
 * is a part of this process.
 */
public final class DirectTransport implements Transport {

    private final GoferServer server;
    private final P9Writer writer = new P9Writer();

    /** Takes over the server. */
    public DirectTransport(GoferServer server) {
        this.server = server;
    }

    @Override
    public void exchange(byte[] request, int length, Answer answer) {
        answer.descriptor = server.serve(request, length, writer);
        answer.data = writer.array();
        answer.length = writer.size();
    }

    @Override
    public void close() {
        server.close();
    }
}
