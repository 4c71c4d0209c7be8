// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

/**
 * Where copy-on-write faults happened lately: a shell that forks for every command writes to the
 * same few places after each fork. Guarded by {@link Space#lock}.
 */
final class HotWindows {

    private static final int SIZE = 16;

    private final long[] windows = new long[SIZE];
    private int count;
    private int oldest;

    /** Remembers the window ({@link Faults#COPY_WINDOW_BYTES}, aligned) of an address. */
    void add(long address) {
        long window = address & -Faults.COPY_WINDOW_BYTES;
        for (int i = 0; i < count; i++) {
            if (windows[i] == window) {
                return;
            }
        }
        if (count < SIZE) {
            windows[count++] = window;
        } else {
            windows[oldest] = window;
            oldest = (oldest + 1) % SIZE;
        }
    }

    int count() {
        return count;
    }

    long address(int i) {
        return windows[i];
    }

    void copyFrom(HotWindows other) {
        System.arraycopy(other.windows, 0, windows, 0, SIZE);
        count = other.count;
        oldest = other.oldest;
    }
}
