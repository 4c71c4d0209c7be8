// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.Poll;

import java.util.Objects;

/**
 * One end of TCP, with what a guest does to it: closed, listening, or of a connection in any state
 * but TIME_WAIT.
 *
 * <p>Each call locks, acts, unlocks; segments come through
 * {@link dev.jvisor.net.inet.core.SocketLock#deliver}.
 */
final class TcpEndpoint extends TcpConnection {

    TcpEndpoint(TcpProtocol protocol, IpAddress any, TcpConfig config) {
        super(protocol, any, config);
    }

    /** bind(2): EINVAL if it is bound, EADDRINUSE. */
    void bind(IpAddress address, int port) throws ErrnoException {
        lock();
        try {
            if (state != Inet.TCP_CLOSE || localPort != 0) {
                throw Errno.EINVAL.exception();
            }
            IpAddress before = bound;
            bound = address;
            int got = protocol.ports().bind(this, port);
            if (got == 0) {
                bound = before;
                throw Errno.EADDRINUSE.exception();
            }
            local = address;
            localPort = got;
            isPortChosen = true;
            isPortHeld = true;
        } finally {
            unlock();
        }
    }

    /** listen(2). */
    void listen(int backlog) throws ErrnoException {
        lock();
        try {
            TcpListenQueue q = listenQueue;
            if (state == Inet.TCP_LISTEN && q != null) {
                q.backlog = backlog;
                return;
            }
            if (state != Inet.TCP_CLOSE) {
                throw Errno.EINVAL.exception();
            }
            if (localPort == 0) {
                int got = protocol.ports().bind(this, 0);
                if (got == 0) {
                    throw Errno.EADDRINUSE.exception();
                }
                localPort = got;
                isPortHeld = true;
            }
            state = Inet.TCP_LISTEN;
            if (!protocol.ports().mayListen(this, localPort)) {
                state = Inet.TCP_CLOSE;
                throw Errno.EADDRINUSE.exception();
            }
            isPortChosen = true;
            listenQueue = new TcpListenQueue(backlog);
            shutdown = 0;
            protocol.addListener(this);
        } finally {
            unlock();
        }
    }

    /** accept(2): EAGAIN, EINVAL if it does not listen. */
    TcpEndpoint accept() throws ErrnoException {
        lock();
        try {
            TcpListenQueue q = listenQueue;
            if (state != Inet.TCP_LISTEN || q == null) {
                throw Errno.EINVAL.exception();
            }
            TcpEndpoint connection = q.poll();
            if (connection == null) {
                throw Errno.EAGAIN.exception();
            }
            return connection;
        } finally {
            unlock();
        }
    }

    /**
     * Begins a connection.
     *
     * @throws ErrnoException EINPROGRESS when it is under way; EALREADY, EISCONN, EADDRNOTAVAIL,
     *     ENETUNREACH, the pending error
     */
    void connect(IpAddress address, int port) throws ErrnoException {
        lock();
        try {
            switch (state) {
                case Inet.TCP_CLOSE -> begin(address, port);
                case Inet.TCP_SYN_SENT, Inet.TCP_SYN_RECV -> throw Errno.EALREADY.exception();
                default -> throw Errno.EISCONN.exception();
            }
        } finally {
            unlock();
        }
        throw Errno.EINPROGRESS.exception();
    }

    void begin(IpAddress address, int port) throws ErrnoException {
        if (error != null) {
            Errno e = takeError();
            throw Objects.requireNonNull(e).exception();
        }
        Route r = stack().route(address, config.boundInterface);
        if (r.type() == dev.jvisor.platform.abi.Netlink.RTN_BROADCAST || address.isMulticast()) {
            throw Errno.ENETUNREACH.exception();
        }
        IpAddress source = bound.isAny() ? stack().sourceFor(r, address) : bound;
        IpAddress boundBefore = bound;
        IpAddress localBefore = local;
        local = source;
        bound = source;
        if (localPort != 0) {
            TcpTuple t = new TcpTuple(source, localPort, address, port);
            if (!protocol.addConnection(t, this)) {
                bound = boundBefore;
                local = localBefore;
                throw Errno.EADDRNOTAVAIL.exception();
            }
            tuple = t;
        } else {
            int got = protocol.ports().bindForConnect(this, p -> {
                TcpTuple t = new TcpTuple(source, p, address, port);
                if (!protocol.addConnection(t, this)) {
                    return false;
                }
                tuple = t;
                isPortHeld = true;
                return true;
            });
            if (got == 0) {
                bound = boundBefore;
                local = localBefore;
                throw Errno.EADDRNOTAVAIL.exception();
            }
            localPort = got;
        }
        remote = address;
        remotePort = port;
        route = r;
        shutdown = 0;
        isDone = false;
        state = Inet.TCP_SYN_SENT;
        advertisedMss = mssFor(r, source);
        initialSequence = protocol.initialSequence(source, localPort, address, port);
        timestampOffset = protocol.timestampOffset(source, address);
        hasTimestamps = settings().tcpTimestamps;
        hasSack = settings().tcpSack;
        receiver.scale = settings().tcpWindowScaling ? windowScale() : 0;
        sender.start(initialSequence);
        sender.mss = Math.min(536, advertisedMss);
        synRetries = 0;
        protocol.stack().count(dev.jvisor.net.inet.core.Counter.TCP_ACTIVE_OPENS);
        sendSyn();
        sender.armSyn();
    }

    /** A connection of a request whose handshake is complete. */
    static TcpEndpoint accepted(TcpRequest r, TcpConnection listener) {
        TcpEndpoint c = new TcpEndpoint(
                listener.protocol, r.tuple().local().any(), listener.config.inherited());
        c.parent = listener;
        c.local = r.tuple().local();
        c.bound = c.local;
        c.localPort = r.tuple().localPort();
        c.remote = r.tuple().remote();
        c.remotePort = r.tuple().remotePort();
        c.tuple = r.tuple();
        c.isPortChosen = true;
        c.isPortHeld = true;
        c.route = r.route;
        c.advertisedMss = r.advertisedMss;
        c.hasTimestamps = r.hasTimestamps;
        c.hasSack = r.hasSack;
        c.timestampRecent = r.timestampRecent;
        c.timestampOffset = r.timestampOffset;
        c.sender.start(r.initialSequence);
        c.sender.scale = r.peerScale;
        c.receiver.scale = r.scale;
        c.receiver.start(r.peerSequence);
        c.receiver.setOffered(r.offeredWindow);
        c.setMss(r.peerMss);
        c.state = Inet.TCP_SYN_RECV;
        return c;
    }

    /**
     * Sends bytes of a stream.
     *
     * @param more whether the caller has more (MSG_MORE)
     * @return bytes taken
     * @throws ErrnoException EAGAIN; EPIPE and others when it is over
     */
    long send(IovIter source, boolean isUrgent, boolean more) throws ErrnoException {
        lock();
        try {
            if (state != Inet.TCP_ESTABLISHED && state != Inet.TCP_CLOSE_WAIT) {
                if (state == Inet.TCP_SYN_SENT || state == Inet.TCP_SYN_RECV) {
                    wantsSpace = true;
                    throw Errno.EAGAIN.exception();
                }
                throw sendError();
            }
            if (error != null || isSendShutdown()) {
                throw sendError();
            }
            long total = 0;
            while (source.remaining() > 0) {
                long wanted = source.remaining();
                int n = 0;
                try {
                    n = sender.append(source);
                } catch (ErrnoException e) {
                    if (total == 0) {
                        throw e;
                    }
                }
                total += n;
                if (n == 0 || n < wanted) {
                    break;
                }
            }
            if (total > 0) {
                if (isUrgent && source.remaining() == 0) {
                    sender.markUrgent();
                } else {
                    sender.markPush();
                }
                sender.push(false, more && source.remaining() == 0);
            }
            if (total == 0 && source.remaining() > 0) {
                sender.push(false, false);
                wantsSpace = true;
                throw Errno.EAGAIN.exception();
            }
            return total;
        } finally {
            unlock();
        }
    }

    ErrnoException sendError() {
        Errno e = takeError();
        return (e != null ? e : Errno.EPIPE).exception();
    }

    /** Sends what TCP_CORK or Nagle's algorithm held back. */
    void flush() {
        lock();
        try {
            if (mayTransmitData()) {
                sender.push(true, false);
            }
        } finally {
            unlock();
        }
    }

    /**
     * Reads from the stream.
     *
     * @return bytes, 0 at the end
     * @throws ErrnoException EAGAIN, ENOTCONN, the pending error
     */
    long receive(IovIter destination, boolean isPeek, boolean isDiscarding, boolean hasSome)
            throws ErrnoException {
        lock();
        try {
            if (state == Inet.TCP_LISTEN) {
                throw Errno.ENOTCONN.exception();
            }
            long limit = destination.remaining();
            int n = receiver.read(destination, isPeek, isDiscarding, limit);
            if (n > 0 || limit == 0) {
                if (isDiscarding) {
                    destination.advance(n);
                }
                return n;
            }
            if (hasSome) {
                if (error != null || isDone || state == Inet.TCP_CLOSE || isReceiveShutdown()) {
                    return 0;
                }
                throw Errno.EAGAIN.exception();
            }
            if (isDone) {
                return 0;
            }
            Errno e = takeError();
            if (e != null) {
                throw e.exception();
            }
            if (isReceiveShutdown()) {
                return 0;
            }
            if (state == Inet.TCP_CLOSE) {
                throw Errno.ENOTCONN.exception();
            }
            throw Errno.EAGAIN.exception();
        } finally {
            unlock();
        }
    }

    /**
     * Reads the urgent byte (MSG_OOB).
     *
     * @return 1 if it was read into {@code to}, 0 at the end
     * @throws ErrnoException EINVAL if there is none, EAGAIN if it has not come yet
     */
    int receiveUrgent(byte[] to, boolean isPeek) throws ErrnoException {
        lock();
        try {
            if (config.isUrgentInline || !receiver.hasUrgent || receiver.isUrgentRead) {
                throw Errno.EINVAL.exception();
            }
            if (state == Inet.TCP_CLOSE && !isDone) {
                throw Errno.ENOTCONN.exception();
            }
            if (receiver.isUrgentHere) {
                to[0] = receiver.urgentByte();
                if (!isPeek) {
                    receiver.isUrgentRead = true;
                }
                return 1;
            }
            if (state == Inet.TCP_CLOSE || isReceiveShutdown()) {
                return 0;
            }
            throw Errno.EAGAIN.exception();
        } finally {
            unlock();
        }
    }

    /** Bytes to read; EINVAL if it listens. */
    int readableBytes() throws ErrnoException {
        lock();
        try {
            if (state == Inet.TCP_LISTEN) {
                throw Errno.EINVAL.exception();
            }
            boolean isOpening = state == Inet.TCP_SYN_SENT || state == Inet.TCP_SYN_RECV;
            return isOpening ? 0 : receiver.available();
        } finally {
            unlock();
        }
    }

    /** Bytes not acknowledged, or only those not yet sent; EINVAL if it listens. */
    int outgoingBytes(boolean onlyUnsent) throws ErrnoException {
        lock();
        try {
            if (state == Inet.TCP_LISTEN) {
                throw Errno.EINVAL.exception();
            }
            if (state == Inet.TCP_SYN_SENT || state == Inet.TCP_SYN_RECV || tuple == null) {
                return 0;
            }
            return onlyUnsent ? sender.unsentBytes() : sender.outstandingBytes();
        } finally {
            unlock();
        }
    }

    boolean isAtMark() {
        lock();
        try {
            return receiver.isAtMark();
        } finally {
            unlock();
        }
    }

    /** shutdown(2): ENOTCONN. */
    void shutdown(int how) throws ErrnoException {
        lock();
        try {
            if (state == Inet.TCP_CLOSE) {
                shutdown |= how;
                raise(ENDED);
                throw Errno.ENOTCONN.exception();
            }
            if (state == Inet.TCP_LISTEN) {
                if ((how & SHUT_RECEIVE) != 0) {
                    stopListening();
                }
                return;
            }
            if (state == Inet.TCP_SYN_SENT) {
                disconnect();
                raise(ENDED);
                return;
            }
            shutdown |= how;
            if ((how & SHUT_SEND) != 0 && closesOutput()) {
                sender.appendFin();
            }
            raise(ENDED);
        } finally {
            unlock();
        }
    }

    /** Whether a FIN has to be sent, which changes the state. */
    boolean closesOutput() {
        switch (state) {
            case Inet.TCP_SYN_RECV, Inet.TCP_ESTABLISHED -> state = Inet.TCP_FIN_WAIT1;
            case Inet.TCP_CLOSE_WAIT -> state = Inet.TCP_LAST_ACK;
            default -> {
                return false;
            }
        }
        return true;
    }

    /** close(2): nobody uses it any more. */
    void close() {
        lock();
        try {
            isOrphan = true;
            shutdown = SHUT_BOTH;
            switch (state) {
                case Inet.TCP_LISTEN -> {
                    stopListening();
                    releasePort();
                }
                case Inet.TCP_CLOSE -> {
                    destroy();
                }
                case Inet.TCP_SYN_SENT -> destroy();
                default -> closeConnection();
            }
        } finally {
            unlock();
        }
    }

    void closeConnection() {
        boolean unread = receiver.queuedBytes() > 0;
        receiver.clear();
        if (unread || config.lingers && config.lingerSeconds == 0) {
            sendReset();
            destroy();
            return;
        }
        if (closesOutput()) {
            sender.appendFin();
        } else if (state == Inet.TCP_FIN_WAIT2) {
            enterFinWait2();
        }
    }

    void stopListening() {
        protocol.removeListener(this);
        state = Inet.TCP_CLOSE;
        TcpListenQueue q = listenQueue;
        listenQueue = null;
        if (q != null) {
            for (TcpRequest r : q.takeRequests()) {
                r.drop();
            }
            for (TcpEndpoint c : q.takeConnections()) {
                c.abort();
            }
        }
        raise(ENDED);
    }

    /** Ends a connection that nobody accepted. */
    void abort() {
        lock();
        try {
            isOrphan = true;
            if (state != Inet.TCP_CLOSE) {
                sendReset();
            }
            destroy();
        } finally {
            unlock();
        }
    }

    /** connect(2) with AF_UNSPEC. */
    void undo() {
        lock();
        try {
            if (state == Inet.TCP_LISTEN) {
                stopListening();
            } else if (state != Inet.TCP_CLOSE && state != Inet.TCP_SYN_SENT) {
                sendReset();
                error = Errno.ECONNRESET;
            } else if (state == Inet.TCP_SYN_SENT) {
                error = Errno.ECONNRESET;
            }
            disconnect();
            shutdown = 0;
            isDone = false;
            raise(ENDED | Poll.POLLERR);
        } finally {
            unlock();
        }
    }

    /** Back to a closed socket, which keeps what bind(2) chose. */
    void disconnect() {
        forgetConnection();
        state = Inet.TCP_CLOSE;
        if (!isPortChosen) {
            releasePort();
            localPort = 0;
        }
        remotePort = 0;
        if (!config.isAddressChosen) {
            local = local.any();
            bound = local;
        }
        remote = remote.any();
    }

    TcpRow row() {
        lock();
        try {
            TcpListenQueue q = listenQueue;
            boolean isListener = state == Inet.TCP_LISTEN && q != null;
            return new TcpRow(
                    isListener ? bound : local,
                    localPort,
                    remote,
                    remotePort,
                    state,
                    isListener && q != null ? q.length() : receiver.queuedBytes(),
                    isListener && q != null ? q.backlog : sender.outstandingBytes(),
                    isListener && q != null ? q.backlog : 0,
                    config.userId,
                    isOrphan ? 0 : config.inode,
                    isV6Only(),
                    shutdown,
                    sender.timer.deadline());
        } finally {
            unlock();
        }
    }

    int poll() {
        lock();
        try {
            TcpListenQueue q = listenQueue;
            if (state == Inet.TCP_LISTEN && q != null) {
                return q.length() > 0 ? READABLE : 0;
            }
            int mask = error != null ? Poll.POLLERR : 0;
            if (shutdown == SHUT_BOTH || state == Inet.TCP_CLOSE) {
                mask |= Poll.POLLHUP;
            }
            if (isReceiveShutdown()) {
                mask |= READABLE | Poll.EPOLLRDHUP;
            }
            if (state == Inet.TCP_SYN_SENT) {
                return mask;
            }
            int target = Math.max(1, config.receiveLowWater);
            if (receiver.isAtMark() && !config.isUrgentInline) {
                target++;
            }
            if (receiver.queuedBytes() >= target) {
                mask |= READABLE;
            }
            if (isSendShutdown()) {
                mask |= WRITABLE;
            } else if (isWritable()) {
                mask |= WRITABLE;
            } else {
                wantsSpace = true;
            }
            if (receiver.hasUrgent && receiver.isUrgentHere && !receiver.isUrgentRead) {
                mask |= Poll.POLLPRI;
            }
            return mask;
        } finally {
            unlock();
        }
    }

    void setQuickAck(int value) {
        lock();
        try {
            receiver.setQuick((value & 1) != 0);
        } finally {
            unlock();
        }
    }

    boolean isQuickAck() {
        return receiver.isQuick();
    }

    void setCongestion(CongestionControl chosen) {
        lock();
        try {
            sender.congestion = chosen.from(sender.congestion);
        } finally {
            unlock();
        }
    }

    String congestionName() {
        return sender.congestion.name();
    }
}
