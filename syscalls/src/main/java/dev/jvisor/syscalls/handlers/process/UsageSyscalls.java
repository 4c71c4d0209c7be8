// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Resource.RUSAGE_CHILDREN;
import static dev.jvisor.platform.abi.Resource.RUSAGE_SELF;
import static dev.jvisor.platform.abi.Resource.RUSAGE_THREAD;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.RUSAGE_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.SYSINFO_OUT;

import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.kernel.task.UsageTotals;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * getrusage(2), times(2), sysinfo(2).
 *
 * <p>Deviations: getrusage has no block operations, and page faults only for whole processes.
 */
@SyscallHandlers
final class UsageSyscalls {

    private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int TMS_SIZE = 32;
    private static final int SYSINFO_SIZE = 112;

    private UsageSyscalls() {}

    /** EINVAL, EFAULT. */
    @Syscall(
            number = 98,
            name = "getrusage",
            support = Support.PARTIAL,
            note = "no block input and output; faults are those of the process")
    static long getrusage(Task task, @Arg(INT) int who, @Arg(RUSAGE_OUT) long usage)
            throws ErrnoException {
        ThreadGroup group = task.threadGroup();
        switch (who) {
            case RUSAGE_SELF -> UsageStruct.write(task, usage, group.usageWithMemory());
            case RUSAGE_THREAD -> {
                UsageTotals own = new UsageTotals();
                own.addTask(task);
                own.noteResident(group.usageWithMemory().maxResidentBytes());
                UsageStruct.write(task, usage, own);
            }
            case RUSAGE_CHILDREN -> UsageStruct.write(task, usage, group.waitedChildren());
            default -> throw Errno.EINVAL.exception();
        }
        return 0;
    }

    /** Returns ticks since boot; EFAULT. */
    @Syscall(number = 100, name = "times")
    static long times(Task task, @Arg(POINTER) long buffer) throws ErrnoException {
        if (buffer != 0) {
            ThreadGroup group = task.threadGroup();
            UsageTotals children = group.waitedChildren();
            byte[] raw = new byte[TMS_SIZE];
            LittleEndian.putLong(raw, 0, group.userNanos() / NANOS_PER_TICK);
            LittleEndian.putLong(raw, 8, group.systemNanos() / NANOS_PER_TICK);
            LittleEndian.putLong(raw, 16, children.userNanos() / NANOS_PER_TICK);
            LittleEndian.putLong(raw, 24, children.systemNanos() / NANOS_PER_TICK);
            task.memory().copyOut(buffer, raw, 0, TMS_SIZE);
        }
        return task.monotonicNanos() / NANOS_PER_TICK;
    }

    /**
     * {@code struct sysinfo}: uptime, three loads, totalram, freeram, sharedram, bufferram,
     * totalswap, freeswap (8 bytes each), procs (2 bytes), totalhigh at 88, freehigh at 96,
     * mem_unit (4 bytes) at 104. EFAULT.
     */
    @Syscall(number = 99, name = "sysinfo")
    static long sysinfo(Task task, @Arg(SYSINFO_OUT) long address) throws ErrnoException {
        Kernel kernel = task.kernel();
        byte[] raw = new byte[SYSINFO_SIZE];
        long total = kernel.memoryBytes();
        long used = kernel.platform().memory().residentBytes();
        LittleEndian.putLong(raw, 0, task.monotonicNanos() / NANOS_PER_SECOND);
        for (int i = 0; i < 3; i++) {
            LittleEndian.putLong(raw, 8 + 8 * i, kernel.loadAverage().load(i));
        }
        LittleEndian.putLong(raw, 32, total);
        LittleEndian.putLong(raw, 40, Math.max(0, total - used));
        LittleEndian.putShort(raw, 80, Math.min(kernel.taskCount(), 0xffff));
        LittleEndian.putInt(raw, 104, 1);
        task.memory().copyOut(address, raw, 0, SYSINFO_SIZE);
        return 0;
    }
}
