// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.time;

import static dev.jvisor.platform.abi.TimeConstants.CLOCK_BOOTTIME_ALARM;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME_ALARM;
import static dev.jvisor.platform.abi.TimeConstants.TFD_CLOEXEC;
import static dev.jvisor.platform.abi.TimeConstants.TFD_NONBLOCK;
import static dev.jvisor.platform.abi.TimeConstants.TFD_TIMER_ABSTIME;
import static dev.jvisor.platform.abi.TimeConstants.TFD_TIMER_CANCEL_ON_SET;
import static dev.jvisor.syscalls.annotation.Arg.Format.CLOCK_ID;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.time.TimerFile;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** timerfd_create(2), timerfd_settime(2), timerfd_gettime(2). */
@SyscallHandlers
final class TimerfdSyscalls {

    /** {@code struct itimerspec}: interval, then value. */
    private static final int SPEC_SIZE = 2 * TimeArgs.SIZE;

    private TimerfdSyscalls() {}

    /** Errors: EINVAL for flags and clock; EPERM for an alarm clock; EMFILE. */
    @Syscall(number = 283, name = "timerfd_create")
    static long timerfdCreate(Task task, @Arg(CLOCK_ID) int clock, @Arg(HEX) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, TFD_CLOEXEC | TFD_NONBLOCK);
        TimerFile file = TimerFile.create(task.kernel(), clock, (flags & TFD_NONBLOCK) != 0);
        boolean wakes = clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
        if (wakes && !task.credentials().has(Capabilities.CAP_WAKE_ALARM)) {
            throw Errno.EPERM.exception();
        }
        return UserArgs.install(task, file, (flags & TFD_CLOEXEC) != 0);
    }

    /**
     * Arms or disarms a timer; unread expirations are forgotten.
     *
     * <p>Errors: EFAULT for {@code value}; EINVAL for flags and times; EBADF; EINVAL for a
     * descriptor of another kind; EFAULT for {@code old}, after the change.
     */
    @Syscall(
            number = 286,
            name = "timerfd_settime",
            support = Support.PARTIAL,
            note = "TFD_TIMER_CANCEL_ON_SET is accepted; the clock is never set")
    static long timerfdSettime(
            Task task,
            @Arg(FD) int fd,
            @Arg(HEX) int flags,
            @Arg(POINTER) long value,
            @Arg(POINTER) long old)
            throws ErrnoException {
        byte[] b = new byte[SPEC_SIZE];
        task.memory().copyIn(value, b, 0, SPEC_SIZE);
        UserArgs.checkFlags(flags, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
        long period = TimeArgs.timespec(b, 0);
        long nanos = TimeArgs.timespec(b, TimeArgs.SIZE);
        FileDescription file = task.files().acquireForIo(fd);
        long oldPeriod;
        long oldRemaining;
        try {
            TimerFile timer = timer(file);
            oldPeriod = timer.period();
            oldRemaining = timer.remaining();
            timer.set(nanos, period, (flags & TFD_TIMER_ABSTIME) != 0);
        } finally {
            file.release();
        }
        if (old != 0) {
            write(task, old, oldPeriod, oldRemaining);
        }
        return 0;
    }

    /** Errors: EBADF; EINVAL for a descriptor of another kind; EFAULT. */
    @Syscall(number = 287, name = "timerfd_gettime")
    static long timerfdGettime(Task task, @Arg(FD) int fd, @Arg(POINTER) long value)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        long period;
        long remaining;
        try {
            TimerFile timer = timer(file);
            period = timer.period();
            remaining = timer.remaining();
        } finally {
            file.release();
        }
        write(task, value, period, remaining);
        return 0;
    }

    private static TimerFile timer(FileDescription file) throws ErrnoException {
        if (file instanceof TimerFile timer) {
            return timer;
        }
        throw Errno.EINVAL.exception();
    }

    private static void write(Task task, long address, long period, long remaining)
            throws ErrnoException {
        byte[] b = new byte[SPEC_SIZE];
        TimeArgs.putTimespec(b, 0, period);
        TimeArgs.putTimespec(b, TimeArgs.SIZE, remaining);
        task.memory().copyOut(address, b, 0, SPEC_SIZE);
    }
}
