// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import static dev.jvisor.platform.abi.Socket.MSG_OOB;
import static dev.jvisor.platform.abi.Socket.MSG_PEEK;
import static dev.jvisor.platform.abi.Socket.MSG_TRUNC;

import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** Messages that keep their boundaries, as SOCK_DGRAM and SOCK_SEQPACKET have them. */
final class Packets {

    private static final int OVERHEAD_BYTES = 32;

    private Packets() {}

    /**
     * Makes a message of all of a call's data and takes room for it.
     *
     * @throws ErrnoException EMSGSIZE; a pending error; EPIPE; EAGAIN; ENOBUFS; EFAULT
     */
    static UnixMessage make(UnixSocket from, SocketMessage call, ReceiveQueue to)
            throws ErrnoException {
        long length = call.data.remaining();
        if (length > from.options().sendBuffer() - OVERHEAD_BYTES) {
            throw Errno.EMSGSIZE.exception();
        }
        Errno pending = from.takeError();
        if (pending != null) {
            throw pending.exception();
        }
        if ((from.shut & UnixSocket.SHUT_SEND) != 0) {
            throw Errno.EPIPE.exception();
        }
        if (length > Buffers.SHORT_BYTES_MAX && Buffers.isShort()) {
            throw Errno.ENOBUFS.exception();
        }
        int cost = UnixMessage.datagramCost((int) length);
        if (!from.charge(cost)) {
            throw Errno.EAGAIN.exception();
        }
        try {
            UnixMessage message = from.copyIn(to, call, (int) length);
            message.cost = cost;
            return message;
        } catch (ErrnoException e) {
            from.uncharge(cost);
            throw e;
        }
    }

    /**
     * Receives the first message, of which the rest is lost.
     *
     * @return its length, or what fitted of it
     * @throws ErrnoException EOPNOTSUPP for MSG_OOB; a pending error; EAGAIN; EFAULT, and the
     *     message is lost
     */
    static long receive(UnixSocket socket, SocketMessage call, boolean endsQuietly)
            throws ErrnoException {
        if (call.has(MSG_OOB)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        boolean peeks = call.has(MSG_PEEK);
        long result;
        synchronized (socket.readLock) {
            boolean ended = (socket.shut & UnixSocket.SHUT_RECEIVE) != 0;
            Errno pending = socket.takeError();
            if (pending != null) {
                throw pending.exception();
            }
            int offset = peeks ? Math.max(0, socket.options().peekOffset()) : 0;
            UnixMessage message = peeks ? skip(socket, offset) : socket.received.removeFirst();
            if (message == null) {
                if (ended && (endsQuietly || !call.noWait)) {
                    return 0;
                }
                throw socket.nothingToReceive(call);
            }
            if (peeks && offset > 0) {
                offset -= before(socket, message);
            }
            try {
                result = copyOut(socket, call, message, offset);
            } finally {
                if (!peeks) {
                    if (message.hasFiles()) {
                        call.setFiles(InFlight.take(message));
                    }
                    socket.finish(message);
                }
            }
        }
        socket.roomQueue.notify(UnixSocket.ANY);
        return result;
    }

    /** The message that SO_PEEK_OFF leads to. */
    private static @Nullable UnixMessage skip(UnixSocket socket, int offset) {
        int left = offset;
        UnixMessage m = socket.received.first();
        while (m != null && left > 0 && left >= m.length()) {
            left -= m.length();
            m = socket.received.after(m);
        }
        return m;
    }

    private static int before(UnixSocket socket, UnixMessage message) {
        int bytes = 0;
        UnixMessage m = socket.received.first();
        for (; m != null && m != message; m = socket.received.after(m)) {
            bytes += m.length();
        }
        return bytes;
    }

    private static long copyOut(
            UnixSocket socket, SocketMessage call, UnixMessage message, int offset)
            throws ErrnoException {
        int length = message.length() - offset;
        int wanted = (int) Math.min(length, call.data.remaining());
        if (wanted < length) {
            call.resultFlags |= MSG_TRUNC;
        }
        socket.putSender(call, message);
        if (wanted > 0 && call.data.copyTo(message.data, message.start + offset, wanted) < wanted) {
            throw Errno.EFAULT.exception();
        }
        if (message.stampNanos != 0) {
            socket.options().putTimestamp(call, message.stampNanos);
        }
        socket.putWriter(call, message);
        if (call.has(MSG_PEEK)) {
            if (message.hasFiles()) {
                call.setFiles(InFlight.duplicate(message));
            }
            movePeekOffset(socket, wanted);
        } else {
            movePeekOffset(socket, -message.length());
        }
        return call.has(MSG_TRUNC) ? length : wanted;
    }

    private static void movePeekOffset(UnixSocket socket, int by) {
        int offset = socket.options().peekOffset();
        if (offset >= 0) {
            socket.options().setPeekOffset(Math.max(0, offset + by));
        }
    }
}
