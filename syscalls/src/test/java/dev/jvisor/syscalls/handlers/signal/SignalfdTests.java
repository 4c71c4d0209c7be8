// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.signal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.syscalls.testing.Calls;

import org.junit.jupiter.api.Test;

/** signalfd(2). Expected results are Linux 6.18's. */
final class SignalfdTests {

    private static final int SIGUSR1 = 10;
    private static final int SIZE = 128;
    private static final int SFD_NONBLOCK = 0x800;

    @Test
    void signalsAreReadOnce() {
        Calls.run(c -> {
            long set = c.scratch();
            long buffer = c.scratch() + 512;
            c.put(set, 1L << SIGUSR1 - 1);
            c.fails(Errno.EINVAL, "signalfd4", -1, set, 4, 0);
            c.fails(Errno.EFAULT, "signalfd4", -1, 8, 8, 0);
            c.fails(Errno.EINVAL, "signalfd4", -1, set, 8, 1);
            c.fails(Errno.EBADF, "signalfd4", 99, set, 8, 0);
            c.gives(0, "rt_sigprocmask", 0, set, 0, 8);
            int fd = (int) c.ok("signalfd4", -1, set, 8, SFD_NONBLOCK);
            c.fails(Errno.EAGAIN, "read", fd, buffer, SIZE);
            c.fails(Errno.EINVAL, "read", fd, buffer, SIZE - 1);
            c.gives(0, "kill", c.cpu().getpid(), SIGUSR1);
            c.put(set + 64, fd & 0xffff_ffffL | (long) Poll.POLLIN << 32);
            c.gives(1, "poll", set + 64, 1, 0);
            c.gives(SIZE, "read", fd, buffer, 4 * SIZE);
            assertThat((int) c.get(buffer)).isEqualTo(SIGUSR1);
            assertThat((int) (c.get(buffer + 8) >>> 32)).isEqualTo(c.cpu().getpid());
            c.gives(0, "poll", set + 64, 1, 0);
        });
    }

    @Test
    void anotherThreadWakesAReader() {
        Calls.run(c -> {
            long set = c.scratch();
            c.put(set, 1L << SIGUSR1 - 1);
            c.gives(0, "rt_sigprocmask", 0, set, 0, 8);
            int fd = (int) c.ok("signalfd4", -1, set, 8, 0);
            int pid = c.cpu().getpid();
            c.cpu().thread(other -> {
                other.compute();
                other.syscall(62, pid, SIGUSR1);
                other.exit(0);
            });
            c.gives(SIZE, "read", fd, c.scratch() + 512, SIZE);
        });
    }
}
