// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import java.util.concurrent.atomic.AtomicInteger;

/** How many pseudo-terminals there are, of all instances (/proc/sys/kernel/pty). */
public final class PtyCount {

    /** Linux: {@code NR_UNIX98_PTY_DEFAULT} and {@code NR_UNIX98_PTY_RESERVE}. */
    public static final int MAX = 4096;

    public static final int RESERVE = 1024;

    private static final AtomicInteger COUNT = new AtomicInteger();

    private PtyCount() {}

    static boolean take() {
        if (COUNT.incrementAndGet() > MAX - RESERVE) {
            COUNT.decrementAndGet();
            return false;
        }
        return true;
    }

    static void giveBack() {
        COUNT.decrementAndGet();
    }

    public static int count() {
        return COUNT.get();
    }
}
