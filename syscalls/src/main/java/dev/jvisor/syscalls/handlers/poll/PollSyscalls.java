// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.poll;

import static dev.jvisor.syscalls.annotation.Arg.Format.POLLFD;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGSET_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMEOUT_MS;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.UNSIGNED;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.PollfdStruct;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** poll(2), ppoll(2). */
@SyscallHandlers
final class PollSyscalls {

    private PollSyscalls() {}

    /** EINVAL for more than RLIMIT_NOFILE entries; EFAULT. A signal without handler restarts it. */
    @Syscall(number = 7, name = "poll")
    static long poll(
            Task task,
            @Arg(POLLFD) long fds,
            @Arg(UNSIGNED) int count,
            @Arg(TIMEOUT_MS) int timeout)
            throws ErrnoException {
        return poll(task, fds, count, Timeouts.millis(task, timeout));
    }

    private static long poll(Task task, long fds, int count, long deadline) throws ErrnoException {
        try {
            return await(task, fds, count, deadline);
        } catch (ErrnoException e) {
            if (e.errno != Errno.ERESTARTNOHAND) {
                throw e;
            }
            task.setRestartBlock(again -> poll(again, fds, count, deadline));
            throw Errno.ERESTART_RESTARTBLOCK.exception();
        }
    }

    /** The timeout is left with what remains of it. */
    @Syscall(number = 271, name = "ppoll")
    static long ppoll(
            Task task,
            @Arg(POLLFD) long fds,
            @Arg(UNSIGNED) int count,
            @Arg(TIMESPEC_IN) long timeout,
            @Arg(SIGSET_IN) long sigmask,
            @Arg(SIZE) long sigsetSize)
            throws ErrnoException {
        long deadline = Timeouts.timespec(task, timeout);
        boolean masked = TemporaryMask.set(task, sigmask, sigsetSize);
        long ready;
        try {
            ready = await(task, fds, count, deadline);
        } catch (ErrnoException e) {
            boolean stored = Timeouts.storeRemaining(task, timeout, deadline, false);
            throw TemporaryMask.interrupted(task, masked, e, stored);
        }
        TemporaryMask.end(task, masked);
        Timeouts.storeRemaining(task, timeout, deadline, false);
        return ready;
    }

    private static long await(Task task, long fds, int count, long deadline) throws ErrnoException {
        long limit = UserArgs.descriptorLimit(task);
        if (Long.compareUnsigned(count & 0xffff_ffffL, limit) > 0) {
            throw Errno.EINVAL.exception();
        }
        byte[] structs = new byte[count * PollfdStruct.SIZE];
        task.memory().copyIn(fds, structs, 0, structs.length);
        try (PollSet set = new PollSet(task, count)) {
            for (int i = 0; i < count; i++) {
                int at = i * PollfdStruct.SIZE;
                int fd = LittleEndian.getInt(structs, at + PollfdStruct.FD);
                set.add(fd, LittleEndian.getUnsignedShort(structs, at + PollfdStruct.EVENTS));
            }
            int ready = set.await(deadline);
            for (int i = 0; i < count; i++) {
                int at = i * PollfdStruct.SIZE + PollfdStruct.REVENTS;
                LittleEndian.putShort(structs, at, set.found(i));
            }
            task.memory().copyOut(fds, structs, 0, structs.length);
            return ready;
        }
    }
}
