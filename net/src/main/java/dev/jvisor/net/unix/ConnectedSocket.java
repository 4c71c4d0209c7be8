// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import static dev.jvisor.platform.abi.Socket.SO_PASSCRED;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.net.socket.PeerIdentity;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.net.socket.SocketCall;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A socket of type SOCK_STREAM or SOCK_SEQPACKET: listens or has one peer.
 *
 * <p>A connection is there as soon as connect(2) returns: the listener's end of it waits in the
 * backlog until it is accepted, and takes data already.
 */
abstract class ConnectedSocket extends UnixSocket {

    /** Connections that nobody has accepted yet; guarded by STATE. */
    private final ArrayDeque<ConnectedSocket> pending = new ArrayDeque<>(0);

    /** Size of {@link #pending}, read without the lock. */
    private volatile int pendingCount;

    private volatile int backlog;

    /** Whether it waits in a backlog. */
    private volatile boolean isEmbryo;

    ConnectedSocket(CallContext context, UnixFamily home, int type) {
        super(context, home, type);
    }

    /** Another one of the same kind. */
    abstract ConnectedSocket newSocket(CallContext context);

    @Override
    public final boolean isListening() {
        return state == State.LISTEN;
    }

    /** Linux: unix_recvq_full. */
    private boolean isBacklogFull() {
        return pendingCount > backlog;
    }

    private final class BacklogRoom implements SocketCall.WaitPoint {
        @Override
        public WaitQueue queue() {
            return roomQueue;
        }

        @Override
        public boolean isReady() {
            return dead || (shut & SHUT_RECEIVE) != 0 || !isBacklogFull();
        }
    }

    /**
     * connect(2).
     *
     * <p>Errors, in this order: EINVAL for the address; those of the name's look-up; ECONNREFUSED
     * if nobody listens there; EAGAIN if its backlog is full; EISCONN; EINVAL if this one listens.
     */
    @Override
    public final void connect(CallContext context, byte[] address, SocketCall call)
            throws ErrnoException {
        call.blockedOn = null;
        UnixAddress to = UnixAddress.parse(address);
        bindIfPassing();
        ConnectedSocket listener = (ConnectedSocket) home.find(context, to, type());
        synchronized (STATE) {
            checkConnect(listener, call);
        }
        ConnectedSocket embryo = newSocket(context);
        boolean connected = false;
        try {
            synchronized (STATE) {
                checkConnect(listener, call);
                embryo.isEmbryo = true;
                embryo.address = listener.address;
                embryo.identity = PeerIdentity.of(context);
                embryo.options().turn(SO_PASSCRED, listener.options().isOn(SO_PASSCRED));
                embryo.peer = this;
                embryo.state = State.ESTABLISHED;
                identity = listener.identity;
                peer = embryo;
                state = State.ESTABLISHED;
                listener.pending.add(embryo);
                listener.pendingCount++;
                connected = true;
            }
        } finally {
            if (!connected) {
                embryo.release();
            }
        }
        listener.waitQueue().notify(READABLE);
    }

    private void checkConnect(ConnectedSocket listener, SocketCall call) throws ErrnoException {
        boolean listens = !listener.dead && listener.state == State.LISTEN;
        if (!listens || (listener.shut & SHUT_RECEIVE) != 0) {
            throw Errno.ECONNREFUSED.exception();
        }
        if (listener.isBacklogFull()) {
            call.blockedOn = listener.new BacklogRoom();
            throw Errno.EAGAIN.exception();
        }
        if (state != State.CLOSE) {
            throw (state == State.ESTABLISHED ? Errno.EISCONN : Errno.EINVAL).exception();
        }
    }

    /** listen(2): EINVAL without a name or if it is connected. */
    @Override
    public final void listen(CallContext context, int backlog) throws ErrnoException {
        synchronized (STATE) {
            if (address == null || state == State.ESTABLISHED) {
                throw Errno.EINVAL.exception();
            }
            this.backlog = backlog;
            state = State.LISTEN;
            identity = PeerIdentity.of(context);
        }
        roomQueue.notify(ANY);
    }

    /** accept(2): EINVAL if it does not listen or has been shut down, EAGAIN. */
    @Override
    public final Socket accept(CallContext context) throws ErrnoException {
        ConnectedSocket accepted;
        synchronized (STATE) {
            if (state != State.LISTEN) {
                throw Errno.EINVAL.exception();
            }
            accepted = pending.poll();
            if (accepted == null) {
                boolean down = (shut & SHUT_RECEIVE) != 0;
                throw (down ? Errno.EINVAL : Errno.EAGAIN).exception();
            }
            pendingCount--;
            accepted.isEmbryo = false;
        }
        roomQueue.notify(ANY);
        accepted.giveTo(context);
        return accepted;
    }

    @Override
    final boolean wantsWriters() {
        return isEmbryo || super.wantsWriters();
    }

    @Override
    final @Nullable UnixSocket connectedPeer() {
        return peer;
    }

    @Override
    final void disconnect(List<UnixSocket> told, List<UnixSocket> ended) {
        UnixSocket other = peer;
        if (other != null) {
            other.shut = SHUT_BOTH;
            if (!received.isEmpty() || isEmbryo) {
                other.setPending(Errno.ECONNRESET);
            }
            told.add(other);
        }
        ended.addAll(pending);
        pending.clear();
        pendingCount = 0;
    }

    /** What can be received through a listener is in the queues of its backlog. */
    @Override
    final List<UnixMessage> messagesWithFiles() {
        List<UnixMessage> found = new ArrayList<>();
        addMessagesWithFiles(found);
        ConnectedSocket[] embryos = {};
        if (pendingCount > 0) {
            synchronized (STATE) {
                embryos = pending.toArray(embryos);
            }
        }
        for (ConnectedSocket embryo : embryos) {
            embryo.addMessagesWithFiles(found);
        }
        return found;
    }

    @Override
    public final int poll() {
        int events = pollCommon();
        if (pendingCount > 0) {
            events |= READABLE;
        }
        if (state == State.CLOSE) {
            events |= Poll.POLLHUP;
        }
        return hasRoom() ? events | WRITABLE : events;
    }

    @Override
    protected final int readableBytes(CallContext context) throws ErrnoException {
        if (state == State.LISTEN) {
            throw Errno.EINVAL.exception();
        }
        return (int) Math.min(received.bytes(), Integer.MAX_VALUE);
    }
}
