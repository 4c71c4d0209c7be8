// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.P9;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostSockets;
import dev.jvisor.platform.host.NativeBuffer;

/** Exchanges messages over a SOCK_SEQPACKET socket: one packet is one message. */
public final class SocketTransport implements Transport {

    private final int socket;
    private final NativeBuffer buffer = NativeBuffer.allocate(P9.MESSAGE_SIZE_MAX);
    private final byte[] received = new byte[P9.MESSAGE_SIZE_MAX];
    private final int[] descriptors = {-1};
    private boolean closed;

    /** Takes over a connected socket. */
    public SocketTransport(int socket) {
        this.socket = socket;
    }

    @Override
    public void exchange(byte[] request, int length, Answer answer) throws ErrnoException {
        if (closed) {
            throw Errno.EIO.exception();
        }
        int count;
        try {
            buffer.put(0, request, 0, length);
            HostSockets.send(socket, buffer.address(), length, -1);
            count = HostSockets.receive(socket, buffer.address(), P9.MESSAGE_SIZE_MAX, descriptors);
        } catch (ErrnoException e) {
            throw Errno.EIO.exception(); // EPIPE, ECONNRESET: the server is gone
        }
        if (count == 0) {
            throw Errno.EIO.exception();
        }
        buffer.get(0, received, 0, count);
        answer.data = received;
        answer.length = count;
        answer.descriptor = descriptors[0];
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            HostSockets.shutdown(socket);
            HostFiles.close(socket);
            buffer.free();
        }
    }
}
