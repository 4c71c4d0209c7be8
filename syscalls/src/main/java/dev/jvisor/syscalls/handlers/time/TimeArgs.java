// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.time;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.time.Clocks;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

/**
 * {@code struct timespec}, {@code timeval} and pairs of them in guest memory, as nanoseconds.
 * Seconds beyond what 63 bits of nanoseconds hold mean the end of time (Linux: KTIME_MAX).
 */
public final class TimeArgs {

    /** Size of timespec and timeval, in bytes. */
    static final int SIZE = 16;

    private static final long SECONDS_MAX = Long.MAX_VALUE / Clocks.NANOS_PER_SECOND;
    private static final long NANOS_PER_MICRO = 1000;
    private static final long MICROS_PER_SECOND = 1_000_000;

    private TimeArgs() {}

    /** Reads a timespec that must not be negative. EFAULT, EINVAL. */
    public static long readTimespec(Task task, long address) throws ErrnoException {
        byte[] b = new byte[SIZE];
        task.memory().copyIn(address, b, 0, SIZE);
        return timespec(b, 0);
    }

    /** As {@link #readTimespec} from a copy. */
    static long timespec(byte[] b, int at) throws ErrnoException {
        return nanos(
                LittleEndian.getLong(b, at),
                LittleEndian.getLong(b, at + 8),
                Clocks.NANOS_PER_SECOND,
                1);
    }

    /** The nanoseconds of a timespec's fields; EINVAL if they are none. */
    public static long nanos(long seconds, long nanos) throws ErrnoException {
        return nanos(seconds, nanos, Clocks.NANOS_PER_SECOND, 1);
    }

    /** As {@link #timespec} for microseconds. */
    static long timeval(byte[] b, int at) throws ErrnoException {
        return nanos(
                LittleEndian.getLong(b, at),
                LittleEndian.getLong(b, at + 8),
                MICROS_PER_SECOND,
                NANOS_PER_MICRO);
    }

    private static long nanos(long seconds, long fraction, long fractions, long scale)
            throws ErrnoException {
        if (seconds < 0 || fraction < 0 || fraction >= fractions) {
            throw Errno.EINVAL.exception();
        }
        if (seconds >= SECONDS_MAX) {
            return Long.MAX_VALUE;
        }
        return seconds * Clocks.NANOS_PER_SECOND + fraction * scale;
    }

    static void putTimespec(byte[] b, int at, long nanos) {
        LittleEndian.putLong(b, at, Math.floorDiv(nanos, Clocks.NANOS_PER_SECOND));
        LittleEndian.putLong(b, at + 8, Math.floorMod(nanos, Clocks.NANOS_PER_SECOND));
    }

    static void putTimeval(byte[] b, int at, long nanos) {
        LittleEndian.putLong(b, at, Math.floorDiv(nanos, Clocks.NANOS_PER_SECOND));
        LittleEndian.putLong(
                b, at + 8, Math.floorMod(nanos, Clocks.NANOS_PER_SECOND) / NANOS_PER_MICRO);
    }

    public static void writeTimespec(Task task, long address, long nanos) throws ErrnoException {
        byte[] b = new byte[SIZE];
        putTimespec(b, 0, nanos);
        task.memory().copyOut(address, b, 0, SIZE);
    }
}
