// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

/** CUBIC (RFC 9438): the window is a cubic function of the time since the last loss. */
final class Cubic extends CongestionControl {

    private static final double SCALE = 0.4;
    private static final double BETA = 0.7;

    private double windowMax;
    private double estimate;
    private double inflectionSeconds;
    private long epochNanos;

    @Override
    String name() {
        return "cubic";
    }

    @Override
    int thresholdAfterLoss(long nowNanos) {
        epochNanos = 0;
        windowMax = window < windowMax ? window * (1 + BETA) / 2 : window; // fast convergence
        return Math.max(2, (int) (window * BETA));
    }

    @Override
    int growthInterval(long nowNanos, long roundTripNanos, int segments) {
        if (epochNanos == 0) {
            epochNanos = nowNanos;
            windowMax = Math.max(windowMax, window);
            estimate = window;
            inflectionSeconds = Math.cbrt((windowMax - window) / SCALE);
        }
        double t = (nowNanos - epochNanos + roundTripNanos) / 1e9 - inflectionSeconds;
        double target = SCALE * t * t * t + windowMax;
        estimate += 3 * (1 - BETA) / (1 + BETA) * segments / window; // what Reno would have
        target = Math.min(Math.max(target, estimate), 1.5 * window);
        return target > window ? (int) Math.max(2, window / (target - window)) : 100 * window;
    }
}
