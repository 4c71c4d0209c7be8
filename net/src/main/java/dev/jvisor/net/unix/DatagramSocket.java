// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import static dev.jvisor.platform.abi.Socket.AF_UNSPEC;
import static dev.jvisor.platform.abi.Socket.MSG_OOB;
import static dev.jvisor.platform.abi.Socket.SOCK_DGRAM;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.net.socket.SocketCall;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * SOCK_DGRAM. Reliable: a sender waits while the receiver has too many messages, unless they are
 * each other's peers.
 */
final class DatagramSocket extends UnixSocket {

    /** {@code /proc/sys/net/unix/max_dgram_qlen}. */
    private static final int MESSAGES_MAX = 10;

    /** On a full peer's queue: what a sender waits for is not its own queue's event. */
    private final class PeerRoom extends WaitQueue.Entry {
        private @Nullable WaitQueue at; // guarded by this

        /** Waits at a peer, instead of where it waited. */
        synchronized void await(@Nullable WaitQueue wanted) {
            if (at != wanted) {
                if (at != null) {
                    at.remove(this);
                }
                at = wanted;
                if (wanted != null) {
                    mask = ANY;
                    wanted.add(this);
                }
            }
        }

        @Override
        protected void wake(int events) {
            waitQueue().notify(WRITABLE);
        }
    }

    private final PeerRoom peerRoom = new PeerRoom();

    DatagramSocket(CallContext context, UnixFamily home) {
        super(context, home, SOCK_DGRAM);
    }

    private boolean isFull() {
        return received.count() > MESSAGES_MAX;
    }

    /** Whether messages from {@code sender} are kept from a queue that is full. */
    private boolean isFullFor(DatagramSocket sender) {
        return this != sender && peer != sender && isFull();
    }

    private final class QueueRoom implements SocketCall.WaitPoint {
        @Override
        public WaitQueue queue() {
            return roomQueue;
        }

        @Override
        public boolean isReady() {
            return dead || (shut & SHUT_RECEIVE) != 0 || !isFull();
        }
    }

    /**
     * connect(2): to whom messages go, and from whom alone they come. AF_UNSPEC undoes it.
     *
     * <p>Errors, in this order: EINVAL for the address; those of the name's look-up; EPERM if the
     * other one is connected to somebody else.
     */
    @Override
    public void connect(CallContext context, byte[] address, SocketCall call)
            throws ErrnoException {
        call.blockedOn = null;
        if (address.length < 2) {
            throw Errno.EINVAL.exception();
        }
        DatagramSocket to = null;
        if (LittleEndian.getUnsignedShort(address, 0) != AF_UNSPEC) {
            UnixAddress name = UnixAddress.parse(address);
            bindIfPassing();
            to = (DatagramSocket) home.find(context, name, type());
        }
        DatagramSocket before;
        synchronized (STATE) {
            if (to != null && to.dead) {
                throw Errno.ECONNREFUSED.exception();
            }
            if (to != null && !mayReceiveFrom(to, this)) {
                throw Errno.EPERM.exception();
            }
            before = (DatagramSocket) peer;
            peer = to;
            state = to == null ? State.CLOSE : State.ESTABLISHED;
            if (to != null) {
                to.state = State.ESTABLISHED;
            }
        }
        if (before != null && before != to) {
            leave(before);
        }
        waitQueue().notify(WRITABLE);
    }

    /** Whether a socket takes messages of a sender: it has no peer, or this one (EPERM). */
    private static boolean mayReceiveFrom(DatagramSocket to, DatagramSocket sender) {
        UnixSocket other = to.peer;
        return other == null || other == sender;
    }

    /**
     * It is no longer connected to a socket, whose messages are lost; if the other one was
     * connected to it too, it gets an error (Linux: unix_dgram_disconnected).
     */
    private void leave(DatagramSocket before) {
        peerRoom.await(null);
        boolean lost = !received.isEmpty();
        boolean tells = false;
        purge(false);
        synchronized (STATE) {
            if (before.peer == null) {
                before.state = State.CLOSE;
            }
            if (lost && !before.dead && before.peer == this) {
                before.setPending(Errno.ECONNRESET);
                tells = true;
            }
        }
        if (lost) {
            roomQueue.notify(ANY);
        }
        if (tells) {
            before.waitQueue().notify(ANY);
        }
    }

    /**
     * Sends a message to an address or the peer.
     *
     * <p>Errors, in this order: EOPNOTSUPP for MSG_OOB; EINVAL for the address, ENOTCONN without;
     * EMSGSIZE; a pending error; EPIPE; EAGAIN if too much of it is on its way; EFAULT; those of
     * the name's look-up; EPERM; ECONNREFUSED if the peer has gone; EPIPE; EAGAIN if the receiver
     * has too many messages.
     */
    @Override
    public long send(CallContext context, SocketMessage call) throws ErrnoException {
        call.blockedOn = null;
        if (call.has(MSG_OOB)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        byte[] address = call.address;
        UnixAddress name = address == null ? null : UnixAddress.parse(address);
        DatagramSocket to = (DatagramSocket) peer;
        if (name == null && to == null) {
            throw Errno.ENOTCONN.exception();
        }
        bindIfPassing();
        UnixMessage message = Packets.make(this, call, to == null ? received : to.received);
        int length = message.length();
        boolean sent = false;
        try {
            if (name != null) {
                to = (DatagramSocket) home.find(context, name, type());
            }
            if (to == null) {
                throw Errno.ENOTCONN.exception();
            }
            sendTo(context, call, message, to);
            sent = true;
        } finally {
            if (!sent) {
                discard(call, message);
            }
        }
        to.waitQueue().notify(READABLE);
        return length;
    }

    private void sendTo(
            CallContext context, SocketMessage call, UnixMessage message, DatagramSocket to)
            throws ErrnoException {
        if (to.dead) {
            forget(to);
            throw Errno.ECONNREFUSED.exception();
        }
        if (!mayReceiveFrom(to, this)) {
            throw Errno.EPERM.exception();
        }
        if ((to.shut & SHUT_RECEIVE) != 0) {
            throw Errno.EPIPE.exception();
        }
        attach(context, call, message, to);
        if (to.options().hasTimestamps()) {
            message.stampNanos = context.realtimeNanos();
        }
        boolean bounded = to != this && to.peer != this;
        switch (deliver(to, call, message, bounded ? MESSAGES_MAX : Integer.MAX_VALUE)) {
            case QUEUED -> {}
            case FULL -> {
                if (peer == to) {
                    peerRoom.await(to.roomQueue);
                }
                call.blockedOn = to.new QueueRoom();
                throw Errno.EAGAIN.exception();
            }
            case CLOSED -> {
                forget(to);
                throw Errno.ECONNREFUSED.exception();
            }
        }
    }

    /** The peer turned out to be gone. */
    private void forget(DatagramSocket gone) {
        boolean was;
        synchronized (STATE) {
            was = peer == gone;
            if (was) {
                peer = null;
                state = State.CLOSE;
            }
        }
        if (was) {
            leave(gone);
        }
    }

    @Override
    public long receive(CallContext context, SocketMessage call) throws ErrnoException {
        call.receiver = context;
        return Packets.receive(this, call, false);
    }

    @Override
    @Nullable
    UnixSocket connectedPeer() {
        return null; // a shutdown is its own affair
    }

    @Override
    void disconnect(List<UnixSocket> told, List<UnixSocket> ended) {
        peerRoom.await(null);
    }

    @Override
    public int poll() {
        int events = pollCommon();
        if (!hasRoom()) {
            return events;
        }
        DatagramSocket to = (DatagramSocket) peer;
        if (to != null && to.isFullFor(this)) {
            peerRoom.await(to.roomQueue);
            if (to.isFullFor(this)) {
                return events;
            }
        }
        return events | WRITABLE;
    }

    /** Of the first message. */
    @Override
    protected int readableBytes(CallContext context) {
        UnixMessage first = received.first();
        return first == null ? 0 : first.length();
    }
}
