// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Sched.CLONE_CLEAR_SIGHAND;
import static dev.jvisor.platform.abi.Sched.CLONE_DETACHED;
import static dev.jvisor.platform.abi.Sched.CLONE_INTO_CGROUP;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWTIME;
import static dev.jvisor.platform.abi.Sched.CLONE_PARENT;
import static dev.jvisor.platform.abi.Sched.CLONE_PARENT_SETTID;
import static dev.jvisor.platform.abi.Sched.CLONE_PIDFD;
import static dev.jvisor.platform.abi.Sched.CLONE_THREAD;
import static dev.jvisor.platform.abi.Sched.CLONE_VFORK;
import static dev.jvisor.platform.abi.Sched.CLONE_VM;
import static dev.jvisor.platform.abi.Sched.CSIGNAL;
import static dev.jvisor.syscalls.annotation.Arg.Format.CLONE_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.kernel.signal.SignalHandlers;
import dev.jvisor.kernel.task.CloneArguments;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TaskClone;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Sched;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * fork(2), vfork(2), clone(2), clone3(2).
 *
 * <p>Semantics: a thread or process that shares what the flags name and copies the rest.
 *
 * <p>Errors: E2BIG, EFAULT (clone3's structure), EINVAL for flags that do not go together,
 * ERESTARTNOINTR if a signal is pending and the child is a process, EAGAIN at RLIMIT_NPROC or the
 * sandbox's limit, ENOMEM.
 *
 * <p>Deviations: EINVAL for CLONE_INTO_CGROUP and CLONE_NEWTIME; CLONE_IO, CLONE_SYSVSEM,
 * CLONE_PTRACE and CLONE_UNTRACED have no effect.
 */
@SyscallHandlers
final class CloneSyscalls {

    private static final String NOTE = "no time namespaces, no control groups";

    /** Size of {@code struct clone_args} as we know it: up to {@code cgroup}. */
    private static final int CLONE_ARGS_SIZE = Sched.CLONE_ARGS_SIZE_VER2;

    private static final int CLONE_ARGS_SIZE_MAX = 4096; // Linux: PAGE_SIZE
    private static final int SET_TID_COUNT_MAX = 32; // Linux: MAX_PID_NS_LEVEL

    private CloneSyscalls() {}

    @Syscall(number = 56, name = "clone", support = Support.PARTIAL, note = NOTE)
    static long clone(
            Task task,
            @Arg(CLONE_FLAGS) long flags,
            @Arg(POINTER) long stack,
            @Arg(POINTER) long parentTid,
            @Arg(POINTER) long childTid,
            @Arg(POINTER) long tls)
            throws ErrnoException {
        long bits = flags & 0xffff_ffffL;
        if ((bits & CLONE_PIDFD) != 0 && (bits & (CLONE_PARENT_SETTID | CLONE_DETACHED)) != 0) {
            throw Errno.EINVAL.exception();
        }
        CloneArguments a = new CloneArguments();
        a.flags = bits & ~CSIGNAL;
        a.exitSignal = (int) (bits & CSIGNAL);
        a.stackPointer = stack;
        a.parentTid = parentTid;
        a.pidfd = parentTid;
        a.childTid = childTid;
        a.tls = tls;
        return TaskClone.clone(task, a);
    }

    @Syscall(number = 57, name = "fork")
    static long fork(Task task) throws ErrnoException {
        CloneArguments a = new CloneArguments();
        a.exitSignal = Signals.SIGCHLD;
        return TaskClone.clone(task, a);
    }

    @Syscall(number = 58, name = "vfork")
    static long vfork(Task task) throws ErrnoException {
        CloneArguments a = new CloneArguments();
        a.flags = CLONE_VM | CLONE_VFORK;
        a.exitSignal = Signals.SIGCHLD;
        return TaskClone.clone(task, a);
    }

    /**
     * {@code struct clone_args} (linux/sched.h), eight bytes each: flags, pidfd, child_tid,
     * parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup.
     */
    @Syscall(number = 435, name = "clone3", support = Support.PARTIAL, note = NOTE)
    static long clone3(Task task, @Arg(POINTER) long arguments, @Arg(SIZE) long size)
            throws ErrnoException {
        byte[] raw = copyArguments(task, arguments, size);
        CloneArguments a = new CloneArguments();
        a.flags = LittleEndian.getLong(raw, 0);
        a.pidfd = LittleEndian.getLong(raw, 8);
        a.childTid = LittleEndian.getLong(raw, 16);
        a.parentTid = LittleEndian.getLong(raw, 24);
        long exitSignal = LittleEndian.getLong(raw, 32);
        long stack = LittleEndian.getLong(raw, 40);
        long stackSize = LittleEndian.getLong(raw, 48);
        a.tls = LittleEndian.getLong(raw, 56);
        long setTid = LittleEndian.getLong(raw, 64);
        long setTidCount = LittleEndian.getLong(raw, 72);

        if (Long.compareUnsigned(setTidCount, SET_TID_COUNT_MAX) > 0
                || (setTid == 0) != (setTidCount == 0)
                || Long.compareUnsigned(exitSignal, SignalHandlers.COUNT) > 0) {
            throw Errno.EINVAL.exception();
        }
        a.ids = copyIds(task, setTid, (int) setTidCount);
        long unknown = CLONE_DETACHED | CSIGNAL & ~CLONE_NEWTIME;
        long known = 0xffff_ffffL | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP;
        if ((a.flags & ~known) != 0
                || (a.flags & unknown) != 0
                || (a.flags & (CLONE_THREAD | CLONE_PARENT)) != 0 && exitSignal != 0
                || (stack == 0) != (stackSize == 0)
                || (a.flags & CLONE_PIDFD) != 0
                        && (a.flags & CLONE_PARENT_SETTID) != 0
                        && a.pidfd == a.parentTid) {
            throw Errno.EINVAL.exception();
        }
        if (stack != 0) {
            try {
                UserArgs.checkRange(stack, stackSize);
            } catch (ErrnoException e) {
                throw Errno.EINVAL.exception();
            }
            a.stackPointer = stack + stackSize;
        }
        a.exitSignal = (int) exitSignal;
        return TaskClone.clone(task, a);
    }

    private static int[] copyIds(Task task, long address, int count) throws ErrnoException {
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = task.memory().getInt(address + (long) i * Integer.BYTES);
        }
        return ids;
    }

    /** Copies a structure that may be older or newer than ours (Linux: copy_struct_from_user). */
    private static byte[] copyArguments(Task task, long address, long size) throws ErrnoException {
        if (Long.compareUnsigned(size, CLONE_ARGS_SIZE_MAX) > 0) {
            throw Errno.E2BIG.exception();
        }
        if (size < Sched.CLONE_ARGS_SIZE_VER0) {
            throw Errno.EINVAL.exception();
        }
        byte[] raw = new byte[(int) Math.max(size, CLONE_ARGS_SIZE)];
        task.memory().copyIn(address, raw, 0, (int) size);
        for (int i = CLONE_ARGS_SIZE; i < size; i++) {
            if (raw[i] != 0) {
                throw Errno.E2BIG.exception();
            }
        }
        return raw;
    }
}
