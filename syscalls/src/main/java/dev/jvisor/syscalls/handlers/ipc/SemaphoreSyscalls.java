// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.ipc;

import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.UNSIGNED;

import dev.jvisor.kernel.ipc.IpcTable;
import dev.jvisor.kernel.ipc.SemaphoreSet;
import dev.jvisor.kernel.ipc.SemaphoreTable;
import dev.jvisor.kernel.ipc.SemaphoreTable.Question;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.time.TimeArgs;

/** semget(2), semop(2), semctl(2). */
@SyscallHandlers
final class SemaphoreSyscalls {

    private static final int GETPID = 11;
    private static final int GETVAL = 12;
    private static final int GETALL = 13;
    private static final int GETNCNT = 14;
    private static final int GETZCNT = 15;
    private static final int SETVAL = 16;
    private static final int SETALL = 17;
    private static final int SEM_STAT = 18;
    private static final int SEM_INFO = 19;
    private static final int SEM_STAT_ANY = 20;

    private static final int SEM_UNDO = 010000;

    private static final int SEMINFO_SIZE = 40;

    /** {@code struct sembuf}: number, operation, flags. */
    private static final int SEMBUF_SIZE = 6;

    private SemaphoreSyscalls() {}

    /**
     * Errors, in this order: EINVAL for the count; EEXIST, EINVAL if the set is smaller, EACCES;
     * ENOENT; ENOSPC.
     */
    @Syscall(number = 64, name = "semget")
    static long semget(Task task, @Arg(HEX) int key, int count, @Arg(HEX) int flags)
            throws ErrnoException {
        return task.ipcNamespace().semaphores().get(task, key, count, flags);
    }

    @Syscall(number = 65, name = "semop")
    static long semop(Task task, int id, @Arg(POINTER) long operations, @Arg(UNSIGNED) int count)
            throws ErrnoException {
        return semtimedop(task, id, operations, count, 0);
    }

    /**
     * Errors, in this order: EFAULT for the timeout; EINVAL for count and id; E2BIG; EFAULT; EINVAL
     * for the timeout and for what is no set; EFBIG; EACCES; ERANGE; EAGAIN; EIDRM, EINTR, which is
     * never restarted.
     */
    @Syscall(number = 220, name = "semtimedop")
    static long semtimedop(
            Task task,
            int id,
            @Arg(POINTER) long operations,
            @Arg(UNSIGNED) int count,
            @Arg(TIMESPEC_IN) long timeout)
            throws ErrnoException {
        long[] time = timeout == 0 ? null : rawTimespec(task, timeout);
        if (count == 0 || id < 0) {
            throw Errno.EINVAL.exception();
        }
        if (Integer.compareUnsigned(count, task.ipcNamespace().limits().semopm) > 0) {
            throw Errno.E2BIG.exception();
        }
        byte[] b = new byte[count * SEMBUF_SIZE];
        task.memory().copyIn(operations, b, 0, b.length);
        long deadline = Long.MAX_VALUE;
        if (time != null) {
            deadline = task.kernel().clocks().deadlineAfter(TimeArgs.nanos(time[0], time[1]));
        }
        SemaphoreSet.Operation[] all = new SemaphoreSet.Operation[count];
        for (int i = 0; i < count; i++) {
            int at = i * SEMBUF_SIZE;
            int flags = LittleEndian.getUnsignedShort(b, at + 4);
            all[i] = new SemaphoreSet.Operation(
                    LittleEndian.getUnsignedShort(b, at),
                    (short) LittleEndian.getUnsignedShort(b, at + 2),
                    (flags & IpcTable.IPC_NOWAIT) != 0,
                    (flags & SEM_UNDO) != 0);
        }
        task.ipcNamespace().semaphores().operate(task, id, all, deadline);
        return 0;
    }

    private static long[] rawTimespec(Task task, long address) throws ErrnoException {
        byte[] b = new byte[2 * Long.BYTES];
        task.memory().copyIn(address, b, 0, b.length);
        return new long[] {LittleEndian.getLong(b, 0), LittleEndian.getLong(b, Long.BYTES)};
    }

    /**
     * Errors, in this order: EINVAL for id and command; ERANGE for SETVAL, EFAULT for IPC_SET;
     * EINVAL, EACCES or EPERM; EFAULT, ERANGE.
     */
    @Syscall(number = 66, name = "semctl")
    static long semctl(Task task, int id, int number, int command, @Arg(POINTER) long argument)
            throws ErrnoException {
        if (id < 0) {
            throw Errno.EINVAL.exception();
        }
        SemaphoreTable table = task.ipcNamespace().semaphores();
        switch (command) {
            case IpcCommands.IPC_INFO, SEM_INFO -> {
                byte[] b = new byte[SEMINFO_SIZE];
                int result = table.info(b, command == SEM_INFO);
                task.memory().copyOut(argument, b, 0, b.length);
                return result;
            }
            case IpcCommands.IPC_STAT, SEM_STAT, SEM_STAT_ANY -> {
                boolean own = command == IpcCommands.IPC_STAT;
                boolean checked = command != SEM_STAT_ANY;
                return IpcCommands.stat(
                        task, table, id, !own, checked, argument, SemaphoreSet.STAT_SIZE);
            }
            case GETVAL -> {
                return table.ask(task, id, number, Question.VALUE);
            }
            case GETPID -> {
                return table.ask(task, id, number, Question.PID);
            }
            case GETNCNT -> {
                return table.ask(task, id, number, Question.WAITING_FOR_MORE);
            }
            case GETZCNT -> {
                return table.ask(task, id, number, Question.WAITING_FOR_ZERO);
            }
            case GETALL -> getAll(task, table, id, argument);
            case SETALL -> setAll(task, table, id, argument);
            case SETVAL -> table.setValue(task, id, number, (int) argument);
            case IpcCommands.IPC_SET -> {
                byte[] b = new byte[SemaphoreSet.STAT_SIZE];
                task.memory().copyIn(argument, b, 0, b.length);
                table.set(task, id, b);
            }
            case IpcCommands.IPC_RMID -> table.remove(task, id);
            default -> throw Errno.EINVAL.exception();
        }
        return 0;
    }

    private static void getAll(Task task, SemaphoreTable table, int id, long address)
            throws ErrnoException {
        int[] values = table.values(task, id);
        byte[] b = new byte[values.length * Short.BYTES];
        for (int i = 0; i < values.length; i++) {
            LittleEndian.putShort(b, i * Short.BYTES, values[i]);
        }
        task.memory().copyOut(address, b, 0, b.length);
    }

    private static void setAll(Task task, SemaphoreTable table, int id, long address)
            throws ErrnoException {
        int[] values = new int[table.countForSet(task, id)];
        byte[] b = new byte[values.length * Short.BYTES];
        task.memory().copyIn(address, b, 0, b.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = LittleEndian.getUnsignedShort(b, i * Short.BYTES);
        }
        table.setValues(task, id, values);
    }
}
