// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.signal;

import static dev.jvisor.syscalls.annotation.Arg.Format.SIGACTION_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGACTION_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGNAL;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.kernel.signal.SignalAction;
import dev.jvisor.kernel.signal.SignalActions;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** rt_sigaction(2). */
@SyscallHandlers
final class SigactionSyscalls {

    // struct sigaction of the kernel, x86-64
    private static final int HANDLER = 0;
    private static final int FLAGS = 8;
    private static final int RESTORER = 16;
    private static final int MASK = 24;

    private SigactionSyscalls() {}

    /**
     * Reads and replaces the action of a signal.
     *
     * <p>Semantics: SIGKILL and SIGSTOP are taken out of the mask; flags the kernel does not know
     * are cleared; an action that ignores the signal drops pending ones.
     *
     * <p>Errors: EINVAL for {@code size}; EFAULT for {@code action}; EINVAL for a signal out of
     * range, and for SIGKILL and SIGSTOP if an action is given; EFAULT for {@code old}, after the
     * change.
     */
    @Syscall(number = 13, name = "rt_sigaction")
    static long rtSigaction(
            Task task,
            @Arg(SIGNAL) int signal,
            @Arg(SIGACTION_IN) long action,
            @Arg(SIGACTION_OUT) long old,
            @Arg(SIZE) long size)
            throws ErrnoException {
        SignalArgs.checkSetSize(size);
        byte[] b = new byte[SignalAction.SIZE];
        SignalAction wanted = null;
        if (action != 0) {
            task.memory().copyIn(action, b, 0, b.length);
            wanted = new SignalAction(
                    LittleEndian.getLong(b, HANDLER),
                    LittleEndian.getLong(b, FLAGS),
                    LittleEndian.getLong(b, RESTORER),
                    LittleEndian.getLong(b, MASK));
        }
        SignalAction previous = SignalActions.exchange(task, signal, wanted);
        if (old != 0) {
            LittleEndian.putLong(b, HANDLER, previous.handler());
            LittleEndian.putLong(b, FLAGS, previous.flags());
            LittleEndian.putLong(b, RESTORER, previous.restorer());
            LittleEndian.putLong(b, MASK, previous.mask());
            task.memory().copyOut(old, b, 0, b.length);
        }
        return 0;
    }
}
