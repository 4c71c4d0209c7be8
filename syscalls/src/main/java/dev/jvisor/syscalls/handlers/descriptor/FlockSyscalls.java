// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.descriptor;

import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.FLOCK_OPERATION;

import dev.jvisor.fs.lock.FileLocks;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** flock(2). */
@SyscallHandlers
final class FlockSyscalls {

    /** Mandatory locks never worked well; Linux accepts and ignores them. */
    private static final int LOCK_MAND = 32;

    private FlockSyscalls() {}

    /**
     * EINVAL for the operation; EBADF; EWOULDBLOCK with LOCK_NB. A conversion may lose the old
     * lock.
     */
    @Syscall(number = 73, name = "flock")
    static long flock(Task task, @Arg(FD) int fd, @Arg(FLOCK_OPERATION) int operation)
            throws ErrnoException {
        if ((operation & LOCK_MAND) != 0) {
            return 0;
        }
        int wanted = operation & ~Fcntl.LOCK_NB;
        if (wanted != Fcntl.LOCK_SH && wanted != Fcntl.LOCK_EX && wanted != Fcntl.LOCK_UN) {
            throw Errno.EINVAL.exception();
        }
        FileDescription file = task.files().acquireForIo(fd);
        try {
            FileLocks locks = file.inode().locks();
            if (locks.flock(file, wanted, task.processId())) {
                return 0;
            }
            if ((operation & Fcntl.LOCK_NB) != 0) {
                throw Errno.EAGAIN.exception();
            }
            WaitQueue.Entry entry = task.newWaitEntry(Poll.POLLIN);
            locks.waitQueue().add(entry);
            try {
                while (!locks.flock(file, wanted, task.processId())) {
                    task.sleep(Long.MAX_VALUE);
                }
            } finally {
                locks.waitQueue().remove(entry);
            }
            return 0;
        } finally {
            file.release();
        }
    }
}
