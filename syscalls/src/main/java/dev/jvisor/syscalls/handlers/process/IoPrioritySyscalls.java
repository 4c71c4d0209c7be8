// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** ioprio_set(2), ioprio_get(2). */
@SyscallHandlers
final class IoPrioritySyscalls {

    // uapi/linux/ioprio.h
    private static final int CLASS_SHIFT = 13;
    private static final int CLASS_MASK = 7;
    private static final int LEVEL_MASK = 7;
    private static final int CLASS_NONE = 0;
    private static final int CLASS_RT = 1;
    private static final int CLASS_BE = 2;
    private static final int CLASS_IDLE = 3;

    private IoPrioritySyscalls() {}

    /** Errors: EINVAL, EPERM for the value; EINVAL for {@code which}; ESRCH; EPERM. */
    @Syscall(
            number = 251,
            name = "ioprio_set",
            support = Support.PARTIAL,
            note = "kept and reported, the host schedules without it")
    static long ioprioSet(Task task, @Arg(INT) int which, @Arg(INT) int who, @Arg(HEX) int value)
            throws ErrnoException {
        Credentials own = task.credentials();
        int level = value & LEVEL_MASK;
        switch (value >> CLASS_SHIFT & CLASS_MASK) {
            case CLASS_RT -> {
                if (!own.has(Capabilities.CAP_SYS_ADMIN) && !own.has(Capabilities.CAP_SYS_NICE)) {
                    throw Errno.EPERM.exception();
                }
            }
            case CLASS_BE, CLASS_IDLE -> {
                // any level
            }
            case CLASS_NONE -> {
                if (level != 0) {
                    throw Errno.EINVAL.exception();
                }
            }
            default -> throw Errno.EINVAL.exception();
        }
        boolean found = false;
        for (Task target : PrioritySyscalls.select(task, which - 1, who)) {
            Credentials other = target.credentials();
            if (other.uid() != own.euid()
                    && other.uid() != own.uid()
                    && !own.has(Capabilities.CAP_SYS_NICE)) {
                throw Errno.EPERM.exception();
            }
            target.scheduling().setIoPriority(value & 0xffff);
            found = true;
        }
        if (!found) {
            throw Errno.ESRCH.exception();
        }
        return 0;
    }

    /** Returns the best of those found. Errors: EINVAL for {@code which}; ESRCH. */
    @Syscall(number = 252, name = "ioprio_get")
    static long ioprioGet(Task task, @Arg(INT) int which, @Arg(INT) int who) throws ErrnoException {
        int best = -1;
        for (Task target : PrioritySyscalls.select(task, which - 1, who)) {
            int value = target.scheduling().ioPriority();
            best = best < 0 ? value : best(best, value);
        }
        if (best < 0) {
            throw Errno.ESRCH.exception();
        }
        return best;
    }

    /** Linux: ioprio_best, in which no class counts as best effort. */
    private static int best(int a, int b) {
        return Math.min(effective(a), effective(b));
    }

    private static int effective(int value) {
        int normal = CLASS_BE << CLASS_SHIFT | 4;
        return value >> CLASS_SHIFT == CLASS_NONE ? normal : value;
    }
}
