// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.PID;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * sched_setaffinity(2), sched_getaffinity(2), getcpu(2).
 *
 * <p>Errors: EINVAL (a buffer too small or not of whole words, no CPU left); ESRCH; EFAULT; EPERM.
 *
 * <p>Deviations: the mask is kept and reported; where a task runs is the platform's business.
 */
@SyscallHandlers
final class AffinitySyscalls {

    private static final int MASK_SIZE = Long.BYTES;

    private AffinitySyscalls() {}

    @Syscall(
            number = 203,
            name = "sched_setaffinity",
            support = Support.PARTIAL,
            note = "kept and reported, the platform places tasks")
    static long schedSetaffinity(
            Task task, @Arg(PID) int pid, @Arg(SIZE) int length, @Arg(POINTER) long mask)
            throws ErrnoException {
        byte[] raw = new byte[MASK_SIZE];
        int wanted = length < 0 || length > MASK_SIZE ? MASK_SIZE : length;
        task.memory().copyIn(mask, raw, 0, wanted);
        Task target = find(task, pid);
        if (!Ownership.sameOwner(task, target)
                && !task.credentials()
                        .hasIn(target.credentials().userNamespace(), Capabilities.CAP_SYS_NICE)) {
            throw Errno.EPERM.exception();
        }
        long cpus = LittleEndian.getLong(raw, 0) & task.kernel().cpuMask();
        if (cpus == 0) {
            throw Errno.EINVAL.exception();
        }
        target.scheduling().setAffinity(cpus);
        return 0;
    }

    /** Returns the size of the kernel's mask, in bytes. */
    @Syscall(number = 204, name = "sched_getaffinity")
    static long schedGetaffinity(
            Task task, @Arg(PID) int pid, @Arg(SIZE) int length, @Arg(POINTER) long mask)
            throws ErrnoException {
        if ((length & 0xffff_ffffL) * Byte.SIZE < task.kernel().cpuCount()
                || (length & (Long.BYTES - 1)) != 0) {
            throw Errno.EINVAL.exception();
        }
        Task target = find(task, pid);
        task.memory()
                .putLong(mask, target.scheduling().affinity() & task.kernel().cpuMask());
        return MASK_SIZE;
    }

    /** Any CPU that the task may run on: the first; node 0. EFAULT. */
    @Syscall(
            number = 309,
            name = "getcpu",
            support = Support.PARTIAL,
            note = "always the first CPU of the task's mask")
    static long getcpu(Task task, @Arg(POINTER) long cpu, @Arg(POINTER) long node)
            throws ErrnoException {
        if (cpu != 0) {
            long cpus = task.scheduling().affinity() & task.kernel().cpuMask();
            task.memory().putInt(cpu, Long.numberOfTrailingZeros(cpus));
        }
        if (node != 0) {
            task.memory().putInt(node, 0);
        }
        return 0;
    }

    private static Task find(Task task, int pid) throws ErrnoException {
        Task target = pid == 0 ? task : task.pids().task(pid);
        if (target == null) {
            throw Errno.ESRCH.exception();
        }
        return target;
    }
}
