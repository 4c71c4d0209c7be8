// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.NetMemory;
import dev.jvisor.net.inet.core.PortUser;
import dev.jvisor.net.inet.core.Settings;
import dev.jvisor.net.inet.core.SocketLock;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * What a TCP socket is, and simple questions about it; {@link TcpConnection} and
 * {@link TcpEndpoint} do something with it.
 *
 * <p>The lock guards all fields; those that are volatile may be read without it.
 */
abstract class TcpCore extends SocketLock implements TcpTarget, PortUser {

    static final byte[] NO_BYTES = {};
    static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM;
    static final int ENDED = READABLE | WRITABLE | Poll.POLLHUP | Poll.EPOLLRDHUP;
    static final int SHUT_RECEIVE = 1;
    static final int SHUT_SEND = 2;
    static final int SHUT_BOTH = SHUT_RECEIVE | SHUT_SEND;
    static final int SEGMENT_COST = 131_072 + 256; // of a full segment on lo
    static final int WINDOW_CLAMP_MAX = 65535 << 14;
    static final int RETRIES_ORPHAN = 8;
    static final long NANOS_PER_SECOND = 1_000_000_000L;
    final TcpProtocol protocol;
    final TcpConfig config;
    final WaitQueue queue = new WaitQueue();
    volatile int state = Inet.TCP_CLOSE;
    volatile IpAddress local;
    volatile int localPort;
    volatile IpAddress remote;
    volatile int remotePort;
    IpAddress bound;

    /** Whether bind(2) chose the port, or the address: they outlive a disconnect. */
    boolean isPortChosen;

    boolean isPortHeld;

    @Nullable
    Route route;

    @Nullable
    TcpTuple tuple;

    @Nullable
    TcpListenQueue listenQueue;

    /** Who this connection was accepted from, while it is not a guest's. */
    @Nullable
    TcpConnection parent;

    volatile int shutdown;
    volatile @Nullable Errno error;

    @Nullable
    Errno softError;

    boolean isDone;
    boolean isOrphan;
    boolean wantsSpace;
    int events;
    boolean hasTimestamps;
    boolean hasSack;
    int initialSequence;
    int timestampRecent;
    long timestampOffset;
    int synRetries;
    int advertisedMss;

    TcpCore(TcpProtocol protocol, IpAddress any, TcpConfig config) {
        this.protocol = protocol;
        this.config = config;
        this.local = any;
        this.bound = any;
        this.remote = any;
    }

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
        NetMemory.charge(bytes);
    }

    boolean isShortOfMemory() {
        return NetMemory.isShort();
    }

    /** Whether the sandbox has memory for more to send; something small may always wait. */
    boolean mayQueue(int queuedCost) {
        return queuedCost < 4096 || !NetMemory.isShort();
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

    void growReceiveBuffer(int bytes) {
        if (!config.isReceiveBufferFixed && !NetMemory.isShort()) {
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

    int mssFor(Route r, IpAddress source) {
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

    WaitQueue waitQueue() {
        return queue;
    }

    @Override
    protected void announce(int happened) {
        queue.notify(happened);
    }

    @Override
    protected long backlogBytesMax() {
        return (long) config.receiveBufferBytes + config.sendBufferBytes + (1 << 20);
    }

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

    Route routeOrThrow() {
        return Objects.requireNonNull(route);
    }
}
