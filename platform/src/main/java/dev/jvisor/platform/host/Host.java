// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

/**
 * Raw access to the host kernel for the typed classes of this package and for the platforms.
 *
 * <p>Contract skeleton: the platform owner fills it in (one generic system call with errno).
 */
public final class Host {

    private Host() {}

    /**
     * Executes a host system call.
     *
     * @return the result, or the negated error number (-4095..-1)
     */
    public static long syscall(long number, long a, long b, long c, long d, long e, long f) {
        throw new UnsupportedOperationException();
    }

    /** As {@link #syscall(long, long, long, long, long, long, long)} with the last three arguments zero. */
    public static long syscall(long number, long a, long b, long c) {
        return syscall(number, a, b, c, 0, 0, 0);
    }
}
