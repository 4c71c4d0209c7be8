// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.poll;

import static dev.jvisor.syscalls.annotation.Arg.Format.EVENTFD_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.UNSIGNED;

import dev.jvisor.fs.anon.EventFile;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Eventfd;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** eventfd(2): EINVAL for flags; EMFILE. */
@SyscallHandlers
final class EventfdSyscalls {

    private EventfdSyscalls() {}

    @Syscall(number = 284, name = "eventfd")
    static long eventfd(Task task, @Arg(UNSIGNED) int initial) throws ErrnoException {
        return eventfd2(task, initial, 0);
    }

    @Syscall(number = 290, name = "eventfd2")
    static long eventfd2(Task task, @Arg(UNSIGNED) int initial, @Arg(EVENTFD_FLAGS) int flags)
            throws ErrnoException {
        return UserArgs.install(
                task, EventFile.create(initial, flags), (flags & Eventfd.EFD_CLOEXEC) != 0);
    }
}
