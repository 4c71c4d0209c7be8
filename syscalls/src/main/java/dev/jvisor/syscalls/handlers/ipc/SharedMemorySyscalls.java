// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.ipc;

import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.kernel.ipc.SharedMemory;
import dev.jvisor.kernel.ipc.SharedMemoryTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** shmget(2), shmop(2), shmctl(2). */
@SyscallHandlers
final class SharedMemorySyscalls {

    private static final int SHM_LOCK = 11;
    private static final int SHM_UNLOCK = 12;
    private static final int SHM_STAT = 13;
    private static final int SHM_INFO = 14;
    private static final int SHM_STAT_ANY = 15;

    private static final int SHMINFO_SIZE = 72;
    private static final int SHM_INFO_SIZE = 48;

    private SharedMemorySyscalls() {}

    /**
     * Errors, in this order: EEXIST, EINVAL if the segment is smaller, EACCES; ENOENT; EINVAL for
     * the size; ENOSPC, ENOMEM.
     */
    @Syscall(number = 29, name = "shmget")
    static long shmget(Task task, @Arg(HEX) int key, @Arg(SIZE) long size, @Arg(HEX) int flags)
            throws ErrnoException {
        return task.ipcNamespace().sharedMemory().get(task, key, size, flags);
    }

    /** Errors: EINVAL for id, address and flags; EACCES; EINVAL if something is there; ENOMEM. */
    @Syscall(number = 30, name = "shmat")
    static long shmat(Task task, int id, @Arg(POINTER) long address, @Arg(HEX) int flags)
            throws ErrnoException {
        return task.ipcNamespace().sharedMemory().attach(task, id, address, flags);
    }

    /** EINVAL unless a segment is attached there. */
    @Syscall(number = 67, name = "shmdt")
    static long shmdt(Task task, @Arg(POINTER) long address) throws ErrnoException {
        task.ipcNamespace().sharedMemory().detach(task, address);
        return 0;
    }

    /**
     * Errors, in this order: EINVAL for id and command; EFAULT for IPC_SET; EINVAL, EACCES or
     * EPERM; EFAULT for what is written.
     */
    @Syscall(number = 31, name = "shmctl")
    static long shmctl(Task task, int id, int command, @Arg(POINTER) long buffer)
            throws ErrnoException {
        if (id < 0 || command < 0) {
            throw Errno.EINVAL.exception();
        }
        SharedMemoryTable table = task.ipcNamespace().sharedMemory();
        switch (command) {
            case IpcCommands.IPC_INFO -> {
                byte[] b = new byte[SHMINFO_SIZE];
                int result = table.info(b);
                task.memory().copyOut(buffer, b, 0, b.length);
                return result;
            }
            case SHM_INFO -> {
                byte[] b = new byte[SHM_INFO_SIZE];
                int result = table.usage(b);
                task.memory().copyOut(buffer, b, 0, b.length);
                return result;
            }
            case IpcCommands.IPC_STAT, SHM_STAT, SHM_STAT_ANY -> {
                boolean own = command == IpcCommands.IPC_STAT;
                boolean checked = command != SHM_STAT_ANY;
                return IpcCommands.stat(
                        task, table, id, !own, checked, buffer, SharedMemory.STAT_SIZE);
            }
            case IpcCommands.IPC_SET -> {
                byte[] b = new byte[SharedMemory.STAT_SIZE];
                task.memory().copyIn(buffer, b, 0, b.length);
                table.set(task, id, b);
            }
            case IpcCommands.IPC_RMID -> table.remove(task, id);
            case SHM_LOCK, SHM_UNLOCK -> table.lock(task, id, command == SHM_LOCK);
            default -> throw Errno.EINVAL.exception();
        }
        return 0;
    }
}
