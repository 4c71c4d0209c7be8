// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * membarrier(2).
 *
 * <p>Semantics: a barrier on every other running thread of the process: each one is made to leave
 * guest code, which orders its memory accesses.
 *
 * <p>Errors: EINVAL for commands or flags that are not served; EPERM for a private command that was
 * not registered.
 *
 * <p>Deviations: only MEMBARRIER_CMD_QUERY; the query says that nothing else is there.
 */
@SyscallHandlers
final class MembarrierSyscalls {

    private static final int MEMBARRIER_CMD_QUERY = 0;

    private MembarrierSyscalls() {}

    @Syscall(
            number = 324,
            name = "membarrier",
            support = Support.PARTIAL,
            note = "MEMBARRIER_CMD_QUERY only, which reports no command")
    static long membarrier(Task task, @Arg(INT) int command, @Arg(HEX) int flags)
            throws ErrnoException {
        if (flags != 0 || command != MEMBARRIER_CMD_QUERY) {
            throw Errno.EINVAL.exception();
        }
        return 0;
    }
}
