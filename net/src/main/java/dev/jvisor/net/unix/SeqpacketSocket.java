// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import static dev.jvisor.platform.abi.Socket.MSG_OOB;
import static dev.jvisor.platform.abi.Socket.SOCK_SEQPACKET;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** SOCK_SEQPACKET: a connection of messages. A broken one sends no SIGPIPE, as in Linux. */
final class SeqpacketSocket extends ConnectedSocket {

    SeqpacketSocket(CallContext context, UnixFamily home) {
        super(context, home, SOCK_SEQPACKET);
    }

    @Override
    ConnectedSocket newSocket(CallContext context) {
        return new SeqpacketSocket(context, home);
    }

    /**
     * Sends a message; an address is not looked at.
     *
     * <p>Errors, in this order: a pending error; ENOTCONN; EOPNOTSUPP for MSG_OOB; EMSGSIZE; EPIPE;
     * EAGAIN; EFAULT.
     */
    @Override
    public long send(CallContext context, SocketMessage call) throws ErrnoException {
        throwError(call);
        UnixSocket to = peer;
        if (state != State.ESTABLISHED || to == null) {
            throw Errno.ENOTCONN.exception();
        }
        if (call.has(MSG_OOB)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        bindIfPassing();
        UnixMessage message = Packets.make(this, call, to.received);
        int length = message.length();
        attach(context, call, message, to);
        boolean closed = to.dead || (to.shut & SHUT_RECEIVE) != 0;
        if (closed || deliver(to, call, message, Integer.MAX_VALUE) != ReceiveQueue.Result.QUEUED) {
            discard(call, message);
            throw Errno.EPIPE.exception();
        }
        to.waitQueue().notify(READABLE);
        return length;
    }

    /** Receives a message, or 0 at the end; ENOTCONN. */
    @Override
    public long receive(CallContext context, SocketMessage call) throws ErrnoException {
        call.receiver = context;
        if (state != State.ESTABLISHED) {
            throw Errno.ENOTCONN.exception();
        }
        return Packets.receive(this, call, true);
    }
}
