// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * Raw access to the host kernel for the typed classes of this package and for the platforms.
 *
 * <p>A call that blocks does not hold up the JVM's safepoints. Nothing here retries EINTR.
 */
public final class Host {

    private static final long ENOSYS = 38;
    private static final int ERRNO_MAX = 4095;

    private Host() {}

    /**
     * Executes a host system call.
     *
     * @param number the x86-64 number ({@link Sys})
     * @return the result, or the negated error number (-4095..-1)
     */
    public static long syscall(long number, long a, long b, long c, long d, long e, long f) {
        if (number < 0 || number >= Native.SYSCALLS_COUNT) {
            return -ENOSYS;
        }
        return Native.syscall((int) number, a, b, c, d, e, f);
    }

    /**
     * As {@link #syscall(long, long, long, long, long, long, long)} with the last three arguments
     * zero.
     */
    public static long syscall(long number, long a, long b, long c) {
        return syscall(number, a, b, c, 0, 0, 0);
    }

    /**
     * As {@link #syscall(long, long, long, long, long, long, long)} with the last two arguments
     * zero.
     */
    public static long syscall(long number, long a, long b, long c, long d) {
        return syscall(number, a, b, c, d, 0, 0);
    }

    /** Whether a result of {@link #syscall} is an error. */
    public static boolean isError(long result) {
        return result < 0 && result >= -ERRNO_MAX;
    }

    /**
     * Returns a result that is no error.
     *
     * @throws ErrnoException the error that {@code result} stands for
     */
    public static long check(long result) throws ErrnoException {
        if (isError(result)) {
            throw exception(result);
        }
        return result;
    }

    /** Returns the exception for a negated error number. */
    public static ErrnoException exception(long result) {
        try {
            return Errno.of((int) -result).exception();
        } catch (IllegalArgumentException unknown) {
            return Errno.EIO.exception(); // an internal number of the host that leaked, as ENOTSUPP
        }
    }
}
