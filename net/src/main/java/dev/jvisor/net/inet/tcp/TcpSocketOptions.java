// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.net.socket.OptionValue;
import dev.jvisor.net.socket.SocketOptions;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.LittleEndian;

import java.nio.charset.StandardCharsets;

/** The options of level IPPROTO_TCP (Linux: do_tcp_setsockopt). */
final class TcpSocketOptions {

    /** Linux: TCP_CA_NAME_MAX. */
    private static final int NAME_BYTES = 16;

    private static final int KEEP_SECONDS_MAX = 32767;
    private static final int KEEP_PROBES_MAX = 127;
    private static final int LINGER2_SECONDS_MAX = 120;
    private static final int MSS_MIN = 88;
    private static final int MSS_MAX = 32767;
    private static final int INFO_BYTES = 248;

    private final TcpEndpoint tcp;

    TcpSocketOptions(TcpEndpoint tcp) {
        this.tcp = tcp;
    }

    private static int inRange(int n, int first, int last) throws ErrnoException {
        if (n < first || n > last) {
            throw Errno.EINVAL.exception();
        }
        return n;
    }

    void set(int name, OptionValue value) throws ErrnoException {
        TcpConfig c = tcp.config;
        if (name == Inet.TCP_CONGESTION) {
            setCongestion(value);
            return;
        }
        int n = value.asInt();
        switch (name) {
            case Inet.TCP_NODELAY -> {
                c.isNoDelay = n != 0;
                if (n != 0) {
                    tcp.flush();
                }
            }
            case Inet.TCP_CORK -> {
                c.isCorked = n != 0;
                if (n == 0) {
                    tcp.flush();
                }
            }
            case Inet.TCP_MAXSEG -> {
                c.maxSegment = n == 0 ? 0 : inRange(n, MSS_MIN, MSS_MAX);
            }
            case Inet.TCP_KEEPIDLE -> {
                c.keepIdleSeconds = inRange(n, 1, KEEP_SECONDS_MAX);
                tcp.keepaliveChanged();
            }
            case Inet.TCP_KEEPINTVL -> c.keepIntervalSeconds = inRange(n, 1, KEEP_SECONDS_MAX);
            case Inet.TCP_KEEPCNT -> c.keepProbes = inRange(n, 1, KEEP_PROBES_MAX);
            case Inet.TCP_SYNCNT -> c.synRetries = inRange(n, 1, KEEP_PROBES_MAX);
            case Inet.TCP_LINGER2 -> {
                c.linger2Seconds = n < 0 ? -1 : n > LINGER2_SECONDS_MAX ? LINGER2_SECONDS_MAX : n;
            }
            case Inet.TCP_DEFER_ACCEPT -> c.deferAcceptSeconds = deferred(n);
            case Inet.TCP_WINDOW_CLAMP -> {
                if (n == 0 && tcp.state() != Inet.TCP_CLOSE) {
                    throw Errno.EINVAL.exception();
                }
                c.windowClamp = n == 0 ? 0 : Math.max(n, 1152);
            }
            case Inet.TCP_QUICKACK -> tcp.setQuickAck(n);
            case Inet.TCP_USER_TIMEOUT -> c.userTimeoutMillis = inRange(n, 0, Integer.MAX_VALUE);
            case Inet.TCP_NOTSENT_LOWAT -> c.notSentLowWater = Math.max(0, n);
            default -> throw Errno.ENOPROTOOPT.exception();
        }
    }

    /** The time after whole retransmissions that covers it (Linux: secs_to_retrans). */
    private static int deferred(int seconds) {
        if (seconds <= 0) {
            return 0;
        }
        int period = 1;
        int step = 1;
        while (seconds > period && period < 1 << 16) {
            step *= 2;
            period += step;
        }
        return period;
    }

    private void setCongestion(OptionValue value) throws ErrnoException {
        if (value.length() < 1) {
            throw Errno.EINVAL.exception();
        }
        byte[] raw = value.upTo(NAME_BYTES - 1);
        int length = 0;
        while (length < raw.length && raw[length] != 0) {
            length++;
        }
        CongestionControl chosen =
                CongestionControl.of(new String(raw, 0, length, StandardCharsets.ISO_8859_1));
        if (chosen == null) {
            throw Errno.ENOENT.exception();
        }
        tcp.setCongestion(chosen);
    }

    byte[] get(int name) throws ErrnoException {
        TcpConfig c = tcp.config;
        int n = switch (name) {
            case Inet.TCP_NODELAY -> c.isNoDelay ? 1 : 0;
            case Inet.TCP_CORK -> c.isCorked ? 1 : 0;
            case Inet.TCP_MAXSEG -> maxSegment();
            case Inet.TCP_KEEPIDLE ->
                c.keepIdleSeconds != 0 ? c.keepIdleSeconds : tcp.settings().tcpKeepIdleSeconds;
            case Inet.TCP_KEEPINTVL ->
                c.keepIntervalSeconds != 0
                        ? c.keepIntervalSeconds
                        : tcp.settings().tcpKeepIntervalSeconds;
            case Inet.TCP_KEEPCNT ->
                c.keepProbes != 0 ? c.keepProbes : tcp.settings().tcpKeepProbes;
            case Inet.TCP_SYNCNT -> c.synRetries != 0 ? c.synRetries : tcp.settings().tcpSynRetries;
            case Inet.TCP_LINGER2 ->
                c.linger2Seconds != 0 ? c.linger2Seconds : tcp.settings().tcpFinTimeoutSeconds;
            case Inet.TCP_DEFER_ACCEPT -> c.deferAcceptSeconds;
            case Inet.TCP_WINDOW_CLAMP -> c.windowClamp;
            case Inet.TCP_QUICKACK -> tcp.isQuickAck() ? 1 : 0;
            case Inet.TCP_USER_TIMEOUT -> c.userTimeoutMillis;
            case Inet.TCP_NOTSENT_LOWAT -> c.notSentLowWater;
            case Inet.TCP_FASTOPEN, Inet.TCP_FASTOPEN_CONNECT, Inet.TCP_SAVE_SYN -> 0;
            case Inet.TCP_INFO, Inet.TCP_CONGESTION -> 0;
            default -> throw Errno.ENOPROTOOPT.exception();
        };
        if (name == Inet.TCP_INFO) {
            return info();
        }
        if (name == Inet.TCP_CONGESTION) {
            byte[] value = new byte[NAME_BYTES];
            byte[] text = tcp.congestionName().getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(text, 0, value, 0, text.length);
            return value;
        }
        return SocketOptions.bytes(n);
    }

    private int maxSegment() {
        boolean isUnconnected = tcp.state() == Inet.TCP_CLOSE || tcp.state() == Inet.TCP_LISTEN;
        return isUnconnected && tcp.config.maxSegment != 0 ? tcp.config.maxSegment : tcp.sender.mss;
    }

    /** {@code struct tcp_info}. */
    byte[] info() {
        byte[] b = new byte[INFO_BYTES];
        tcp.lock();
        try {
            TcpSender s = tcp.sender;
            TcpReceiver r = tcp.receiver;
            b[0] = (byte) tcp.state();
            b[2] = (byte) s.retransmits;
            b[4] = (byte) s.rtt.backoff();
            boolean scales = s.scale != 0 || r.scale != 0;
            b[5] = (byte) ((tcp.hasTimestamps ? 1 : 0) | (tcp.hasSack ? 2 : 0) | (scales ? 4 : 0));
            b[6] = (byte) (s.scale | r.scale << 4);
            if (tcp.state() == Inet.TCP_LISTEN && tcp.listenQueue != null) {
                LittleEndian.putInt(b, 24, tcp.listenQueue.length());
                LittleEndian.putInt(b, 28, tcp.listenQueue.backlog);
                return b;
            }
            LittleEndian.putInt(b, 8, (int) (s.rtt.timeoutNanos() / 1000));
            LittleEndian.putInt(b, 12, 40_000);
            LittleEndian.putInt(b, 16, s.mss);
            LittleEndian.putInt(b, 20, r.segmentBytes());
            LittleEndian.putInt(b, 24, s.packetsOut());
            LittleEndian.putInt(b, 28, s.sacked());
            LittleEndian.putInt(b, 32, s.lost());
            LittleEndian.putInt(b, 36, s.resent());
            long now = tcp.now();
            LittleEndian.putInt(b, 44, millisSince(now, s.lastSentNanos));
            LittleEndian.putInt(b, 52, millisSince(now, r.lastReceivedNanos));
            LittleEndian.putInt(b, 56, millisSince(now, r.lastReceivedNanos));
            LittleEndian.putInt(b, 60, 65535);
            LittleEndian.putInt(b, 64, r.window());
            LittleEndian.putInt(b, 68, (int) (s.rtt.smoothedNanos() / 1000));
            LittleEndian.putInt(b, 72, (int) (s.rtt.variationNanos() / 1000));
            LittleEndian.putInt(b, 76, s.congestion.threshold);
            LittleEndian.putInt(b, 80, s.congestion.window);
            LittleEndian.putInt(b, 84, tcp.advertisedMss());
            LittleEndian.putInt(b, 88, 3);
            LittleEndian.putInt(b, 96, r.roundBytes());
            LittleEndian.putInt(b, 100, s.retransmitsTotal);
            LittleEndian.putLong(b, 112, -1);
            LittleEndian.putLong(b, 120, s.bytesAcknowledged);
            LittleEndian.putLong(b, 128, r.bytesReceived);
            LittleEndian.putInt(b, 144, s.unsentBytes());
            LittleEndian.putInt(b, 148, (int) (s.rtt.smallestNanos() / 1000));
            LittleEndian.putInt(b, 228, s.window);
        } finally {
            tcp.unlock();
        }
        return b;
    }

    private static int millisSince(long now, long then) {
        return then == 0 ? 0 : (int) ((now - then) / 1_000_000);
    }
}
