// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.OCTAL_MODE;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** umask(2). It cannot fail. */
@SyscallHandlers
final class UmaskSyscalls {

    private UmaskSyscalls() {}

    @Syscall(number = 95, name = "umask")
    static long umask(Task task, @Arg(OCTAL_MODE) int mask) {
        return task.fs().setUmask(mask);
    }
}
