// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

/** Comparison of sequence numbers, which go round (RFC 9293, 3.4). */
final class TcpSequence {

    private TcpSequence() {}

    /** Whether {@code a} comes before {@code b}. */
    static boolean before(int a, int b) {
        return a - b < 0;
    }

    static boolean after(int a, int b) {
        return b - a < 0;
    }

    /** Whether {@code low <= value <= high}. */
    static boolean between(int value, int low, int high) {
        return high - low >= 0 && Integer.compareUnsigned(value - low, high - low) <= 0;
    }

    static int max(int a, int b) {
        return after(a, b) ? a : b;
    }
}
