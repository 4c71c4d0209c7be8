// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.INT;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** _exit(2), exit_group(2). The task ends before it would run guest code again. */
@SyscallHandlers
final class ExitSyscalls {

    private ExitSyscalls() {}

    /** Ends the calling thread. */
    @Syscall(number = 60, name = "exit")
    static long exit(Task task, @Arg(INT) int status) {
        task.requestExit(status);
        return 0;
    }

    /** Ends the process. */
    @Syscall(number = 231, name = "exit_group")
    static long exitGroup(Task task, @Arg(INT) int status) {
        task.threadGroup().beginGroupExit((status & 0xff) << 8);
        return 0;
    }
}
