// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import java.util.Arrays;

/** Summaries of repeated measurements. */
final class Statistics {

    private Statistics() {}

    /** Returns the median, NaN of nothing. */
    static double median(double[] values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Returns the least value, NaN of nothing. */
    static double minimum(double[] values) {
        double least = Double.NaN;
        for (double v : values) {
            if (Double.isNaN(least) || v < least) {
                least = v;
            }
        }
        return least;
    }
}
