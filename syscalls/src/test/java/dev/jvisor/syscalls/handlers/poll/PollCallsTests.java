// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.poll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.syscalls.testing.Calls;

import org.junit.jupiter.api.Test;

/** poll(2), select(2), epoll(7), eventfd(2). Expected results are Linux 6.18's. */
final class PollCallsTests {

    private static final long NOWHERE = 8;
    private static final long SA_RESTART = 0x1000_0000;

    private static long pollfd(int fd, int events) {
        return fd & 0xffff_ffffL | (long) events << 32;
    }

    private static int found(Calls c, long fds, int index) {
        return (int) (c.get(fds + 8L * index) >>> 48);
    }

    @Test
    void pollReportsEachDescriptor() {
        Calls.run(c -> {
            int[] pipe = c.pipe(0);
            int file = c.file("a", "x");
            long fds = c.scratch() + 512;
            c.put(
                    fds,
                    pollfd(pipe[0], Poll.POLLIN),
                    pollfd(pipe[1], Poll.POLLOUT),
                    pollfd(-1, Poll.POLLIN),
                    pollfd(99, Poll.POLLIN),
                    pollfd(file, 0x7fff));
            c.gives(3, "poll", fds, 5, 0);
            assertThat(found(c, fds, 0)).isZero();
            assertThat(found(c, fds, 1)).isEqualTo(Poll.POLLOUT);
            assertThat(found(c, fds, 2)).isZero();
            assertThat(found(c, fds, 3)).isEqualTo(Poll.POLLNVAL);
            assertThat(found(c, fds, 4)).isEqualTo(0x145);
            c.gives(0, "poll", fds, 1, 5);
            c.gives(0, "close", pipe[1]);
            c.put(fds, pollfd(pipe[0], 0));
            c.gives(1, "poll", fds, 1, -1);
            assertThat(found(c, fds, 0)).isEqualTo(Poll.POLLHUP);
            c.fails(Errno.EFAULT, "poll", NOWHERE, 1, 0);
            c.fails(Errno.EINVAL, "poll", fds, -1, 0);
            c.gives(0, "poll", NOWHERE, 0, 0);
        });
    }

    @Test
    void pollWaitsForAWriter() {
        Calls.run(c -> {
            int[] pipe = c.pipe(0);
            long text = c.sandbox().string(c.cpu(), "x");
            long fds = c.scratch() + 512;
            c.put(fds, pollfd(pipe[0], Poll.POLLIN));
            c.cpu().thread(other -> {
                other.compute();
                other.syscall(1, pipe[1], text, 1);
                other.exit(0);
            });
            c.gives(1, "poll", fds, 1, -1);
            assertThat(found(c, fds, 0)).isEqualTo(Poll.POLLIN);
        });
    }

    @Test
    void signalsEndWaitsWithEintrEvenWithRestart() {
        Calls.run(c -> {
            long poll = c.interrupted(SA_RESTART, "poll", 0, 0, 10_000);
            assertThat(Calls.name(poll)).isEqualTo("EINTR");
            long time = c.scratch() + 512;
            c.put(time, 15, 0);
            long select = c.interrupted(SA_RESTART, "select", 0, 0, 0, 0, time);
            assertThat(Calls.name(select)).isEqualTo("EINTR");
            assertThat(c.get(time)).isBetween(0L, 14L);
        });
    }

    @Test
    void ppollTakesASignalItsMaskLetsThrough() {
        Calls.run(c -> {
            long set = c.scratch() + 600;
            c.put(set, 1L << 9);
            c.gives(0, "rt_sigprocmask", 0, set, 0, 8);
            // Blocked until ppoll lets it through, so it cannot come too early.
            c.cpu().sigaction(c.sandbox(), 10, c.cpu().handler(() -> {}), 0);
            c.gives(0, "tgkill", c.cpu().getpid(), c.cpu().gettid(), 10);
            long time = c.scratch() + 512;
            c.put(time, 15, 0);
            c.put(set, 0);
            c.fails(Errno.EINVAL, "ppoll", 0, 0, time, set, 4);
            c.fails(Errno.EINTR, "ppoll", 0, 0, time, set, 8);
            assertThat(c.get(time)).isEqualTo(14);
            c.gives(0, "rt_sigprocmask", 0, 0, set, 8);
            assertThat(c.get(set)).isEqualTo(1L << 9);
            c.put(time, 0, 1_000_000_000);
            c.fails(Errno.EINVAL, "ppoll", 0, 0, time, 0, 0);
            c.put(time, 0, 1000);
            c.put(set, 0);
            c.gives(0, "ppoll", 0, 0, time, set, 8);
            c.gives(0, "rt_sigprocmask", 0, 0, set, 8);
            assertThat(c.get(set)).isEqualTo(1L << 9);
        });
    }

    @Test
    void selectLooksAtBitsWithinTheTable() {
        Calls.run(c -> {
            int[] pipe = c.pipe(0);
            long in = c.scratch() + 512;
            long out = c.scratch() + 1024;
            long time = c.scratch() + 1536;
            c.put(in, 1L << pipe[0]);
            c.put(out, 1L << pipe[1]);
            c.put(time, 0, 1000);
            c.gives(1, "select", 64, in, out, 0, time);
            assertThat(c.get(in)).isZero();
            assertThat(c.get(out)).isEqualTo(1L << pipe[1]);
            c.put(in, 1L << 50);
            c.fails(Errno.EBADF, "select", 64, in, 0, 0, time);
            c.put(in, 0, 1L << 50);
            c.gives(0, "select", 128, in, 0, 0, time);
            c.fails(Errno.EINVAL, "select", -1, 0, 0, 0, time);
            c.put(time, -1, 0);
            c.fails(Errno.EINVAL, "select", 0, 0, 0, 0, time);
            c.fails(Errno.EFAULT, "select", 64, NOWHERE, 0, 0, 0);
        });
    }

    @Test
    void eventfdTakesEightBytes() {
        Calls.run(c -> {
            long fd = c.ok("eventfd2", 3, 0x800);
            c.gives(8, "read", fd, c.scratch(), 8);
            assertThat(c.get(c.scratch())).isEqualTo(3);
            c.fails(Errno.EAGAIN, "read", fd, c.scratch(), 8);
            c.fails(Errno.EINVAL, "read", fd, c.scratch(), 4);
            c.put(c.scratch(), 5);
            c.gives(8, "write", fd, c.scratch(), 8);
            c.fails(Errno.EINVAL, "write", fd, c.scratch(), 16);
            c.put(c.scratch(), -1);
            c.fails(Errno.EINVAL, "write", fd, c.scratch(), 8);
            c.fails(Errno.EINVAL, "eventfd2", 0, 8);
            c.fails(Errno.ESPIPE, "pread64", fd, c.scratch(), 8, 0);
        });
    }

    @Test
    void epollChecksAndWaits() {
        Calls.run(c -> {
            long epoll = c.ok("epoll_create1", 0);
            long event = c.ok("eventfd2", 0, 0x800);
            int file = c.file("a", "x");
            long struct = c.scratch() + 512;
            c.put(struct, Poll.EPOLLIN | 77L << 32, 0);
            c.gives(0, "epoll_ctl", epoll, 1, event, struct);
            c.fails(Errno.EEXIST, "epoll_ctl", epoll, 1, event, struct);
            c.fails(Errno.EPERM, "epoll_ctl", epoll, 1, file, struct);
            c.fails(Errno.EBADF, "epoll_ctl", epoll, 1, 99, struct);
            c.fails(Errno.EINVAL, "epoll_ctl", epoll, 1, epoll, struct);
            c.fails(Errno.EINVAL, "epoll_ctl", event, 1, epoll, struct);
            c.fails(Errno.EFAULT, "epoll_ctl", epoll, 1, event, NOWHERE);
            c.fails(Errno.EINVAL, "epoll_ctl", epoll, 9, event, struct);
            c.gives(0, "epoll_wait", epoll, struct, 4, 0);
            c.gives(0, "epoll_wait", epoll, struct, 4, 3);
            c.fails(Errno.EINVAL, "epoll_wait", epoll, struct, 0, 0);
            c.fails(Errno.EINVAL, "epoll_wait", event, struct, 4, 0);
            c.put(c.scratch(), 1);
            c.gives(8, "write", event, c.scratch(), 8);
            c.gives(1, "epoll_wait", epoll, struct, 4, -1);
            assertThat((int) c.get(struct)).isEqualTo(Poll.EPOLLIN);
            assertThat(c.get(struct) >>> 32).isEqualTo(77);
            c.fails(Errno.EFAULT, "epoll_wait", epoll, NOWHERE, 4, 0);
            c.gives(8, "read", event, c.scratch(), 8);
            long wait = c.interrupted(SA_RESTART, "epoll_wait", epoll, struct, 4, -1);
            assertThat(Calls.name(wait)).isEqualTo("EINTR");
            c.fails(Errno.EINVAL, "epoll_create", 0);
        });
    }
}
