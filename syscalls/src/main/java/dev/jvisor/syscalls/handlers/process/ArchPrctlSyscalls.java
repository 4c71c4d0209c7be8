// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.ARCH_PRCTL_CODE;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Prctl;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * arch_prctl(2): the FS and GS bases.
 *
 * <p>Errors: EPERM for a base outside of user space; EFAULT; EINVAL for other codes; ENODEV for
 * switching off CPUID.
 */
@SyscallHandlers
final class ArchPrctlSyscalls {

    private ArchPrctlSyscalls() {}

    @Syscall(
            number = 158,
            name = "arch_prctl",
            support = Support.PARTIAL,
            note = "FS and GS base, ARCH_GET_CPUID")
    static long archPrctl(Task task, @Arg(ARCH_PRCTL_CODE) int code, @Arg(HEX) long address)
            throws ErrnoException {
        switch (code) {
            case Prctl.ARCH_SET_FS -> {
                checkBase(address);
                task.registers().fsBase = address;
                return 0;
            }
            case Prctl.ARCH_SET_GS -> {
                checkBase(address);
                task.registers().gsBase = address;
                return 0;
            }
            case Prctl.ARCH_GET_FS -> {
                task.memory().putLong(address, task.registers().fsBase);
                return 0;
            }
            case Prctl.ARCH_GET_GS -> {
                task.memory().putLong(address, task.registers().gsBase);
                return 0;
            }
            case Prctl.ARCH_GET_CPUID -> {
                return 1;
            }
            case Prctl.ARCH_SET_CPUID -> throw Errno.ENODEV.exception();
            default -> throw Errno.EINVAL.exception();
        }
    }

    private static void checkBase(long address) throws ErrnoException {
        if (address < 0 || address >= UserArgs.TASK_SIZE) {
            throw Errno.EPERM.exception();
        }
    }
}
