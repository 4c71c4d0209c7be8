// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.NetTimer;
import dev.jvisor.net.inet.core.PortUser;
import dev.jvisor.net.inet.core.Settings;
import dev.jvisor.net.inet.core.SocketLock;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.IpHeader;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * One end of TCP: closed, listening, or of a connection in any state but TIME_WAIT (Linux: {@code
 * struct tcp_sock}).
 *
 * <p>The lock guards all fields; those that are volatile may be read without it. Calls of the guest
 * lock, act, unlock; segments come through {@link SocketLock#deliver}.
 */
final class TcpEndpoint extends SocketLock implements TcpTarget, PortUser {

    static final byte[] NO_BYTES = {};

    private static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    private static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM;
    private static final int ENDED = READABLE | WRITABLE | Poll.POLLHUP | Poll.EPOLLRDHUP;
    static final int SHUT_RECEIVE = 1;
    static final int SHUT_SEND = 2;
    private static final int SHUT_BOTH = SHUT_RECEIVE | SHUT_SEND;
    private static final int SEGMENT_COST = 131_072 + 256; // of a full segment on lo
    private static final int WINDOW_CLAMP_MAX = 65535 << 14;
    private static final int RETRIES_ORPHAN = 8;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    final TcpProtocol protocol;
    final TcpConfig config;
    private final WaitQueue queue = new WaitQueue();
    private final TcpInput input;
    final TcpSender sender;
    final TcpReceiver receiver;

    private volatile int state = Inet.TCP_CLOSE;
    private volatile IpAddress local;
    private volatile int localPort;
    private volatile IpAddress remote;
    private volatile int remotePort;
    private IpAddress bound;

    /** Whether bind(2) chose the port, or the address: they outlive a disconnect. */
    private boolean isPortChosen;

    private boolean isPortHeld;
    private @Nullable Route route;
    private @Nullable TcpTuple tuple;
    @Nullable TcpListenQueue listenQueue;

    /** Who this connection was accepted from, while it is not a guest's. */
    private @Nullable TcpEndpoint parent;

    private volatile int shutdown;
    private volatile @Nullable Errno error;
    private @Nullable Errno softError;
    boolean isDone;
    private boolean isOrphan;
    private boolean wantsSpace;
    private int events;

    // What the handshake agreed on.

    boolean hasTimestamps;
    boolean hasSack;
    private int initialSequence;
    private int timestampRecent;
    private long timestampOffset;
    private int synRetries;
    private int advertisedMss;
    private long linger2Nanos;

    private final NetTimer idle;
    private int keepProbes;
    private long keepFirstNanos;

    TcpEndpoint(TcpProtocol protocol, IpAddress any, TcpConfig config) {
        this.protocol = protocol;
        this.config = config;
        this.local = any;
        this.bound = any;
        this.remote = any;
        this.sender = new TcpSender(this);
        this.receiver = new TcpReceiver(this);
        this.input = new TcpInput(this);
        this.idle = new NetTimer(protocol.stack().timers()) {
            @Override
            public void fire() {
                timerFired();
            }

            @Override
            protected void expired() {
                idled();
            }
        };
    }

    // What the halves ask.

    InternetStack stack() {
        return protocol.stack();
    }

    Settings settings() {
        return protocol.stack().settings();
    }

    long now() {
        return protocol.stack().timers().nanoTime();
    }

    int state() {
        return state;
    }

    int sendBufferBytes() {
        return config.sendBufferBytes;
    }

    int receiveBufferBytes() {
        return config.receiveBufferBytes;
    }

    void charge(int bytes) {
        protocol.charge(bytes);
    }

    boolean isShortOfMemory() {
        return protocol.isShortOfMemory();
    }

    /** Whether the sandbox has memory for more to send; something small may always wait. */
    boolean mayQueue(int queuedCost) {
        return queuedCost < 4096 || !protocol.isShortOfMemory();
    }

    boolean isCorked() {
        return config.isCorked;
    }

    boolean isNoDelay() {
        return config.isNoDelay;
    }

    boolean isUrgentInline() {
        return config.isUrgentInline;
    }

    boolean isReceiveShutdown() {
        return (shutdown & SHUT_RECEIVE) != 0;
    }

    boolean isSendShutdown() {
        return (shutdown & SHUT_SEND) != 0;
    }

    boolean isOrphan() {
        return isOrphan;
    }

    int windowClamp() {
        return config.windowClamp != 0 ? config.windowClamp : WINDOW_CLAMP_MAX;
    }

    long roundTripNanos() {
        return sender.rtt.smoothedNanos();
    }

    void growReceiveBuffer(int bytes) {
        if (!config.isReceiveBufferFixed && !protocol.isShortOfMemory()) {
            int most = settings().tcpReceiveMaxBytes;
            config.receiveBufferBytes = Math.max(config.receiveBufferBytes, Math.min(bytes, most));
        }
    }

    boolean mayTransmitData() {
        return switch (state) {
            case Inet.TCP_ESTABLISHED,
                    Inet.TCP_CLOSE_WAIT,
                    Inet.TCP_FIN_WAIT1,
                    Inet.TCP_CLOSING,
                    Inet.TCP_LAST_ACK -> true;
            default -> false;
        };
    }

    boolean isGivenUp(long stalledNanos, int retries) {
        if (config.userTimeoutMillis != 0) {
            return stalledNanos >= config.userTimeoutMillis * 1_000_000L;
        }
        return retries >= (isOrphan ? RETRIES_ORPHAN : settings().tcpRetries);
    }

    // Identity.

    IpAddress local() {
        return local;
    }

    int localPort() {
        return localPort;
    }

    IpAddress remote() {
        return remote;
    }

    int remotePort() {
        return remotePort;
    }

    @Override
    public IpAddress boundAddress() {
        return bound;
    }

    @Override
    public boolean isV6Only() {
        return config.isV6Only;
    }

    @Override
    public int boundInterface() {
        return config.boundInterface;
    }

    @Override
    public boolean reusesAddress() {
        return config.reusesAddress;
    }

    @Override
    public boolean reusesPort() {
        return config.reusesPort;
    }

    @Override
    public int userId() {
        return config.userId;
    }

    @Override
    public boolean isListening() {
        return state == Inet.TCP_LISTEN;
    }

    @Override
    public boolean isConnectOnly() {
        return isPortHeld && !isPortChosen;
    }

    // Calls of the guest.

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

    private void begin(IpAddress address, int port) throws ErrnoException {
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

    private int mssFor(Route r, IpAddress source) {
        int mss = Settings.advertisedMss(r.output().mtuBytes(), source);
        return config.maxSegment != 0 ? Math.min(mss, config.maxSegment) : mss;
    }

    /** Linux: tcp_select_initial_window. */
    int windowScale() {
        int space = Math.max(settings().tcpReceiveMaxBytes, config.receiveBufferBytes);
        int scale = 0;
        while (scale < 14 && space > 65535 << scale) {
            scale++;
        }
        return scale;
    }

    /** The window that a SYN offers: it is not scaled. */
    int initialWindow() {
        int mss = Math.max(1, advertisedMss);
        int space = Math.min(config.receiveBufferBytes / 2, windowClamp());
        return Math.min(65535, Math.max(space / mss * mss, Math.min(space, mss)));
    }

    /** A connection of a request whose handshake is complete. */
    static TcpEndpoint accepted(TcpRequest r, TcpEndpoint listener) {
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

    /** The peer said how large segments may be. */
    void setMss(int peerMss) {
        int mss = Math.min(Math.max(peerMss == 0 ? 536 : peerMss, TcpSender.MSS_MIN), advertisedMss);
        sender.mss = mss - (hasTimestamps ? TcpOptions.TIMESTAMP_BYTES : 0);
    }

    /** The handshake is complete. */
    void established() {
        state = Inet.TCP_ESTABLISHED;
        sender.timer.clear();
        sender.rtt.progress();
        if (!config.isSendBufferFixed) {
            long wanted = 2L * CongestionControl.INITIAL_WINDOW * SEGMENT_COST;
            config.sendBufferBytes = (int) Math.max(
                    config.sendBufferBytes, Math.min(wanted, settings().tcpSendMaxBytes));
        }
        startKeepalive();
        raise(WRITABLE);
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

    private ErrnoException sendError() {
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
    private boolean closesOutput() {
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

    private void closeConnection() {
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

    private void stopListening() {
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
    private void disconnect() {
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

    private void forgetConnection() {
        TcpTuple t = tuple;
        tuple = null;
        if (t != null) {
            protocol.removeConnection(t, this);
        }
        sender.clear();
        receiver.clear();
        idle.clear();
    }

    private void releasePort() {
        if (isPortHeld) {
            isPortHeld = false;
            protocol.ports().release(this, localPort);
            localPort = 0;
        }
    }

    /** The connection is over (Linux: tcp_done). What was received can still be read. */
    private void done() {
        state = Inet.TCP_CLOSE;
        shutdown = SHUT_BOTH;
        TcpTuple t = tuple;
        tuple = null;
        if (t != null) {
            protocol.removeConnection(t, this);
        }
        sender.clear();
        receiver.delay.clear();
        idle.clear();
        if (isOrphan) {
            receiver.clear();
        }
        if (isPortHeld && (isOrphan || !isPortChosen || parent != null)) {
            isPortHeld = false;
            protocol.ports().release(this, localPort);
        }
        raise(ENDED);
    }

    private void destroy() {
        forgetConnection();
        state = Inet.TCP_CLOSE;
        shutdown = SHUT_BOTH;
        releasePort();
    }

    // Errors and events.

    /** SO_ERROR, cleared. */
    @Nullable
    Errno takeError() {
        lock();
        try {
            Errno e = error;
            error = null;
            return e;
        } finally {
            unlock();
        }
    }

    /** The connection failed. */
    void fail(Errno why) {
        error = why;
        done();
        raise(Poll.POLLERR);
    }

    /** The peer reset it (Linux: tcp_reset). */
    void reset() {
        switch (state) {
            case Inet.TCP_SYN_SENT -> fail(Errno.ECONNREFUSED);
            case Inet.TCP_CLOSE_WAIT -> fail(Errno.EPIPE);
            case Inet.TCP_CLOSE -> {}
            default -> fail(Errno.ECONNRESET);
        }
    }

    void timedOut() {
        Errno soft = softError;
        fail(soft != null ? soft : Errno.ETIMEDOUT);
    }

    /** An ICMP error for a segment of it. */
    void icmpError(Errno why, boolean isFatal) {
        lock();
        try {
            if (state == Inet.TCP_SYN_SENT && isFatal) {
                fail(why);
            } else {
                softError = why;
            }
        } finally {
            unlock();
        }
    }

    void raise(int happened) {
        events |= happened;
    }

    void raiseReadable() {
        events |= READABLE;
    }

    void raiseEnded() {
        events |= ENDED;
    }

    void setReceiveShutdown() {
        shutdown |= SHUT_RECEIVE;
        isDone = true;
    }

    void setState(int newState) {
        state = newState;
    }

    /** Data was acknowledged: wakes a writer that waits when enough is free. */
    void spaceFreed() {
        if (wantsSpace && isWritable()) {
            wantsSpace = false;
            raise(WRITABLE);
        }
    }

    private boolean isWritable() {
        int queued = sender.queuedCost;
        int notSent = config.notSentLowWater;
        return config.sendBufferBytes - queued >= queued >> 1
                && (notSent == 0 || sender.unsentBytes() < notSent);
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

    WaitQueue waitQueue() {
        return queue;
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

    @Override
    protected int takeEvents() {
        if (receiver.isAckWanted() && tuple != null) {
            sendAck();
        }
        int e = events;
        events = 0;
        return e;
    }

    @Override
    protected void announce(int happened) {
        queue.notify(happened);
    }

    // Segments in.

    @Override
    public void receive(Packet packet) {
        deliver(packet);
    }

    @Override
    protected void process(Packet packet) {
        input.process(packet);
    }

    @Override
    protected long backlogBytesMax() {
        return (long) config.receiveBufferBytes + config.sendBufferBytes + (1 << 20);
    }

    // Segments out.

    /** A time stamp of now, milliseconds. */
    int timestamp() {
        return (int) (now() / 1_000_000 + timestampOffset);
    }

    void setTimestampRecent(int value) {
        timestampRecent = value;
    }

    int timestampRecent() {
        return timestampRecent;
    }

    int initialSequence() {
        return initialSequence;
    }

    int advertisedMss() {
        return advertisedMss;
    }

    private Packet newPacket(byte[] data, int offset, int length, int headerLength) {
        Packet p = new Packet(
                IpHeader.length(local) + headerLength, data, offset, length, local, remote);
        p.protocol = Inet.IPPROTO_TCP;
        p.ttl = config.ttl != 0 ? config.ttl : settings().defaultTtl;
        p.trafficClass = config.trafficClass;
        return p;
    }

    private void output(Packet p) {
        protocol.output(Objects.requireNonNull(route), p);
    }

    /** The SYN, or in a simultaneous open the SYN with ACK. */
    void sendSyn() {
        boolean answers = state == Inet.TCP_SYN_RECV;
        int length = TcpHeader.BYTES
                + TcpOptions.synLength(hasTimestamps, hasSack, receiver.scale > 0);
        Packet p = newPacket(NO_BYTES, 0, 0, length);
        int window = initialWindow();
        TcpHeader.write(
                p,
                length,
                localPort,
                remotePort,
                initialSequence,
                answers ? receiver.next : 0,
                answers ? TcpHeader.SYN | TcpHeader.ACK : TcpHeader.SYN,
                window);
        TcpOptions.writeSyn(
                p.header,
                p.transportStart + TcpHeader.BYTES,
                advertisedMss,
                receiver.scale > 0 ? receiver.scale : -1,
                hasSack,
                hasTimestamps,
                timestamp(),
                answers ? timestampRecent : 0);
        receiver.setOffered(window);
        output(p);
    }

    void synTimeout() {
        boolean active = state == Inet.TCP_SYN_SENT;
        int most = config.synRetries != 0 ? config.synRetries : settings().tcpSynRetries;
        boolean givenUp = config.userTimeoutMillis != 0
                && synRetries > 0
                && (1L << synRetries) * 1000 > config.userTimeoutMillis;
        if (synRetries >= (active ? most : settings().tcpSynAckRetries) || givenUp) {
            timedOut();
            return;
        }
        synRetries++;
        sender.rtt.backOff();
        sendSyn();
        sender.armSyn();
    }

    /** Sends a segment of the queue; {@code urgent} is the urgent pointer, -1 for none. */
    void transmit(Segment s, int urgent) {
        int flags = TcpHeader.ACK
                | (s.isPush || s.isFin ? TcpHeader.PSH : 0)
                | (s.isFin ? TcpHeader.FIN : 0);
        transmit(s.sequence, flags, s.data, s.offset, s.length, urgent);
        receiver.ackSent(s.length > 0);
    }

    private void transmit(
            int sequence, int flags, byte[] data, int offset, int length, int urgent) {
        int[] blocks = null;
        int count = 0;
        int options = hasTimestamps ? TcpOptions.TIMESTAMP_BYTES : 0;
        if (hasSack && receiver.hasEarly()) {
            int most = hasTimestamps ? TcpOptions.SACK_BLOCKS_MAX - 1 : TcpOptions.SACK_BLOCKS_MAX;
            blocks = new int[2 * TcpOptions.SACK_BLOCKS_MAX];
            count = receiver.sackBlocks(blocks, most);
        }
        int headerLength = TcpHeader.BYTES + options + (count > 0 ? 4 + 8 * count : 0);
        Packet p = newPacket(data, offset, length, headerLength);
        TcpHeader.write(
                p,
                headerLength,
                localPort,
                remotePort,
                sequence,
                receiver.next,
                flags,
                receiver.selectWindow());
        int at = p.transportStart + TcpHeader.BYTES;
        if (hasTimestamps) {
            TcpOptions.writeTimestamp(p.header, at, timestamp(), timestampRecent);
        }
        if (blocks != null && count > 0) {
            TcpOptions.writeSack(p.header, at + options, blocks, count);
        }
        if (urgent >= 0) {
            TcpHeader.setUrgent(p, urgent);
        }
        output(p);
    }

    /** Sends a segment without data. */
    void sendAck() {
        if (route == null || state == Inet.TCP_CLOSE) {
            receiver.ackSent(false);
            return;
        }
        transmit(sender.next, TcpHeader.ACK, NO_BYTES, 0, 0, -1);
        receiver.ackSent(false);
    }

    /** Sends a segment that the peer has to answer. */
    void transmitProbe(int sequence) {
        transmit(sequence, TcpHeader.ACK, NO_BYTES, 0, 0, -1);
    }

    void sendReset() {
        if (route != null && state != Inet.TCP_SYN_SENT && state != Inet.TCP_LISTEN) {
            stack().count(dev.jvisor.net.inet.core.Counter.TCP_OUT_RESETS);
            transmit(sender.next, TcpHeader.RST | TcpHeader.ACK, NO_BYTES, 0, 0, -1);
        }
    }

    // The end.

    /** Our FIN was acknowledged in FIN_WAIT1. */
    void enterFinWait2() {
        state = Inet.TCP_FIN_WAIT2;
        shutdown |= SHUT_SEND;
        if (!isOrphan) {
            raise(WRITABLE);
            return;
        }
        long limit = config.linger2Seconds != 0
                ? config.linger2Seconds * NANOS_PER_SECOND
                : settings().tcpFinTimeoutSeconds * NANOS_PER_SECOND;
        if (limit < 0) {
            fail(Errno.ETIMEDOUT);
        } else {
            idle.set(now() + limit);
        }
    }

    /** Both have said FIN: what is left is to wait (Linux: tcp_time_wait). */
    void enterTimeWait() {
        TcpTuple t = tuple;
        if (t != null) {
            TimeWait rest = new TimeWait(this, t, receiver.next, sender.next);
            if (protocol.timeWaits().add(rest)) {
                protocol.ports().share(rest, t.localPort());
                protocol.replaceConnection(t, this, rest);
                tuple = null;
            }
        }
        done();
    }

    void closed() {
        done();
    }

    Route routeOrThrow() {
        return Objects.requireNonNull(route);
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

    // Timers.

    void timerFired() {
        deliverTimer();
    }

    @Override
    protected void checkTimers() {
        sender.lookAtTimer();
        receiver.lookAtTimer();
        idle.look();
        TcpListenQueue q = listenQueue;
        if (q != null) {
            for (TcpRequest r : q.requests()) {
                r.lookAtTimer();
            }
        }
    }

    /** SO_KEEPALIVE or its times changed. */
    void keepaliveChanged() {
        lock();
        try {
            startKeepalive();
        } finally {
            unlock();
        }
    }

    private void startKeepalive() {
        if (config.keepsAlive
                && state != Inet.TCP_CLOSE
                && state != Inet.TCP_LISTEN
                && state != Inet.TCP_SYN_SENT) {
            idle.set(now() + keepIdleNanos());
        } else if (!isOrphan) {
            idle.clear();
        }
    }

    private long keepIdleNanos() {
        return (config.keepIdleSeconds != 0 ? config.keepIdleSeconds : settings().tcpKeepIdleSeconds)
                * NANOS_PER_SECOND;
    }

    /** Nothing happened for long. */
    private void idled() {
        if (isOrphan && state == Inet.TCP_FIN_WAIT2) {
            done();
            return;
        }
        if (!config.keepsAlive || state == Inet.TCP_CLOSE) {
            return;
        }
        long since = now() - receiver.lastReceivedNanos;
        long wait = keepIdleNanos();
        if (!sender.isEmpty() || since < wait) {
            keepProbes = 0;
            idle.set(now() + (since < wait ? wait - since : wait));
            return;
        }
        int most = config.keepProbes != 0 ? config.keepProbes : settings().tcpKeepProbes;
        long interval = config.keepIntervalSeconds != 0
                ? config.keepIntervalSeconds
                : settings().tcpKeepIntervalSeconds;
        if (keepProbes == 0) {
            keepFirstNanos = now();
        }
        boolean late = config.userTimeoutMillis != 0
                && keepProbes > 0
                && since >= config.userTimeoutMillis * 1_000_000L;
        if (keepProbes >= most || late) {
            sendReset();
            timedOut();
            return;
        }
        keepProbes++;
        transmitProbe(sender.unacknowledged - 1);
        idle.set(now() + interval * NANOS_PER_SECOND);
    }

    /** A segment came: the peer lives. */
    void isAlive() {
        keepProbes = 0;
    }
}
