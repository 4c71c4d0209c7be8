// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

/**
 * How much a sender may have under way (Linux: {@code struct tcp_congestion_ops}). Windows are in
 * segments. Guarded by the connection's lock.
 */
abstract class CongestionControl {

    /** RFC 6928. */
    static final int INITIAL_WINDOW = 10;

    static final int NO_THRESHOLD = 0x7fffffff;

    private static final int WINDOW_MAX = 1 << 20;

    int window = INITIAL_WINDOW;
    int threshold = NO_THRESHOLD;

    /** Segments acknowledged since the window grew last. */
    private int acknowledged;

    /** The value of TCP_CONGESTION. */
    abstract String name();

    /** The threshold after a loss. */
    abstract int thresholdAfterLoss(long nowNanos);

    /** How many acknowledged segments make the window grow by one in congestion avoidance. */
    abstract int growthInterval(long nowNanos, long roundTripNanos, int segments);

    /** Segments were acknowledged while the window limited the sender. */
    final void acknowledged(int segments, long nowNanos, long roundTripNanos) {
        int left = segments;
        if (window < threshold) {
            int step = Math.min(left, threshold - window);
            window = Math.min(window + step, WINDOW_MAX);
            left -= step;
        }
        if (left > 0 && window >= threshold) {
            acknowledged += left;
            int interval = Math.max(1, growthInterval(nowNanos, roundTripNanos, left));
            if (acknowledged >= interval) {
                window = Math.min(window + acknowledged / interval, WINDOW_MAX);
                acknowledged %= interval;
            }
        }
    }

    /** Segments were lost, but others arrive: fast recovery begins. */
    final void enterRecovery(long nowNanos) {
        threshold = thresholdAfterLoss(nowNanos);
        window = Math.max(threshold, 1);
        acknowledged = 0;
    }

    /** Nothing arrives: begins anew with one segment. */
    final void timedOut(long nowNanos, boolean first) {
        if (first) {
            threshold = thresholdAfterLoss(nowNanos);
        }
        window = 1;
        acknowledged = 0;
    }

    /** The algorithm with a name, null if there is none. */
    static @org.jspecify.annotations.Nullable CongestionControl of(String name) {
        return switch (name) {
            case "reno" -> new NewReno();
            case "cubic" -> new Cubic();
            default -> null;
        };
    }

    /** Takes over what another one has learned. */
    final CongestionControl from(CongestionControl other) {
        window = other.window;
        threshold = other.threshold;
        return this;
    }
}
