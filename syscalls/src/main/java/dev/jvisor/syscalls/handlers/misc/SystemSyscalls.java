// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.misc;

import static dev.jvisor.syscalls.annotation.Arg.Format.CLOCK_ID;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;

import dev.jvisor.fs.tty.Pty;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.abi.TimeConstants;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * Calls for the administrator of a machine: syslog(2), vhangup(2), acct(2), swapon(2), adjtimex(2).
 * Who lacks the capability is told EPERM first, as everywhere; who has it learns that this kernel
 * was made without the feature.
 */
@SyscallHandlers
final class SystemSyscalls {

    // Actions of syslog(2), linux/syslog.h.
    private static final int ACTION_READ = 2;
    private static final int ACTION_READ_ALL = 3;
    private static final int ACTION_READ_CLEAR = 4;
    private static final int ACTION_CONSOLE_ON = 7;
    private static final int ACTION_CONSOLE_LEVEL = 8;
    private static final int ACTION_SIZE_UNREAD = 9;
    private static final int ACTION_SIZE_BUFFER = 10;
    private static final int CONSOLE_LEVEL_MAX = 8;
    private static final int LOG_BYTES = 1 << 17;

    // linux/reboot.h
    private static final int REBOOT_MAGIC1 = 0xfee1dead;
    private static final int REBOOT_MAGIC2 = 672274793;
    private static final int REBOOT_MAGIC2A = 85072278;
    private static final int REBOOT_MAGIC2B = 369367448;
    private static final int REBOOT_MAGIC2C = 537993216;
    private static final int RB_AUTOBOOT = 0x01234567;
    private static final int RB_HALT = 0xcdef0123;
    private static final int RB_POWER_OFF = 0x4321fedc;
    private static final int RB_RESTART2 = 0xa1b2c3d4;

    // struct timex, uapi/linux/timex.h.
    private static final int TIMEX_SIZE = 208;
    private static final int MAX_ERROR = 24;
    private static final int ESTIMATED_ERROR = 32;
    private static final int STATUS = 40;
    private static final int CONSTANT = 48;
    private static final int PRECISION = 56;
    private static final int TOLERANCE = 64;
    private static final int TIME = 72;
    private static final int TICK = 88;
    private static final int STA_UNSYNC = 0x40;
    private static final int TIME_ERROR = 5;
    private static final long ERROR_MICROS = 16_000_000;
    private static final long TICK_MICROS = 10_000;
    private static final long TOLERANCE_SCALED = 32_768_000;

    private SystemSyscalls() {}

    private static void check(Task task, int capability) throws ErrnoException {
        if (!task.credentials().has(capability)) {
            throw Errno.EPERM.exception();
        }
    }

    /** Errors, in this order: EPERM; EINVAL for action and length; EFAULT; EINTR. */
    @Syscall(
            number = 103,
            name = "syslog",
            support = Support.PARTIAL,
            note = "the kernel's log is empty")
    static long syslog(Task task, @Arg(INT) int action, @Arg(POINTER) long buffer, int length)
            throws ErrnoException {
        check(task, Capabilities.CAP_SYSLOG);
        switch (action) {
            case ACTION_READ, ACTION_READ_ALL, ACTION_READ_CLEAR -> {
                if (buffer == 0 || length < 0) {
                    throw Errno.EINVAL.exception();
                }
                if (length != 0) {
                    UserArgs.checkRange(buffer, length);
                    while (action == ACTION_READ) {
                        task.sleep(Long.MAX_VALUE); // nothing will ever come
                    }
                }
                return 0;
            }
            case ACTION_CONSOLE_LEVEL -> {
                if (length < 1 || length > CONSOLE_LEVEL_MAX) {
                    throw Errno.EINVAL.exception();
                }
                return 0;
            }
            case ACTION_SIZE_UNREAD -> {
                return 0;
            }
            case ACTION_SIZE_BUFFER -> {
                return LOG_BYTES;
            }
            default -> {
                if (action < 0 || action > ACTION_CONSOLE_ON) {
                    throw Errno.EINVAL.exception();
                }
                return 0;
            }
        }
    }

    /**
     * Ends the processes of the caller's PID namespace, as reboot(2) in a container does.
     *
     * <p>Errors, in this order: EPERM; EINVAL for the magic numbers and for the command.
     */
    @Syscall(
            number = 169,
            name = "reboot",
            support = Support.PARTIAL,
            note = "as in a PID namespace: the init process is killed")
    static long reboot(
            Task task,
            @Arg(HEX) int magic1,
            @Arg(HEX) int magic2,
            @Arg(HEX) int command,
            @Arg(POINTER) long argument)
            throws ErrnoException {
        check(task, Capabilities.CAP_SYS_BOOT);
        boolean known = magic2 == REBOOT_MAGIC2
                || magic2 == REBOOT_MAGIC2A
                || magic2 == REBOOT_MAGIC2B
                || magic2 == REBOOT_MAGIC2C;
        if (magic1 != REBOOT_MAGIC1 || !known) {
            throw Errno.EINVAL.exception();
        }
        int signal = switch (command) {
            case RB_AUTOBOOT, RB_RESTART2 -> Signals.SIGHUP;
            case RB_HALT, RB_POWER_OFF -> Signals.SIGINT;
            default -> throw Errno.EINVAL.exception();
        };
        ThreadGroup init = task.pids().threadGroup(1);
        if (init != null) {
            init.beginGroupExit(signal);
        }
        return 0;
    }

    @Syscall(
            number = 163,
            name = "acct",
            support = Support.PARTIAL,
            note = "EPERM, or ENOSYS for who may: there is no accounting")
    static long acct(Task task, @Arg(PATH) long path) throws ErrnoException {
        check(task, Capabilities.CAP_SYS_PACCT);
        throw Errno.ENOSYS.exception();
    }

    @Syscall(
            number = 167,
            name = "swapon",
            support = Support.PARTIAL,
            note = "EPERM, or ENOSYS for who may: there is no swapping")
    static long swapon(Task task, @Arg(PATH) long path, @Arg(HEX) int flags) throws ErrnoException {
        check(task, Capabilities.CAP_SYS_ADMIN);
        throw Errno.ENOSYS.exception();
    }

    @Syscall(
            number = 168,
            name = "swapoff",
            support = Support.PARTIAL,
            note = "EPERM, or ENOSYS for who may: there is no swapping")
    static long swapoff(Task task, @Arg(PATH) long path) throws ErrnoException {
        check(task, Capabilities.CAP_SYS_ADMIN);
        throw Errno.ENOSYS.exception();
    }

    /** Errors, in this order: EFAULT; EPERM for a change. */
    @Syscall(
            number = 159,
            name = "adjtimex",
            support = Support.PARTIAL,
            note = "changes nothing: the clock is the host's")
    static long adjtimex(Task task, @Arg(POINTER) long buffer) throws ErrnoException {
        byte[] b = new byte[TIMEX_SIZE];
        task.memory().copyIn(buffer, b, 0, b.length);
        if (LittleEndian.getInt(b, 0) != 0) {
            throw Errno.EPERM.exception();
        }
        b = new byte[TIMEX_SIZE];
        LittleEndian.putLong(b, MAX_ERROR, ERROR_MICROS);
        LittleEndian.putLong(b, ESTIMATED_ERROR, ERROR_MICROS);
        LittleEndian.putInt(b, STATUS, STA_UNSYNC);
        LittleEndian.putLong(b, CONSTANT, 2);
        LittleEndian.putLong(b, PRECISION, 1);
        LittleEndian.putLong(b, TOLERANCE, TOLERANCE_SCALED);
        long now = task.realtimeNanos();
        LittleEndian.putLong(b, TIME, Math.floorDiv(now, 1_000_000_000L));
        LittleEndian.putLong(b, TIME + 8, Math.floorMod(now, 1_000_000_000L) / 1000);
        LittleEndian.putLong(b, TICK, TICK_MICROS);
        task.memory().copyOut(buffer, b, 0, b.length);
        return TIME_ERROR;
    }

    /** Errors, in this order: EFAULT; EINVAL, EOPNOTSUPP for the clock; EPERM for a change. */
    @Syscall(
            number = 305,
            name = "clock_adjtime",
            support = Support.PARTIAL,
            note = "changes nothing: the clock is the host's")
    static long clockAdjtime(Task task, @Arg(CLOCK_ID) int clock, @Arg(POINTER) long buffer)
            throws ErrnoException {
        task.memory().copyIn(buffer, new byte[TIMEX_SIZE], 0, TIMEX_SIZE);
        if (clock != TimeConstants.CLOCK_REALTIME) {
            boolean known = clock > 0 && clock <= TimeConstants.CLOCK_TAI && clock != 10;
            throw (known ? Errno.EOPNOTSUPP : Errno.EINVAL).exception();
        }
        return adjtimex(task, buffer);
    }

    /** EPERM without CAP_SYS_TTY_CONFIG. */
    @Syscall(
            number = 153,
            name = "vhangup",
            support = Support.PARTIAL,
            note = "a terminal of the host that was passed through stays")
    static long vhangup(Task task) throws ErrnoException {
        check(task, Capabilities.CAP_SYS_TTY_CONFIG);
        if (task.session().controllingTerminal() instanceof Pty terminal) {
            terminal.hangUp();
        }
        return 0;
    }
}
