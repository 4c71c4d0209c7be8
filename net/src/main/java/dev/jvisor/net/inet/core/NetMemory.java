// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the queues of all sockets of the sandbox hold together (Linux: {@code tcp_mem},
 * {@code udp_mem}): a guest may fill its sockets, but not the Sentry's heap.
 */
public final class NetMemory {

    private static final long BYTES_MAX = Runtime.getRuntime().maxMemory() / 4;

    private static final AtomicLong BYTES = new AtomicLong();

    private NetMemory() {}

    /** Counts bytes that a queue got, or gave up if negative. */
    public static void charge(int bytes) {
        BYTES.addAndGet(bytes);
    }

    /** Whether queues should not grow. */
    public static boolean isShort() {
        return BYTES.get() > BYTES_MAX;
    }

    /** Bytes in all queues. */
    public static long bytes() {
        return Math.max(0, BYTES.get());
    }
}
