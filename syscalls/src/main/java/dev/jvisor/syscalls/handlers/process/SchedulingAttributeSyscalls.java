// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.PID;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.UNSIGNED;

import dev.jvisor.kernel.task.Scheduling;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** sched_setattr(2), sched_getattr(2). */
@SyscallHandlers
final class SchedulingAttributeSyscalls {

    // struct sched_attr (uapi/linux/sched/types.h): size of its first version and of the last.
    private static final int SIZE_FIRST = 48;
    private static final int SIZE = 56;
    private static final int PAGE_SIZE = 4096;
    private static final int POLICY = 4;
    private static final int FLAGS = 8;
    private static final int NICE = 16;
    private static final int PRIORITY = 20;
    private static final int RUNTIME = 24;

    private static final int FLAG_RESET_ON_FORK = 1;
    private static final int FLAG_KEEP_POLICY = 8;
    private static final int FLAG_KEEP_PARAMS = 16;
    private static final int FLAGS_ALL = 0x7f;
    private static final int FLAGS_UTIL_CLAMP = 0x60;

    private static final int NICE_MIN = -20;
    private static final int NICE_MAX = 19;

    /** What a task gets at once on one CPU; more CPUs make it longer. */
    private static final long SLICE_NANOS = 700_000;

    private static final int SLICE_CPUS_MAX = 8;

    private SchedulingAttributeSyscalls() {}

    /**
     * Errors: EINVAL for pointer, id, flags; EFAULT; E2BIG, and the size that is known, for a
     * structure that is too small or has more; EINVAL for policy; ESRCH; EINVAL, EPERM.
     */
    @Syscall(
            number = 314,
            name = "sched_setattr",
            support = Support.PARTIAL,
            note = "no SCHED_DEADLINE, no clamps; kept and reported, the host schedules without it")
    static long schedSetattr(
            Task task, @Arg(PID) int pid, @Arg(POINTER) long attributes, @Arg(HEX) int flags)
            throws ErrnoException {
        if (attributes == 0 || pid < 0 || flags != 0) {
            throw Errno.EINVAL.exception();
        }
        byte[] b = read(task, attributes);
        int policy = LittleEndian.getInt(b, POLICY);
        long how = LittleEndian.getLong(b, FLAGS);
        if (policy < 0) {
            throw Errno.EINVAL.exception();
        }
        Task target = SchedulingSyscalls.find(task, pid);
        if ((how & ~FLAGS_ALL) != 0) {
            throw Errno.EINVAL.exception();
        }
        if ((how & FLAGS_UTIL_CLAMP) != 0) {
            throw Errno.EOPNOTSUPP.exception();
        }
        Scheduling s = target.scheduling();
        boolean reset = (how & FLAG_RESET_ON_FORK) != 0;
        if ((how & FLAG_KEEP_POLICY) != 0) {
            policy = s.policy();
            reset = s.isResetOnFork();
        }
        int priority = LittleEndian.getInt(b, PRIORITY);
        int nice = Math.clamp(LittleEndian.getInt(b, NICE), NICE_MIN, NICE_MAX);
        if ((how & FLAG_KEEP_PARAMS) != 0) {
            priority = s.priority();
            nice = s.nice();
        }
        SchedulingSyscalls.set(task, target, policy, priority, nice, reset);
        return 0;
    }

    /** Copies the structure, whatever version it has; a size of 0 is the first version's. */
    private static byte[] read(Task task, long address) throws ErrnoException {
        int size = task.memory().getInt(address);
        if (size == 0) {
            size = SIZE_FIRST;
        }
        boolean odd = size < SIZE_FIRST || size > PAGE_SIZE;
        byte[] b = new byte[odd ? SIZE : Math.max(size, SIZE)];
        if (!odd) {
            task.memory().copyIn(address, b, 0, size);
            for (int i = SIZE; i < size; i++) {
                odd |= b[i] != 0;
            }
        }
        if (odd) {
            task.memory().putInt(address, SIZE);
            throw Errno.E2BIG.exception();
        }
        return b;
    }

    /** Errors: EINVAL for pointer, id, size, flags; ESRCH; EFAULT. */
    @Syscall(number = 315, name = "sched_getattr")
    static long schedGetattr(
            Task task,
            @Arg(PID) int pid,
            @Arg(POINTER) long attributes,
            @Arg(UNSIGNED) int size,
            @Arg(HEX) int flags)
            throws ErrnoException {
        if (attributes == 0
                || pid < 0
                || Integer.compareUnsigned(size, PAGE_SIZE) > 0
                || size < SIZE_FIRST
                || flags != 0) {
            throw Errno.EINVAL.exception();
        }
        Scheduling s = SchedulingSyscalls.find(task, pid).scheduling();
        byte[] b = new byte[SIZE];
        int length = Math.min(size, SIZE);
        LittleEndian.putInt(b, 0, length);
        LittleEndian.putInt(b, POLICY, s.policy());
        LittleEndian.putLong(b, FLAGS, s.isResetOnFork() ? FLAG_RESET_ON_FORK : 0);
        if (SchedulingSyscalls.isRealTime(s.policy())) {
            LittleEndian.putInt(b, PRIORITY, s.priority());
        } else {
            LittleEndian.putInt(b, NICE, s.nice());
            int cpus = Math.min(task.kernel().cpuCount(), SLICE_CPUS_MAX);
            int log = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(cpus);
            LittleEndian.putLong(b, RUNTIME, SLICE_NANOS * (1 + log));
        }
        task.memory().copyOut(attributes, b, 0, length);
        if (size > SIZE) {
            task.memory().zero(attributes + SIZE, size - SIZE);
        }
        return 0;
    }
}
