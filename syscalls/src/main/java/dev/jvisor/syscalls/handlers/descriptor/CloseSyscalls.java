// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.descriptor;

import static dev.jvisor.syscalls.annotation.Arg.Format.CLOSE_RANGE_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.UNSIGNED;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * close(2), close_range(2).
 *
 * <p>close: EBADF; the descriptor is free whatever else happens, so no other error is reported
 * twice.
 */
@SyscallHandlers
final class CloseSyscalls {

    private static final int CLOSE_RANGE_UNSHARE = 2;
    private static final int CLOSE_RANGE_CLOEXEC = 4;

    private CloseSyscalls() {}

    @Syscall(number = 3, name = "close")
    static long close(Task task, @Arg(FD) int fd) throws ErrnoException {
        FileDescription file = task.files().remove(fd);
        file.onDescriptorClosed(task);
        file.release();
        return 0;
    }

    /** EINVAL for unknown flags or {@code first > last} (both unsigned). */
    @Syscall(number = 436, name = "close_range")
    static long closeRange(
            Task task,
            @Arg(UNSIGNED) int first,
            @Arg(UNSIGNED) int last,
            @Arg(CLOSE_RANGE_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC);
        if (Integer.compareUnsigned(first, last) > 0) {
            throw Errno.EINVAL.exception();
        }
        if ((flags & CLOSE_RANGE_UNSHARE) != 0) {
            FdTable shared = task.files();
            task.setFiles(shared.copy());
            shared.release(task);
        }
        if (first >= 0) {
            int end = last < 0 ? Integer.MAX_VALUE : last;
            task.files().closeRange(task, first, end, (flags & CLOSE_RANGE_CLOEXEC) != 0);
        }
        return 0;
    }
}
