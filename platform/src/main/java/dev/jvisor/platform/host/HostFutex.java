// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

/** futex(2) on words of this process, for hand-over between host threads and processes. */
public final class HostFutex {

    private static final int FUTEX_WAIT = 0;
    private static final int FUTEX_WAKE = 1;
    private static final int FUTEX_PRIVATE_FLAG = 128;

    private HostFutex() {}

    /**
     * Waits while a word has a value.
     *
     * @param address the word, a multiple of 4
     * @param timeoutAddress a {@code struct timespec} (relative), or 0 for no limit
     * @param shared whether other processes wake through their own mappings
     * @return 0, or -EAGAIN (other value), -ETIMEDOUT, -EINTR
     */
    public static long await(long address, int value, long timeoutAddress, boolean shared) {
        int operation = shared ? FUTEX_WAIT : FUTEX_WAIT | FUTEX_PRIVATE_FLAG;
        return Host.syscall(Sys.FUTEX, address, operation, value, timeoutAddress);
    }

    /** Wakes up to {@code count} waiters; returns how many. */
    public static long wake(long address, int count, boolean shared) {
        int operation = shared ? FUTEX_WAKE : FUTEX_WAKE | FUTEX_PRIVATE_FLAG;
        return Host.syscall(Sys.FUTEX, address, operation, count);
    }
}
