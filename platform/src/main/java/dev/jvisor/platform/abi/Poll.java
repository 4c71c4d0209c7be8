// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Constants of poll(2), epoll(7).
 *
 * <p>Source: {@code asm-generic/poll.h and linux/eventpoll.h} of Linux, x86-64.
 */
public final class Poll {

    private Poll() {}

    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;
    public static final int EPOLL_CTL_MOD = 3;
    public static final int EPOLL_CLOEXEC = 0x80000;
    public static final int EPOLL_URING_WAKE = 0x8000000;

    public static final int EPOLLERR = 8;

    public static final int EPOLLET = 0x80000000;

    public static final int EPOLLEXCLUSIVE = 0x10000000;

    public static final int EPOLLHUP = 16;

    public static final int EPOLLIN = 1;

    public static final int EPOLLMSG = 0x400;

    public static final int EPOLLNVAL = 32;

    public static final int EPOLLONESHOT = 0x40000000;

    public static final int EPOLLOUT = 4;

    public static final int EPOLLPRI = 2;

    public static final int EPOLLRDBAND = 128;

    public static final int EPOLLRDHUP = 0x2000;

    public static final int EPOLLRDNORM = 64;

    public static final int EPOLLWAKEUP = 0x20000000;

    public static final int EPOLLWRBAND = 0x200;

    public static final int EPOLLWRNORM = 0x100;

    public static final int POLLERR = 8;

    public static final int POLLHUP = 16;

    public static final int POLLIN = 1;

    public static final int POLLNVAL = 32;

    public static final int POLLOUT = 4;

    public static final int POLLPRI = 2;

    public static final int POLLRDBAND = 128;

    public static final int POLLRDNORM = 64;

    public static final int POLLWRBAND = 0x200;

    public static final int POLLWRNORM = 0x100;
}
