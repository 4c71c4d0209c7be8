// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** getpid(2), gettid(2), getppid(2), set_tid_address(2). They cannot fail. */
@SyscallHandlers
final class ProcessIdSyscalls {

    private ProcessIdSyscalls() {}

    @Syscall(number = 39, name = "getpid")
    static long getpid(Task task) {
        return task.threadGroup().id();
    }

    @Syscall(number = 186, name = "gettid")
    static long gettid(Task task) {
        return task.tid();
    }

    @Syscall(number = 110, name = "getppid")
    static long getppid(Task task) {
        return task.threadGroup().parentId();
    }

    /** Returns the caller's thread id. */
    @Syscall(number = 218, name = "set_tid_address")
    static long setTidAddress(Task task, @Arg(POINTER) long address) {
        task.setClearChildTid(address);
        return task.tid();
    }
}
