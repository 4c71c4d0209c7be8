// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.signal;

import static dev.jvisor.platform.abi.Signals.SIG_BLOCK;
import static dev.jvisor.platform.abi.Signals.SIG_SETMASK;
import static dev.jvisor.platform.abi.Signals.SIG_UNBLOCK;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGMASK_HOW;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGSET_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGSET_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.kernel.signal.SignalDelivery;
import dev.jvisor.kernel.signal.SignalSet;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** rt_sigprocmask(2), rt_sigpending(2), rt_sigsuspend(2), pause(2). */
@SyscallHandlers
final class SigmaskSyscalls {

    private SigmaskSyscalls() {}

    /**
     * Reads and changes the thread's mask. SIGKILL and SIGSTOP are never blocked.
     *
     * <p>Errors: EINVAL for {@code size}; EFAULT for {@code set}; EINVAL for {@code how} if there
     * is a set; EFAULT for {@code old}, after the change.
     */
    @Syscall(number = 14, name = "rt_sigprocmask")
    static long rtSigprocmask(
            Task task,
            @Arg(SIGMASK_HOW) int how,
            @Arg(SIGSET_IN) long set,
            @Arg(SIGSET_OUT) long old,
            @Arg(SIZE) long size)
            throws ErrnoException {
        SignalArgs.checkSetSize(size);
        long before = task.signals().blocked();
        if (set != 0) {
            long given = SignalArgs.readSet(task, set) & ~SignalSet.UNBLOCKABLE;
            task.signals()
                    .setBlocked(
                            switch (how) {
                                case SIG_BLOCK -> before | given;
                                case SIG_UNBLOCK -> before & ~given;
                                case SIG_SETMASK -> given;
                                default -> throw Errno.EINVAL.exception();
                            });
        }
        if (old != 0) {
            task.memory().putLong(old, before);
        }
        return 0;
    }

    /** Signals that are pending and blocked. EINVAL if {@code size} is too large; EFAULT. */
    @Syscall(number = 127, name = "rt_sigpending")
    static long rtSigpending(Task task, @Arg(SIGSET_OUT) long set, @Arg(SIZE) long size)
            throws ErrnoException {
        if (Long.compareUnsigned(size, SignalSet.SIZE) > 0) {
            throw Errno.EINVAL.exception();
        }
        byte[] b = new byte[SignalSet.SIZE];
        LittleEndian.putLong(b, 0, SignalDelivery.pending(task) & task.signals().blocked());
        task.memory().copyOut(set, b, 0, (int) size);
        return 0;
    }

    /**
     * Waits with another mask until a handler has run; then EINTR. Signals without handler restart
     * it.
     *
     * <p>Errors: EINVAL for {@code size}; EFAULT; EINTR.
     */
    @Syscall(number = 130, name = "rt_sigsuspend")
    static long rtSigsuspend(Task task, @Arg(SIGSET_IN) long set, @Arg(SIZE) long size)
            throws ErrnoException {
        SignalArgs.checkSetSize(size);
        task.signals().setTemporaryMask(SignalArgs.readSet(task, set));
        return suspend(task);
    }

    /** Waits until a handler has run; then EINTR. */
    @Syscall(number = 34, name = "pause")
    static long pause(Task task) throws ErrnoException {
        return suspend(task);
    }

    private static long suspend(Task task) throws ErrnoException {
        while (!task.hasPendingSignal()) {
            try {
                task.sleep(Long.MAX_VALUE);
            } catch (ErrnoException e) {
                break; // a signal; the mask goes back when it is delivered
            }
        }
        throw Errno.ERESTARTNOHAND.exception();
    }
}
