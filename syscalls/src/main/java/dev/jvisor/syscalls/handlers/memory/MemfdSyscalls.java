// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.memory;

import static dev.jvisor.syscalls.annotation.Arg.Format.MEMFD_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.STRING;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** memfd_create(2). */
@SyscallHandlers
final class MemfdSyscalls {

    /** Name without "memfd:" and the NUL, of NAME_MAX bytes. */
    private static final int NAME_LENGTH_MAX = 249;

    private MemfdSyscalls() {}

    /** EINVAL for flags; EFAULT, EINVAL for the name; EMFILE. */
    @Syscall(
            number = 319,
            name = "memfd_create",
            support = Support.PARTIAL,
            note = "no huge pages (MFD_HUGETLB)")
    static long memfdCreate(Task task, @Arg(STRING) long name, @Arg(MEMFD_FLAGS) int flags)
            throws ErrnoException {
        String text;
        try {
            text = UserArgs.string(task, name, NAME_LENGTH_MAX);
        } catch (ErrnoException e) {
            throw e.errno == Errno.ENAMETOOLONG ? Errno.EINVAL.exception() : e;
        }
        FileDescription file = task.kernel().memfds(task).create(task, text, flags);
        return UserArgs.install(task, file, (flags & Mman.MFD_CLOEXEC) != 0);
    }
}
