// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;

/** Readiness of host descriptors: poll(2), epoll(7), eventfd(2). */
public final class HostPoll {

    /** {@code struct epoll_event} is packed on x86-64. */
    public static final int SIZEOF_EPOLL_EVENT = 12;

    private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;

    private HostPoll() {}

    /**
     * poll(2) on one descriptor without waiting.
     *
     * @return the events of {@code events} that hold, with POLLERR, POLLHUP, POLLNVAL
     */
    public static int poll(int fd, int events) {
        NativeBuffer b = NativeBuffer.scratch();
        int at = b.size() - 32;
        b.putInt(at, fd);
        b.putInt(at + 4, events & 0xffff);
        for (; ; ) {
            long n = Host.syscall(Sys.POLL, b.address() + at, 1, 0);
            if (n != -Errno.EINTR.number) {
                return Host.isError(n) ? Poll.POLLERR : b.getShort(at + 6) & 0xffff;
            }
        }
    }

    /** epoll_create1(2) with close-on-exec. */
    public static int createEpoll() throws ErrnoException {
        return (int) Host.check(Host.syscall(Sys.EPOLL_CREATE1, 0x80000, 0, 0));
    }

    /** epoll_ctl(2); {@code data} comes back with events. */
    public static void control(int epoll, int operation, int fd, int events, long data)
            throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        int at = b.size() - 32;
        b.putInt(at, events);
        b.putLong(at + 4, data);
        Host.check(Host.syscall(Sys.EPOLL_CTL, epoll, operation, fd, b.address() + at));
    }

    /**
     * epoll_wait(2).
     *
     * @param timeoutMillis -1 for no limit
     * @return number of events stored at {@code events}; 0 also after EINTR
     */
    public static int await(int epoll, NativeBuffer events, int timeoutMillis)
            throws ErrnoException {
        long room = events.size() / SIZEOF_EPOLL_EVENT;
        long n = Host.syscall(Sys.EPOLL_WAIT, epoll, events.address(), room, timeoutMillis);
        return n == -Errno.EINTR.number ? 0 : (int) Host.check(n);
    }

    /** Makes a non-blocking eventfd. */
    public static int createEventfd() throws ErrnoException {
        return (int) Host.check(Host.syscall(Sys.EVENTFD2, 0, EFD_CLOEXEC_NONBLOCK, 0));
    }

    /** Adds one to an eventfd. */
    public static void signal(int eventfd) {
        NativeBuffer b = NativeBuffer.scratch();
        int at = b.size() - 32;
        b.putLong(at, 1);
        Host.syscall(Sys.WRITE, eventfd, b.address() + at, 8);
    }

    /** Resets an eventfd. */
    public static void drain(int eventfd) {
        NativeBuffer b = NativeBuffer.scratch();
        Host.syscall(Sys.READ, eventfd, b.address() + b.size() - 32, 8);
    }
}
