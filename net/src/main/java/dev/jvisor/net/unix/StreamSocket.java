// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import static dev.jvisor.platform.abi.Socket.MSG_OOB;
import static dev.jvisor.platform.abi.Socket.MSG_PEEK;
import static dev.jvisor.platform.abi.Socket.SOCK_STREAM;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** SOCK_STREAM. Each write is a message; reads run over as many as were written by one writer. */
final class StreamSocket extends ConnectedSocket {

    StreamSocket(CallContext context, UnixFamily home) {
        super(context, home, SOCK_STREAM);
    }

    @Override
    ConnectedSocket newSocket(CallContext context) {
        return new StreamSocket(context, home);
    }

    /**
     * Sends what there is room for.
     *
     * <p>Errors, in this order: EOPNOTSUPP for MSG_OOB; EISCONN or EOPNOTSUPP for an address;
     * ENOTCONN; EPIPE; a pending error; EAGAIN; EFAULT.
     */
    @Override
    public long send(CallContext context, SocketMessage call) throws ErrnoException {
        if (call.has(MSG_OOB)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        if (call.address != null) {
            boolean connected = state == State.ESTABLISHED;
            throw (connected ? Errno.EISCONN : Errno.EOPNOTSUPP).exception();
        }
        UnixSocket to = peer;
        if (to == null) {
            throw Errno.ENOTCONN.exception();
        }
        if ((shut & SHUT_SEND) != 0) {
            throw brokenPipe(context, call);
        }
        long sent = 0;
        while (call.data.remaining() > 0) {
            try {
                sent += sendPart(context, call, to, sent);
            } catch (ErrnoException e) {
                if (sent == 0) {
                    throw e;
                }
                break;
            }
        }
        return sent;
    }

    private int sendPart(CallContext context, SocketMessage call, UnixSocket to, long sent)
            throws ErrnoException {
        if (sent == 0) {
            throwError(call);
        }
        int most = Math.min(options().sendBuffer() / 2 - 64, UnixMessage.STREAM_BYTES_MAX);
        if (Buffers.isShort()) {
            most = Math.min(most, Buffers.SHORT_BYTES_MAX);
        }
        int length = (int) Math.min(call.data.remaining(), most);
        int cost = UnixMessage.streamCost(length);
        if (!charge(cost)) {
            throw Errno.EAGAIN.exception();
        }
        UnixMessage message;
        try {
            message = copyIn(to.received, call, length);
        } catch (ErrnoException e) {
            uncharge(cost);
            throw e;
        }
        message.cost = cost;
        attach(context, call, message, to);
        boolean closed = (to.shut & SHUT_RECEIVE) != 0;
        if (closed || deliver(to, call, message, Integer.MAX_VALUE) != ReceiveQueue.Result.QUEUED) {
            discard(call, message);
            throw sent == 0 ? brokenPipe(context, call) : Errno.EPIPE.exception();
        }
        to.waitQueue().notify(READABLE);
        return length;
    }

    /**
     * Receives what is there, up to passed files and not beyond what one writer wrote.
     *
     * <p>Errors, in this order: EOPNOTSUPP for MSG_OOB; EINVAL if it is not connected; a pending
     * error, once all was read; EAGAIN; EFAULT.
     */
    @Override
    public long receive(CallContext context, SocketMessage call) throws ErrnoException {
        call.receiver = context;
        if (call.has(MSG_OOB)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        if (state != State.ESTABLISHED) {
            throw Errno.EINVAL.exception();
        }
        synchronized (readLock) {
            // Before the queue is looked at: what was sent before the end has to be seen.
            boolean ended = (shut & SHUT_RECEIVE) != 0;
            UnixMessage first = received.first();
            if (first != null && call.has(MSG_PEEK)) {
                int skip = Math.max(0, options().peekOffset());
                for (; first != null && skip >= first.length(); first = received.after(first)) {
                    skip -= first.length();
                }
                if (first != null) {
                    return peek(call, first, skip);
                }
            } else if (first != null) {
                return read(call, first);
            }
            throwError(call);
            if (ended) {
                return 0;
            }
            throw nothingToReceive(call);
        }
    }

    private long read(SocketMessage call, UnixMessage first) throws ErrnoException {
        long total = 0;
        for (UnixMessage m = first; m != null; ) {
            if (!begin(call, m)) {
                break;
            }
            int wanted = (int) Math.min(m.length(), call.data.remaining());
            if (!copyOut(call, m, m.start, wanted, total)) {
                break;
            }
            total += wanted;
            moveStart(m, wanted);
            boolean passed = m.hasFiles();
            if (passed) {
                call.setFiles(InFlight.take(m));
                call.isComplete = true;
            }
            if (m.length() > 0) {
                break;
            }
            received.removeFirst();
            finish(m);
            if (passed || call.data.remaining() == 0) {
                break;
            }
            m = received.first();
        }
        return total;
    }

    /** SO_PEEK_OFF goes back by what is read. */
    private void moveStart(UnixMessage m, int count) {
        m.start += count;
        int offset = options().peekOffset();
        if (offset > 0) {
            options().setPeekOffset(Math.max(0, offset - count));
        }
    }

    private long peek(SocketMessage call, UnixMessage first, int skip) throws ErrnoException {
        long total = 0;
        int from = skip;
        for (UnixMessage m = first; m != null; m = received.after(m)) {
            if (!begin(call, m)) {
                break;
            }
            int wanted = (int) Math.min(m.length() - from, call.data.remaining());
            if (!copyOut(call, m, m.start + from, wanted, total)) {
                break;
            }
            total += wanted;
            from = 0;
            if (m.hasFiles()) {
                call.setFiles(InFlight.duplicate(m));
                break;
            }
            if (call.data.remaining() == 0) {
                break;
            }
        }
        if (options().peekOffset() >= 0) {
            options().setPeekOffset(options().peekOffset() + (int) total);
        }
        return total;
    }

    /**
     * Notes who wrote the first message of a call; a message of somebody else ends the call if the
     * caller wants to know.
     */
    private boolean begin(SocketMessage call, UnixMessage m) {
        Writer before = (Writer) call.memory;
        if (before == null) {
            putWriter(call, m);
            putSender(call, m);
            boolean compares = super.wantsWriters();
            call.memory = compares
                    ? new Writer(m.hasWriter, m.writerPid, m.writerUid, m.writerGid)
                    : Writer.ANYBODY;
            return true;
        }
        if (before == Writer.ANYBODY || before.wrote(m)) {
            return true;
        }
        call.isComplete = true;
        return false;
    }

    private record Writer(boolean known, int pid, int uid, int gid) {
        static final Writer ANYBODY = new Writer(false, 0, 0, 0);

        boolean wrote(UnixMessage m) {
            return known == m.hasWriter
                    && pid == m.writerPid
                    && uid == m.writerUid
                    && gid == m.writerGid;
        }
    }

    /** Copies a part of a message; false if the guest's memory ended and something was copied. */
    private static boolean copyOut(
            SocketMessage call, UnixMessage m, int from, int length, long total)
            throws ErrnoException {
        int n = 0;
        try {
            n = length == 0 ? 0 : call.data.copyTo(m.data, from, length);
        } catch (ErrnoException e) {
            if (total == 0) {
                throw e;
            }
        }
        if (n < length && total == 0) {
            throw Errno.EFAULT.exception();
        }
        return n == length;
    }
}
