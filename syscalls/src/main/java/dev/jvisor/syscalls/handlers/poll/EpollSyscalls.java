// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.poll;

import static dev.jvisor.syscalls.annotation.Arg.Format.EPOLL_EVENT;
import static dev.jvisor.syscalls.annotation.Arg.Format.EPOLL_EVENTS_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.EPOLL_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.EPOLL_OP;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGSET_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMEOUT_MS;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_IN;

import dev.jvisor.fs.anon.EpollFile;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.EpollEventStruct;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** epoll_create(2), epoll_ctl(2), epoll_wait(2). */
@SyscallHandlers
final class EpollSyscalls {

    /** EP_MAX_EVENTS of fs/eventpoll.c. */
    private static final int EVENTS_MAX = Integer.MAX_VALUE / EpollEventStruct.SIZE;

    private EpollSyscalls() {}

    @Syscall(number = 213, name = "epoll_create")
    static long epollCreate(Task task, int size) throws ErrnoException {
        if (size <= 0) {
            throw Errno.EINVAL.exception();
        }
        return epollCreate1(task, 0);
    }

    @Syscall(number = 291, name = "epoll_create1")
    static long epollCreate1(Task task, @Arg(EPOLL_FLAGS) int flags) throws ErrnoException {
        return UserArgs.install(task, EpollFile.create(flags), (flags & Poll.EPOLL_CLOEXEC) != 0);
    }

    /**
     * EFAULT; EBADF for either descriptor; EPERM for a target that never waits; EINVAL, EEXIST,
     * ENOENT.
     */
    @Syscall(number = 233, name = "epoll_ctl")
    static long epollCtl(
            Task task,
            @Arg(FD) int epfd,
            @Arg(EPOLL_OP) int operation,
            @Arg(FD) int fd,
            @Arg(EPOLL_EVENT) long event)
            throws ErrnoException {
        byte[] struct = new byte[EpollEventStruct.SIZE];
        if (operation != Poll.EPOLL_CTL_DEL) {
            task.memory().copyIn(event, struct, 0, struct.length);
        }
        FileDescription file = task.files().acquireForIo(epfd);
        try {
            FileDescription target = task.files().acquireForIo(fd);
            try {
                if (!target.isPollable()) {
                    throw Errno.EPERM.exception();
                }
                if (!(file instanceof EpollFile epoll) || file == target) {
                    throw Errno.EINVAL.exception();
                }
                epoll.control(
                        operation,
                        fd,
                        target,
                        LittleEndian.getInt(struct, EpollEventStruct.EVENTS),
                        LittleEndian.getLong(struct, EpollEventStruct.DATA));
            } finally {
                target.release();
            }
        } finally {
            file.release();
        }
        return 0;
    }

    /** EINVAL for the count; EFAULT; EBADF; EINVAL; EINTR (a signal never restarts it). */
    @Syscall(number = 232, name = "epoll_wait")
    static long epollWait(
            Task task,
            @Arg(FD) int epfd,
            @Arg(EPOLL_EVENTS_OUT) long events,
            int max,
            @Arg(TIMEOUT_MS) int timeout)
            throws ErrnoException {
        return await(task, epfd, events, max, Timeouts.millis(task, timeout));
    }

    @Syscall(number = 281, name = "epoll_pwait")
    static long epollPwait(
            Task task,
            @Arg(FD) int epfd,
            @Arg(EPOLL_EVENTS_OUT) long events,
            int max,
            @Arg(TIMEOUT_MS) int timeout,
            @Arg(SIGSET_IN) long sigmask,
            @Arg(SIZE) long sigsetSize)
            throws ErrnoException {
        long deadline = Timeouts.millis(task, timeout);
        return await(task, epfd, events, max, deadline, sigmask, sigsetSize);
    }

    @Syscall(number = 441, name = "epoll_pwait2")
    static long epollPwait2(
            Task task,
            @Arg(FD) int epfd,
            @Arg(EPOLL_EVENTS_OUT) long events,
            int max,
            @Arg(TIMESPEC_IN) long timeout,
            @Arg(SIGSET_IN) long sigmask,
            @Arg(SIZE) long sigsetSize)
            throws ErrnoException {
        long deadline = Timeouts.timespec(task, timeout);
        return await(task, epfd, events, max, deadline, sigmask, sigsetSize);
    }

    private static long await(
            Task task, int epfd, long events, int max, long deadline, long sigmask, long size)
            throws ErrnoException {
        boolean masked = TemporaryMask.set(task, sigmask, size);
        boolean interrupted = false;
        try {
            return await(task, epfd, events, max, deadline);
        } catch (ErrnoException e) {
            interrupted = e.errno == Errno.EINTR;
            throw e;
        } finally {
            TemporaryMask.end(task, masked && !interrupted);
        }
    }

    private static long await(Task task, int epfd, long events, int max, long deadline)
            throws ErrnoException {
        if (max <= 0 || max > EVENTS_MAX) {
            throw Errno.EINVAL.exception();
        }
        UserArgs.checkRange(events, (long) max * EpollEventStruct.SIZE);
        FileDescription file = task.files().acquireForIo(epfd);
        try {
            if (!(file instanceof EpollFile epoll)) {
                throw Errno.EINVAL.exception();
            }
            Sink sink = new Sink(task, events);
            for (; ; ) {
                int n = epoll.collect(sink, max);
                if (n != 0 || deadline == Timeouts.NOW) {
                    return n;
                }
                try {
                    if (!task.waitFor(file, Poll.POLLIN, deadline)) {
                        return epoll.collect(sink, max);
                    }
                } catch (ErrnoException e) {
                    throw e.errno == Errno.ERESTARTSYS ? Errno.EINTR.exception() : e;
                }
            }
        } finally {
            file.release();
        }
    }

    /** Stores events one after the other. */
    private static final class Sink implements EpollFile.EventSink {
        private final Task task;
        private final byte[] struct = new byte[EpollEventStruct.SIZE];
        private long address;

        Sink(Task task, long address) {
            this.task = task;
            this.address = address;
        }

        @Override
        public void event(int events, long data) throws ErrnoException {
            LittleEndian.putInt(struct, EpollEventStruct.EVENTS, events);
            LittleEndian.putLong(struct, EpollEventStruct.DATA, data);
            task.memory().copyOut(address, struct, 0, struct.length);
            address += EpollEventStruct.SIZE;
        }
    }
}
