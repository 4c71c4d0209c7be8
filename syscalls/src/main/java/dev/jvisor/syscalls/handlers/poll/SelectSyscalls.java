// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.poll;

import static dev.jvisor.syscalls.annotation.Arg.Format.FD_SET;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMEVAL_IN;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * select(2), pselect(2).
 *
 * <p>Errors, in this order: EFAULT and EINVAL for the timeout; EINVAL for a negative count; EFAULT
 * for the sets; EBADF if a set has a descriptor that is not open.
 */
@SyscallHandlers
final class SelectSyscalls {

    private static final int IN =
            Poll.POLLRDNORM | Poll.POLLRDBAND | Poll.POLLIN | Poll.POLLHUP | Poll.POLLERR;
    private static final int OUT = Poll.POLLWRBAND | Poll.POLLWRNORM | Poll.POLLOUT | Poll.POLLERR;
    private static final int EXCEPT = Poll.POLLPRI;

    /** What each set looks for and means. */
    private static final int[] EVENTS = {IN, OUT, EXCEPT};

    /** Width of the smallest descriptor table (Linux: NR_OPEN_DEFAULT). */
    private static final int TABLE_MIN = 64;

    /** Larger tables are a power of two of these. */
    private static final int TABLE_STEP = 128;

    private SelectSyscalls() {}

    @Syscall(number = 23, name = "select")
    static long select(
            Task task,
            int count,
            @Arg(FD_SET) long read,
            @Arg(FD_SET) long write,
            @Arg(FD_SET) long except,
            @Arg(TIMEVAL_IN) long timeout)
            throws ErrnoException {
        long deadline = Timeouts.timeval(task, timeout);
        return await(task, count, new long[] {read, write, except}, deadline, timeout, true, false);
    }

    @Syscall(number = 270, name = "pselect6")
    static long pselect6(
            Task task,
            int count,
            @Arg(FD_SET) long read,
            @Arg(FD_SET) long write,
            @Arg(FD_SET) long except,
            @Arg(TIMESPEC_IN) long timeout,
            @Arg(POINTER) long sigmask)
            throws ErrnoException {
        long sigset = 0;
        long size = 0;
        if (sigmask != 0) {
            sigset = task.memory().getLong(sigmask);
            size = task.memory().getLong(sigmask + Long.BYTES);
        }
        long deadline = Timeouts.timespec(task, timeout);
        boolean masked = TemporaryMask.set(task, sigset, size);
        long[] sets = {read, write, except};
        return await(task, count, sets, deadline, timeout, false, masked);
    }

    private static long await(
            Task task,
            int count,
            long[] sets,
            long deadline,
            long timeout,
            boolean isTimeval,
            boolean masked)
            throws ErrnoException {
        long ready;
        try {
            ready = await(task, count, sets, deadline);
        } catch (ErrnoException e) {
            boolean stored = Timeouts.storeRemaining(task, timeout, deadline, isTimeval);
            throw TemporaryMask.interrupted(task, masked, e, stored);
        }
        TemporaryMask.end(task, masked);
        Timeouts.storeRemaining(task, timeout, deadline, isTimeval);
        return ready;
    }

    private static long await(Task task, int count, long[] sets, long deadline)
            throws ErrnoException {
        if (count < 0) {
            throw Errno.EINVAL.exception();
        }
        int n = count <= TABLE_MIN ? count : Math.min(count, tableWidth(task));
        byte[][] bits = new byte[sets.length][];
        for (int s = 0; s < sets.length; s++) {
            // Sets are arrays of 64-bit words.
            bits[s] = new byte[(n + 63) / 64 * Long.BYTES];
            if (sets[s] != 0) {
                task.memory().copyIn(sets[s], bits[s], 0, bits[s].length);
            }
        }
        try (PollSet set = new PollSet(task, n)) {
            for (int fd = 0; fd < n; fd++) {
                int events = 0;
                for (int s = 0; s < sets.length; s++) {
                    events |= isSet(bits[s], fd) ? EVENTS[s] : 0;
                }
                if (!set.add(events == 0 ? -1 : fd, events) && events != 0) {
                    throw Errno.EBADF.exception();
                }
            }
            set.await(deadline);
            long ready = 0;
            for (int s = 0; s < sets.length; s++) {
                ready += keepFound(bits[s], set, n, EVENTS[s]);
                if (sets[s] != 0) {
                    task.memory().copyOut(sets[s], bits[s], 0, bits[s].length);
                }
            }
            return ready;
        }
    }

    /** Leaves only bits whose descriptors are ready; returns how many. */
    private static int keepFound(byte[] bits, PollSet set, int n, int events) {
        int ready = 0;
        for (int fd = 0; fd < n; fd++) {
            if (!isSet(bits, fd)) {
                continue;
            }
            if ((set.found(fd) & events) != 0) {
                ready++;
            } else {
                bits[fd >> 3] &= (byte) ~(1 << (fd & 7));
            }
        }
        return ready;
    }

    private static boolean isSet(byte[] bits, int fd) {
        return (bits[fd >> 3] >> (fd & 7) & 1) != 0;
    }

    /**
     * How wide Linux's table would be: descriptors beyond it are not looked at, so they are no
     * error, and their bits stay.
     */
    private static int tableWidth(Task task) {
        int[] open = task.files().descriptors();
        int highest = open.length == 0 ? 0 : open[open.length - 1];
        if (highest < TABLE_MIN) {
            return TABLE_MIN;
        }
        return Integer.highestOneBit(highest / TABLE_STEP * 2 + 1) * TABLE_STEP;
    }
}
