// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

/** Additive increase, multiplicative decrease (RFC 5681, RFC 6582). */
final class NewReno extends CongestionControl {

    @Override
    String name() {
        return "reno";
    }

    @Override
    int thresholdAfterLoss(long nowNanos) {
        return Math.max(2, window / 2);
    }

    @Override
    int growthInterval(long nowNanos, long roundTripNanos, int segments) {
        return window;
    }
}
