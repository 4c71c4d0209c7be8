// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.signal;

import static dev.jvisor.platform.abi.Signals.MINSIGSTKSZ;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;

import dev.jvisor.kernel.signal.RestartBlock;
import dev.jvisor.kernel.signal.SignalFrame;
import dev.jvisor.kernel.signal.SignalState;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** rt_sigreturn(2), restart_syscall(2), sigaltstack(2). */
@SyscallHandlers
final class SigreturnSyscalls {

    private static final int STACK_SIZE = 24;
    private static final int SS_SP = 0;
    private static final int SS_FLAGS = 8;
    private static final int SS_SIZE = 16;

    private SigreturnSyscalls() {}

    /**
     * Ends a handler: registers, mask, stack and vector state come from the frame. SIGSEGV if it is
     * bad.
     */
    @Syscall(number = 15, name = "rt_sigreturn")
    static long rtSigreturn(Task task) {
        return SignalFrame.pop(task);
    }

    /**
     * Goes on with the call that a stop or a signal without handler interrupted. EINTR if there is
     * none.
     */
    @Syscall(number = 219, name = "restart_syscall")
    static long restartSyscall(Task task) throws ErrnoException {
        RestartBlock block = task.restartBlock();
        if (block == null) {
            throw Errno.EINTR.exception();
        }
        task.setRestartBlock(null);
        return block.restart(task);
    }

    /**
     * Reads and sets the alternate stack.
     *
     * <p>Errors: EFAULT for {@code stack}; EPERM while running on it; EINVAL for flags; ENOMEM if
     * smaller than MINSIGSTKSZ; EFAULT for {@code old}, after the change.
     */
    @Syscall(number = 131, name = "sigaltstack")
    static long sigaltstack(Task task, @Arg(POINTER) long stack, @Arg(POINTER) long old)
            throws ErrnoException {
        SignalState state = task.signals();
        long pointer = task.registers().rsp;
        byte[] before = new byte[STACK_SIZE];
        LittleEndian.putLong(before, SS_SP, state.altStackAddress());
        LittleEndian.putInt(before, SS_FLAGS, state.altStackFlagsFor(pointer));
        LittleEndian.putLong(before, SS_SIZE, state.altStackSize());
        if (stack != 0) {
            byte[] b = new byte[STACK_SIZE];
            task.memory().copyIn(stack, b, 0, b.length);
            state.setAltStack(
                    LittleEndian.getLong(b, SS_SP),
                    LittleEndian.getLong(b, SS_SIZE),
                    LittleEndian.getInt(b, SS_FLAGS),
                    pointer,
                    MINSIGSTKSZ);
        }
        if (old != 0) {
            task.memory().copyOut(old, before, 0, before.length);
        }
        return 0;
    }
}
