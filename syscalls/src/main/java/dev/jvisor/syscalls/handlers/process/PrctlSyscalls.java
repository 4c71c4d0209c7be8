// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.PRCTL_OPTION;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.identity.CapabilityRules;
import dev.jvisor.kernel.identity.SecureBits;
import dev.jvisor.kernel.seccomp.SeccompState;
import dev.jvisor.kernel.signal.SignalHandlers;
import dev.jvisor.kernel.task.Scheduling;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Prctl;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.trace.SeccompSyscalls;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * prctl(2).
 *
 * <p>Errors: EINVAL for options that are not served or arguments that must be zero; EFAULT; EPERM.
 */
@SyscallHandlers
final class PrctlSyscalls {

    /** Linux: TASK_COMM_LEN. */
    private static final int NAME_SIZE = 16;

    /** Linux: ANON_VMA_NAME_MAX_LEN, with the NUL. */
    private static final int VMA_NAME_SIZE = 80;

    private static final long SPEC_NOT_AFFECTED = 0;

    private PrctlSyscalls() {}

    @Syscall(
            number = 157,
            name = "prctl",
            support = Support.PARTIAL,
            note = "no PR_SET_MM, PR_SCHED_CORE, PR_TSC_SIGSEGV")
    static long prctl(
            Task task,
            @Arg(PRCTL_OPTION) int option,
            @Arg(HEX) long a2,
            @Arg(HEX) long a3,
            @Arg(HEX) long a4,
            @Arg(HEX) long a5)
            throws ErrnoException {
        switch (option) {
            case Prctl.PR_SET_PDEATHSIG -> {
                if (a2 < 0 || a2 > SignalHandlers.COUNT) {
                    throw Errno.EINVAL.exception();
                }
                task.setParentDeathSignal((int) a2);
                return 0;
            }
            case Prctl.PR_GET_PDEATHSIG -> {
                task.memory().putInt(a2, task.parentDeathSignal());
                return 0;
            }
            case Prctl.PR_GET_DUMPABLE -> {
                return task.threadGroup().dumpable();
            }
            case Prctl.PR_SET_DUMPABLE -> {
                if (a2 != 0 && a2 != 1) {
                    throw Errno.EINVAL.exception();
                }
                task.threadGroup().setDumpable((int) a2);
                return 0;
            }
            case Prctl.PR_SET_NAME -> {
                return setName(task, a2);
            }
            case Prctl.PR_GET_NAME -> {
                byte[] raw = new byte[NAME_SIZE];
                byte[] name = task.name().getBytes(StandardCharsets.ISO_8859_1);
                System.arraycopy(name, 0, raw, 0, name.length);
                task.memory().copyOut(a2, raw, 0, NAME_SIZE);
                return 0;
            }
            case Prctl.PR_SET_TIMERSLACK -> {
                task.scheduling().setTimerSlackNanos(a2 <= 0 ? Scheduling.TIMER_SLACK_NANOS : a2);
                return 0;
            }
            case Prctl.PR_GET_TIMERSLACK -> {
                return task.scheduling().timerSlackNanos();
            }
            default -> {
                return attributes(task, option, a2, a3, a4, a5);
            }
        }
    }

    /** Options on how a task is treated. */
    private static long attributes(Task task, int option, long a2, long a3, long a4, long a5)
            throws ErrnoException {
        switch (option) {
            case Prctl.PR_SET_CHILD_SUBREAPER -> {
                task.threadGroup().setChildSubreaper(a2 != 0);
                return 0;
            }
            case Prctl.PR_GET_CHILD_SUBREAPER -> {
                task.memory().putInt(a2, task.threadGroup().isChildSubreaper() ? 1 : 0);
                return 0;
            }
            case Prctl.PR_GET_TID_ADDRESS -> {
                task.memory().putLong(a2, task.clearChildTid());
                return 0;
            }
            case Prctl.PR_GET_TIMING -> {
                return Prctl.PR_TIMING_STATISTICAL;
            }
            case Prctl.PR_SET_TIMING -> {
                requireZero(a2 - Prctl.PR_TIMING_STATISTICAL, 0, 0, 0);
                return 0;
            }
            case Prctl.PR_GET_TSC -> {
                task.memory().putInt(a2, Prctl.PR_TSC_ENABLE);
                return 0;
            }
            case Prctl.PR_SET_TSC -> {
                requireZero(a2 - Prctl.PR_TSC_ENABLE, 0, 0, 0);
                return 0;
            }
            case Prctl.PR_SET_VMA -> {
                return setVmaName(task, a2, a3, a4, a5);
            }
            default -> {
                return privileges(task, option, a2, a3, a4, a5);
            }
        }
    }

    /** Options on what a task may do. */
    private static long privileges(Task task, int option, long a2, long a3, long a4, long a5)
            throws ErrnoException {
        Credentials c = task.credentials();
        switch (option) {
            case Prctl.PR_GET_KEEPCAPS -> {
                return (c.secureBits() & SecureBits.SECBIT_KEEP_CAPS) != 0 ? 1 : 0;
            }
            case Prctl.PR_SET_KEEPCAPS -> {
                task.setCredentials(CapabilityRules.setKeepCapabilities(c, a2));
                return 0;
            }
            case Prctl.PR_CAPBSET_READ -> {
                CapabilityRules.check(a2);
                return c.bounding() >>> a2 & 1;
            }
            case Prctl.PR_CAPBSET_DROP -> {
                task.setCredentials(CapabilityRules.dropBounding(c, a2));
                return 0;
            }
            case Prctl.PR_GET_SECUREBITS -> {
                return c.secureBits();
            }
            case Prctl.PR_SET_SECUREBITS -> {
                task.setCredentials(CapabilityRules.setSecureBits(c, a2));
                return 0;
            }
            case Prctl.PR_SET_NO_NEW_PRIVS -> {
                if (a2 != 1 || a3 != 0 || a4 != 0 || a5 != 0) {
                    throw Errno.EINVAL.exception();
                }
                task.setCredentials(CapabilityRules.setNoNewPrivileges(c));
                return 0;
            }
            case Prctl.PR_GET_NO_NEW_PRIVS -> {
                requireZero(a2, a3, a4, a5);
                return c.noNewPrivileges() ? 1 : 0;
            }
            case Prctl.PR_CAP_AMBIENT -> {
                return ambient(task, c, a2, a3, a4, a5);
            }
            case Prctl.PR_GET_SECCOMP -> {
                SeccompState seccomp = task.seccomp();
                return seccomp == null ? 0 : seccomp.mode();
            }
            case Prctl.PR_SET_SECCOMP -> {
                return SeccompSyscalls.setByPrctl(task, a2, a3);
            }
            case Prctl.PR_MCE_KILL_GET -> {
                requireZero(a2, a3, a4, a5);
                return Prctl.PR_MCE_KILL_DEFAULT;
            }
            case Prctl.PR_GET_THP_DISABLE -> {
                requireZero(a2, a3, a4, a5);
                return 0;
            }
            case Prctl.PR_GET_SPECULATION_CTRL -> {
                requireZero(0, a3, a4, a5);
                return SPEC_NOT_AFFECTED;
            }
            default -> throw Errno.EINVAL.exception();
        }
    }

    private static long ambient(
            Task task, Credentials c, long operation, long capability, long a4, long a5)
            throws ErrnoException {
        requireZero(a4, a5, 0, 0);
        if (operation == Prctl.PR_CAP_AMBIENT_CLEAR_ALL) {
            requireZero(capability, 0, 0, 0);
            task.setCredentials(CapabilityRules.clearAmbient(c));
            return 0;
        }
        CapabilityRules.check(capability);
        if (operation == Prctl.PR_CAP_AMBIENT_IS_SET) {
            return c.ambient() >>> capability & 1;
        }
        if (operation == Prctl.PR_CAP_AMBIENT_RAISE) {
            task.setCredentials(CapabilityRules.raiseAmbient(c, capability));
        } else if (operation == Prctl.PR_CAP_AMBIENT_LOWER) {
            task.setCredentials(CapabilityRules.lowerAmbient(c, capability));
        } else {
            throw Errno.EINVAL.exception();
        }
        return 0;
    }

    private static void requireZero(long a, long b, long c, long d) throws ErrnoException {
        if ((a | b | c | d) != 0) {
            throw Errno.EINVAL.exception();
        }
    }

    private static long setName(Task task, long address) throws ErrnoException {
        byte[] raw = new byte[NAME_SIZE - 1];
        int length = 0;
        while (length < raw.length) {
            byte b = task.memory().getByte(address + length);
            if (b == 0) {
                break;
            }
            raw[length++] = b;
        }
        task.setName(new String(raw, 0, length, StandardCharsets.ISO_8859_1));
        return 0;
    }

    private static long setVmaName(Task task, long what, long address, long length, long name)
            throws ErrnoException {
        if (what != Prctl.PR_SET_VMA_ANON_NAME) {
            throw Errno.EINVAL.exception();
        }
        String text = name == 0 ? null : vmaName(task, name);
        task.memory().setAnonymousName(address, length, text);
        return 0;
    }

    private static @Nullable String vmaName(Task task, long address) throws ErrnoException {
        byte[] raw;
        try {
            raw = task.memory().copyInString(address, VMA_NAME_SIZE - 1);
        } catch (ErrnoException e) {
            throw e.errno == Errno.ENAMETOOLONG ? Errno.EINVAL.exception() : e;
        }
        for (byte b : raw) {
            if (b < ' ' || b > '~' || "\\`$[]".indexOf(b) >= 0) {
                throw Errno.EINVAL.exception();
            }
        }
        return new String(raw, StandardCharsets.ISO_8859_1);
    }
}
