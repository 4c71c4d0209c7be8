// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.time;

import static dev.jvisor.platform.abi.Signals.SIGALRM;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_BOOTTIME_ALARM;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_MONOTONIC_COARSE;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_MONOTONIC_RAW;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME_ALARM;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME_COARSE;
import static dev.jvisor.platform.abi.TimeConstants.SIGEV_NONE;
import static dev.jvisor.platform.abi.TimeConstants.SIGEV_SIGNAL;
import static dev.jvisor.platform.abi.TimeConstants.SIGEV_THREAD;
import static dev.jvisor.platform.abi.TimeConstants.SIGEV_THREAD_ID;
import static dev.jvisor.platform.abi.TimeConstants.TIMER_ABSTIME;
import static dev.jvisor.syscalls.annotation.Arg.Format.CLOCK_ID;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;

import dev.jvisor.kernel.signal.SignalHandlers;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.time.ClockId;
import dev.jvisor.kernel.time.PosixTimer;
import dev.jvisor.kernel.time.PosixTimers;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

import org.jspecify.annotations.Nullable;

/** timer_create(2), timer_settime(2), timer_gettime(2), timer_getoverrun(2), timer_delete(2). */
@SyscallHandlers
final class PosixTimerSyscalls {

    /** {@code struct itimerspec}: interval, then value. */
    private static final int SPEC_SIZE = 2 * TimeArgs.SIZE;

    // struct sigevent
    private static final int SIGEVENT_SIZE = 64;
    private static final int SIGEV_VALUE = 0;
    private static final int SIGEV_SIGNO = 8;
    private static final int SIGEV_NOTIFY = 12;
    private static final int SIGEV_TID = 16;

    private PosixTimerSyscalls() {}

    /**
     * Makes a timer that is not armed.
     *
     * <p>Errors: EFAULT for {@code event}; EINVAL for a clock there is not, EOPNOTSUPP for one
     * without timers; EINVAL for the event (way, signal, thread of another process); EAGAIN for
     * more than RLIMIT_SIGPENDING; EFAULT for {@code result} (the timer is gone then).
     */
    @Syscall(number = 222, name = "timer_create")
    static long timerCreate(
            Task task,
            @Arg(CLOCK_ID) int clock,
            @Arg(POINTER) long event,
            @Arg(POINTER) long result)
            throws ErrnoException {
        int notify = SIGEV_SIGNAL;
        int signal = SIGALRM;
        int tid = 0;
        Long value = null;
        if (event != 0) {
            byte[] b = new byte[SIGEVENT_SIZE];
            task.memory().copyIn(event, b, 0, b.length);
            value = LittleEndian.getLong(b, SIGEV_VALUE);
            signal = LittleEndian.getInt(b, SIGEV_SIGNO);
            notify = LittleEndian.getInt(b, SIGEV_NOTIFY);
            tid = LittleEndian.getInt(b, SIGEV_TID);
        }
        checkClock(task, clock);
        Task thread = checkEvent(task, notify, signal, tid);
        long limit = task.limit(Resource.RLIMIT_SIGPENDING);
        int bound = limit < 0 || limit > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) limit;
        PosixTimers timers = task.threadGroup().timers().posix();
        int id = timers.create(clock, notify, signal, thread, value, bound);
        try {
            task.memory().putInt(result, id);
        } catch (ErrnoException e) {
            timers.delete(id);
            throw e;
        }
        return 0;
    }

    private static void checkClock(Task task, int clock) throws ErrnoException {
        switch (clock) {
            case CLOCK_MONOTONIC_RAW,
                    CLOCK_REALTIME_COARSE,
                    CLOCK_MONOTONIC_COARSE,
                    CLOCK_REALTIME_ALARM,
                    CLOCK_BOOTTIME_ALARM -> throw Errno.EOPNOTSUPP.exception();
            default -> ClockId.read(task, clock);
        }
    }

    private static @Nullable Task checkEvent(Task task, int notify, int signal, int tid)
            throws ErrnoException {
        if (notify == SIGEV_NONE) {
            return null;
        }
        boolean toThread = notify == (SIGEV_SIGNAL | SIGEV_THREAD_ID);
        if (!toThread && notify != SIGEV_SIGNAL && notify != SIGEV_THREAD) {
            throw Errno.EINVAL.exception();
        }
        Task thread = toThread ? task.pids().task(tid) : null;
        if (toThread && (thread == null || thread.threadGroup() != task.threadGroup())
                || signal < 1
                || signal > SignalHandlers.COUNT) {
            throw Errno.EINVAL.exception();
        }
        return thread;
    }

    /**
     * Errors: EINVAL without {@code value}; EFAULT; EINVAL for times; EINVAL for the timer; EFAULT.
     */
    @Syscall(number = 223, name = "timer_settime")
    static long timerSettime(
            Task task,
            @Arg(INT) int id,
            @Arg(HEX) int flags,
            @Arg(POINTER) long value,
            @Arg(POINTER) long old)
            throws ErrnoException {
        if (value == 0) {
            throw Errno.EINVAL.exception();
        }
        byte[] b = new byte[SPEC_SIZE];
        task.memory().copyIn(value, b, 0, SPEC_SIZE);
        long period = TimeArgs.timespec(b, 0);
        long nanos = TimeArgs.timespec(b, TimeArgs.SIZE);
        PosixTimer timer = task.threadGroup().timers().posix().get(id);
        long oldPeriod = timer.interval();
        long oldRemaining = timer.remaining();
        timer.set(nanos, period, (flags & TIMER_ABSTIME) != 0);
        if (old != 0) {
            write(task, old, oldPeriod, oldRemaining);
        }
        return 0;
    }

    private static void write(Task task, long address, long period, long remaining)
            throws ErrnoException {
        byte[] b = new byte[SPEC_SIZE];
        TimeArgs.putTimespec(b, 0, period);
        TimeArgs.putTimespec(b, TimeArgs.SIZE, remaining);
        task.memory().copyOut(address, b, 0, SPEC_SIZE);
    }

    /** Errors: EINVAL for the timer; EFAULT. */
    @Syscall(number = 224, name = "timer_gettime")
    static long timerGettime(Task task, @Arg(INT) int id, @Arg(POINTER) long value)
            throws ErrnoException {
        PosixTimer timer = task.threadGroup().timers().posix().get(id);
        write(task, value, timer.interval(), timer.remaining());
        return 0;
    }

    /** Overruns of the last signal that was taken. EINVAL for the timer. */
    @Syscall(number = 225, name = "timer_getoverrun")
    static long timerGetoverrun(Task task, @Arg(INT) int id) throws ErrnoException {
        return task.threadGroup().timers().posix().get(id).overrun();
    }

    /** EINVAL for the timer. */
    @Syscall(number = 226, name = "timer_delete")
    static long timerDelete(Task task, @Arg(INT) int id) throws ErrnoException {
        task.threadGroup().timers().posix().delete(id);
        return 0;
    }
}
