// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * membarrier(2).
 *
 * <p>Semantics: a barrier on every other running thread of the process, or of all processes: each
 * one is made to leave guest code, which orders its memory accesses and its instructions.
 *
 * <p>Errors: EINVAL for commands or flags that are not served; EPERM for a private command that was
 * not registered.
 *
 * <p>Deviations: a forked child has to register anew.
 */
@SyscallHandlers
final class MembarrierSyscalls {

    // uapi/linux/membarrier.h
    private static final int QUERY = 0;
    private static final int GLOBAL = 1;
    private static final int GLOBAL_EXPEDITED = 1 << 1;
    private static final int REGISTER_GLOBAL_EXPEDITED = 1 << 2;
    private static final int PRIVATE_EXPEDITED = 1 << 3;
    private static final int REGISTER_PRIVATE_EXPEDITED = 1 << 4;
    private static final int PRIVATE_EXPEDITED_SYNC_CORE = 1 << 5;
    private static final int REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 6;
    private static final int GET_REGISTRATIONS = 1 << 9;

    private static final int SERVED = GLOBAL
            | GLOBAL_EXPEDITED
            | REGISTER_GLOBAL_EXPEDITED
            | PRIVATE_EXPEDITED
            | REGISTER_PRIVATE_EXPEDITED
            | PRIVATE_EXPEDITED_SYNC_CORE
            | REGISTER_PRIVATE_EXPEDITED_SYNC_CORE
            | GET_REGISTRATIONS;

    private static final int SPINS = 100;
    private static final long PAUSE_NANOS = 20_000;

    private MembarrierSyscalls() {}

    @Syscall(
            number = 324,
            name = "membarrier",
            support = Support.PARTIAL,
            note = "no commands for restartable sequences, of which there are none")
    static long membarrier(Task task, @Arg(INT) int command, @Arg(HEX) int flags)
            throws ErrnoException {
        if (flags != 0) {
            throw Errno.EINVAL.exception();
        }
        ThreadGroup group = task.threadGroup();
        switch (command) {
            case QUERY -> {
                return SERVED;
            }
            case GET_REGISTRATIONS -> {
                return group.barriers();
            }
            case REGISTER_GLOBAL_EXPEDITED,
                    REGISTER_PRIVATE_EXPEDITED,
                    REGISTER_PRIVATE_EXPEDITED_SYNC_CORE ->
                group.setBarriers(group.barriers() | command);
            case PRIVATE_EXPEDITED, PRIVATE_EXPEDITED_SYNC_CORE -> {
                if ((group.barriers() & command << 1) == 0) {
                    throw Errno.EPERM.exception();
                }
                expel(task, List.of(group.tasks()));
            }
            case GLOBAL, GLOBAL_EXPEDITED -> expel(task, all(task));
            default -> throw Errno.EINVAL.exception();
        }
        return 0;
    }

    private static List<Task> all(Task task) {
        List<Task> tasks = new ArrayList<>();
        task.kernel().tasks().forEachThreadGroup(group -> {
            tasks.addAll(List.of(group.tasks()));
            return true;
        });
        return tasks;
    }

    private static void expel(Task caller, List<Task> tasks) {
        int[] exits = new int[tasks.size()];
        for (int i = 0; i < exits.length; i++) {
            Task other = tasks.get(i);
            if (other != caller) {
                exits[i] = other.expelFromGuest();
            }
        }
        for (int i = 0; i < exits.length; i++) {
            Task other = tasks.get(i);
            for (int spin = 0; other != caller && !other.hasLeftGuest(exits[i]); spin++) {
                if (caller.isExiting()) {
                    return;
                }
                if (spin < SPINS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }
}
