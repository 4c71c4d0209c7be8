// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Sched.CLONE_FILES;
import static dev.jvisor.platform.abi.Sched.CLONE_FS;
import static dev.jvisor.platform.abi.Sched.CLONE_SYSVSEM;
import static dev.jvisor.syscalls.annotation.Arg.Format.CLONE_FLAGS;

import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * unshare(2).
 *
 * <p>Errors: EINVAL for flags that are unknown or not served.
 *
 * <p>Deviations: EINVAL for all namespaces.
 */
@SyscallHandlers
final class UnshareSyscalls {

    private UnshareSyscalls() {}

    @Syscall(number = 272, name = "unshare", support = Support.PARTIAL, note = "no namespaces")
    static long unshare(Task task, @Arg(CLONE_FLAGS) long flags) throws ErrnoException {
        if ((flags & ~(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM)) != 0) {
            throw Errno.EINVAL.exception();
        }
        if ((flags & CLONE_FS) != 0) {
            FsContext old = task.fs();
            task.setFs(old.copy());
            old.release();
        }
        if ((flags & CLONE_FILES) != 0) {
            FdTable old = task.files();
            FdTable own = old.unshare();
            if (own != old) {
                task.setFiles(own);
                old.release(task);
            }
        }
        return 0;
    }
}
