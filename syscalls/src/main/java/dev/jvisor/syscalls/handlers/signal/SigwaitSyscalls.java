// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.signal;

import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGSET_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_IN;

import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.SignalDelivery;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.time.TimeArgs;

/** rt_sigtimedwait(2). */
@SyscallHandlers
final class SigwaitSyscalls {

    private SigwaitSyscalls() {}

    /**
     * Takes one of some signals, waiting for it if none is pending; returns its number.
     *
     * <p>Errors: EINVAL for {@code size}; EFAULT for set and timeout; EINVAL for the timeout;
     * EAGAIN when the time is over; EINTR if another signal comes; EFAULT for {@code info} (the
     * signal is gone then).
     */
    @Syscall(number = 128, name = "rt_sigtimedwait")
    static long rtSigtimedwait(
            Task task,
            @Arg(SIGSET_IN) long set,
            @Arg(POINTER) long info,
            @Arg(TIMESPEC_IN) long timeout,
            @Arg(SIZE) long size)
            throws ErrnoException {
        SignalArgs.checkSetSize(size);
        long wanted = SignalArgs.readSet(task, set);
        long deadline = Long.MAX_VALUE;
        if (timeout != 0) {
            deadline = task.kernel().clocks().deadlineAfter(TimeArgs.readTimespec(task, timeout));
        }
        SigInfo taken = SignalDelivery.await(task, wanted, deadline);
        if (taken == null) {
            throw Errno.EAGAIN.exception();
        }
        if (info != 0) {
            byte[] b = new byte[SigInfo.SIZE];
            taken.write(b, 0);
            task.memory().copyOut(info, b, 0, b.length);
        }
        return taken.signal;
    }
}
