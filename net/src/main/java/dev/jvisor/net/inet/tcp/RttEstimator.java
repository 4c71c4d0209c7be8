// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

/** Smoothed round-trip time and retransmission time-out (RFC 6298, with Linux's bounds). */
final class RttEstimator {

    static final long RTO_INITIAL_NANOS = 1_000_000_000L;
    static final long RTO_MIN_NANOS = 200_000_000L;
    static final long RTO_MAX_NANOS = 120_000_000_000L;

    private long smoothed;
    private long variation;
    private long smallest = Long.MAX_VALUE;
    private long timeout = RTO_INITIAL_NANOS;
    private int backoff;

    /** Takes the round-trip time of a segment that was sent once. */
    void sample(long roundTripNanos) {
        long r = Math.max(1000, roundTripNanos);
        smallest = Math.min(smallest, r);
        if (smoothed == 0) {
            smoothed = r;
            variation = r / 2;
        } else {
            variation += (Math.abs(smoothed - r) - variation) / 4;
            smoothed += (r - smoothed) / 8;
        }
        timeout = Math.min(RTO_MAX_NANOS, smoothed + Math.max(RTO_MIN_NANOS, 4 * variation));
        backoff = 0;
    }

    /** An acknowledgement moved things on: the next time-out is the plain one again. */
    void progress() {
        backoff = 0;
    }

    /** A time-out happened: the next one takes twice as long. */
    void backOff() {
        backoff = Math.min(backoff + 1, 30);
    }

    int backoff() {
        return backoff;
    }

    long timeoutNanos() {
        long t = timeout << Math.min(backoff, 16);
        return Math.min(t, RTO_MAX_NANOS);
    }

    /** 0 before the first sample. */
    long smoothedNanos() {
        return smoothed;
    }

    long variationNanos() {
        return variation;
    }

    long smallestNanos() {
        return smallest == Long.MAX_VALUE ? 0 : smallest;
    }
}
