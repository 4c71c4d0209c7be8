// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.ipc;

import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.kernel.ipc.IpcTable;
import dev.jvisor.kernel.ipc.MessageQueue;
import dev.jvisor.kernel.ipc.MessageTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** msgget(2), msgop(2), msgctl(2). */
@SyscallHandlers
final class MessageSyscalls {

    private static final int MSG_STAT = 11;
    private static final int MSG_INFO = 12;
    private static final int MSG_STAT_ANY = 13;

    private static final int MSGINFO_SIZE = 32;

    private MessageSyscalls() {}

    /** Errors: EEXIST, EACCES; ENOENT; ENOSPC. */
    @Syscall(number = 68, name = "msgget")
    static long msgget(Task task, @Arg(HEX) int key, @Arg(HEX) int flags) throws ErrnoException {
        return task.ipcNamespace().messages().get(task, key, flags);
    }

    /**
     * Errors, in this order: EFAULT for the type; EINVAL for size, id and type; EFAULT for the
     * text; EINVAL for what is no queue; EACCES; EAGAIN; EIDRM, EINTR.
     */
    @Syscall(number = 69, name = "msgsnd")
    static long msgsnd(
            Task task,
            int id,
            @Arg(POINTER) long message,
            @Arg(SIZE) long size,
            @Arg(HEX) int flags)
            throws ErrnoException {
        MessageTable table = task.ipcNamespace().messages();
        long type = task.memory().getLong(message);
        if (size < 0 || size > table.messageMax() || id < 0 || type < 1) {
            throw Errno.EINVAL.exception();
        }
        byte[] text = new byte[(int) size];
        task.memory().copyIn(message + Long.BYTES, text, 0, text.length);
        boolean noWait = (flags & IpcTable.IPC_NOWAIT) != 0;
        table.send(task, id, new MessageQueue.Message(type, text), noWait);
        return 0;
    }

    /**
     * Errors, in this order: EINVAL for id, size and flags; EINVAL for what is no queue; EACCES;
     * E2BIG; ENOMSG; EIDRM, EINTR; EFAULT, which loses the message.
     */
    @Syscall(number = 70, name = "msgrcv")
    static long msgrcv(
            Task task,
            int id,
            @Arg(POINTER) long message,
            @Arg(SIZE) long size,
            @Arg(INT) long type,
            @Arg(HEX) int flags)
            throws ErrnoException {
        if (id < 0 || size < 0) {
            throw Errno.EINVAL.exception();
        }
        if ((flags & MessageTable.MSG_COPY) != 0
                && ((flags & MessageTable.MSG_EXCEPT) != 0 || (flags & IpcTable.IPC_NOWAIT) == 0)) {
            throw Errno.EINVAL.exception();
        }
        MessageQueue.Message taken =
                task.ipcNamespace().messages().receive(task, id, size, type, flags);
        task.memory().putLong(message, taken.type());
        int length = (int) Math.min(size, taken.text().length);
        task.memory().copyOut(message + Long.BYTES, taken.text(), 0, length);
        return length;
    }

    /**
     * Errors, in this order: EINVAL for id and command; EFAULT for IPC_SET; EINVAL, EACCES or
     * EPERM; EFAULT for what is written.
     */
    @Syscall(number = 71, name = "msgctl")
    static long msgctl(Task task, int id, int command, @Arg(POINTER) long buffer)
            throws ErrnoException {
        if (id < 0 || command < 0) {
            throw Errno.EINVAL.exception();
        }
        MessageTable table = task.ipcNamespace().messages();
        switch (command) {
            case IpcCommands.IPC_INFO, MSG_INFO -> {
                byte[] b = new byte[MSGINFO_SIZE];
                int result = table.info(b, command == MSG_INFO);
                task.memory().copyOut(buffer, b, 0, b.length);
                return result;
            }
            case IpcCommands.IPC_STAT, MSG_STAT, MSG_STAT_ANY -> {
                boolean own = command == IpcCommands.IPC_STAT;
                boolean checked = command != MSG_STAT_ANY;
                return IpcCommands.stat(
                        task, table, id, !own, checked, buffer, MessageQueue.STAT_SIZE);
            }
            case IpcCommands.IPC_SET -> {
                byte[] b = new byte[MessageQueue.STAT_SIZE];
                task.memory().copyIn(buffer, b, 0, b.length);
                table.set(task, id, b);
            }
            case IpcCommands.IPC_RMID -> table.remove(task, id);
            default -> throw Errno.EINVAL.exception();
        }
        return 0;
    }
}
