// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.poll;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.TimespecStruct;

/** Relative timeouts of the waiting calls, as deadlines of CLOCK_MONOTONIC. */
final class Timeouts {

    /** Deadline that never comes. */
    static final long FOREVER = Long.MAX_VALUE;

    /** Deadline of a call that only looks. */
    static final long NOW = Long.MIN_VALUE;

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long SECONDS_MAX = Long.MAX_VALUE / NANOS_PER_SECOND - 1;

    private Timeouts() {}

    /** Milliseconds as in poll(2): negative for no limit. */
    static long millis(Task task, int millis) {
        if (millis < 0) {
            return FOREVER;
        }
        return after(task, millis * NANOS_PER_MILLI);
    }

    /** A {@code struct timespec}; 0 for no limit. EFAULT, EINVAL. */
    static long timespec(Task task, long address) throws ErrnoException {
        if (address == 0) {
            return FOREVER;
        }
        byte[] b = new byte[TimespecStruct.SIZE];
        task.memory().copyIn(address, b, 0, b.length);
        long seconds = LittleEndian.getLong(b, TimespecStruct.SEC);
        long nanos = LittleEndian.getLong(b, TimespecStruct.FRACTION);
        if (seconds < 0 || nanos < 0 || nanos >= NANOS_PER_SECOND) {
            throw Errno.EINVAL.exception();
        }
        return after(task, seconds, nanos);
    }

    /** A {@code struct timeval}, whose microseconds may be more than a second; 0 for no limit. */
    static long timeval(Task task, long address) throws ErrnoException {
        if (address == 0) {
            return FOREVER;
        }
        byte[] b = new byte[TimespecStruct.SIZE];
        task.memory().copyIn(address, b, 0, b.length);
        long micros = LittleEndian.getLong(b, TimespecStruct.FRACTION);
        long seconds = LittleEndian.getLong(b, TimespecStruct.SEC) + micros / MICROS_PER_SECOND;
        long nanos = micros % MICROS_PER_SECOND * (NANOS_PER_SECOND / MICROS_PER_SECOND);
        if (seconds < 0 || nanos < 0) {
            throw Errno.EINVAL.exception();
        }
        return after(task, seconds, nanos);
    }

    private static long after(Task task, long seconds, long nanos) {
        return seconds > SECONDS_MAX ? FOREVER : after(task, seconds * NANOS_PER_SECOND + nanos);
    }

    private static long after(Task task, long nanos) {
        if (nanos == 0) {
            return NOW;
        }
        long deadline = task.kernel().clocks().monotonicNanos() + nanos;
        return deadline < 0 ? FOREVER : deadline;
    }

    /**
     * Stores what is left of a timeout (Linux: poll_select_finish).
     *
     * @param isTimeval whether the fraction is in microseconds
     * @return whether it could be stored
     */
    static boolean storeRemaining(Task task, long address, long deadline, boolean isTimeval) {
        if (address == 0 || deadline == FOREVER) {
            return true;
        }
        long left = 0;
        if (deadline != NOW) {
            left = Math.max(0, deadline - task.kernel().clocks().monotonicNanos());
        }
        long fraction = left % NANOS_PER_SECOND;
        if (isTimeval) {
            fraction /= NANOS_PER_SECOND / MICROS_PER_SECOND;
        }
        byte[] b = new byte[TimespecStruct.SIZE];
        LittleEndian.putLong(b, TimespecStruct.SEC, left / NANOS_PER_SECOND);
        LittleEndian.putLong(b, TimespecStruct.FRACTION, fraction);
        return task.memory().copyOutPartial(address, b, 0, b.length) == b.length;
    }
}
