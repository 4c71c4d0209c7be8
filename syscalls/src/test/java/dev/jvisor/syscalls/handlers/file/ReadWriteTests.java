// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.syscalls.testing.Calls;

import org.junit.jupiter.api.Test;

/** Expected results are Linux 6.18's. */
final class ReadWriteTests {

    private static final long NOWHERE = 8;
    private static final long SA_RESTART = 0x1000_0000;

    @Test
    void positionsMoveOnlyWithoutOffset() {
        Calls.run(c -> {
            int fd = c.file("a", "hello world");
            c.gives(5, "read", fd, c.scratch(), 5);
            assertThat(c.text(c.scratch(), 5)).isEqualTo("hello");
            c.gives(5, "pread64", fd, c.scratch(), 100, 6);
            assertThat(c.text(c.scratch(), 5)).isEqualTo("world");
            c.gives(1, "pwrite64", fd, "J", 1, 0);
            c.gives(5, "lseek", fd, 0, Fcntl.SEEK_CUR);
            c.gives(6, "read", fd, c.scratch(), 100);
            c.gives(0, "read", fd, c.scratch(), 100);
            c.gives(0, "pread64", fd, c.scratch(), 100, 1000);
        });
    }

    @Test
    void errorsComeInLinuxOrder() {
        Calls.run(c -> {
            int fd = c.file("a", "x");
            int readOnly = (int) c.ok("open", "a", Fcntl.O_RDONLY, 0);
            int path = (int) c.ok("open", "a", Fcntl.O_PATH, 0);
            int[] pipe = c.pipe(0);
            c.fails(Errno.EBADF, "read", 99, NOWHERE, 1);
            c.fails(Errno.EBADF, "read", -1, NOWHERE, 1);
            c.fails(Errno.EBADF, "read", path, c.scratch(), 1);
            c.fails(Errno.EBADF, "write", readOnly, c.scratch(), 1);
            c.fails(Errno.EBADF, "read", pipe[1], c.scratch(), 1);
            c.fails(Errno.EFAULT, "read", fd, NOWHERE, 10);
            c.fails(Errno.EFAULT, "read", fd, c.scratch(), -1L);
            c.fails(Errno.EFAULT, "write", fd, NOWHERE, 10);
            c.gives(0, "read", fd, NOWHERE, 0);
            c.fails(Errno.EINVAL, "pread64", 99, c.scratch(), 1, -1L);
            c.fails(Errno.ESPIPE, "pread64", pipe[1], c.scratch(), 1, 0);
            c.fails(Errno.ESPIPE, "lseek", pipe[0], 0, 0);
            c.fails(Errno.EINVAL, "lseek", pipe[0], 0, 9);
        });
    }

    @Test
    void vectorsAreCheckedAndScattered() {
        Calls.run(c -> {
            int fd = c.file("a", "0123456789");
            long iov = c.scratch() + 256;
            c.put(iov, c.scratch(), 3, NOWHERE, 0, c.scratch() + 8, 100);
            c.gives(10, "readv", fd, iov, 3);
            assertThat(c.text(c.scratch(), 3)).isEqualTo("012");
            assertThat(c.text(c.scratch() + 8, 7)).isEqualTo("3456789");
            c.gives(8, "preadv", fd, iov, 3, 2);
            c.gives(0, "readv", fd, iov, 0);
            c.fails(Errno.EINVAL, "readv", fd, iov, -1);
            c.fails(Errno.EINVAL, "readv", fd, iov, 1025);
            c.fails(Errno.EFAULT, "readv", fd, NOWHERE, 1);
            c.put(iov, c.scratch(), -1);
            c.fails(Errno.EINVAL, "writev", fd, iov, 3);
            c.put(iov, c.scratch(), 3);
            c.fails(Errno.EOPNOTSUPP, "pwritev2", fd, iov, 1, 0, 0, 0x1000);
            c.fails(Errno.EINVAL, "pwritev2", fd, iov, 1, -2L, 0, 0);
            c.gives(0, "lseek", fd, 0, 0);
            c.gives(3, "preadv2", fd, iov, 1, -1L, 0, 0);
            c.gives(3, "lseek", fd, 0, Fcntl.SEEK_CUR);
        });
    }

    @Test
    void appendingWritesIgnoreTheOffset() {
        Calls.run(c -> {
            int fd = c.file("a", "abc");
            c.gives(0, "fcntl", fd, Fcntl.F_SETFL, Fcntl.O_APPEND);
            c.gives(2, "pwrite64", fd, "yy", 2, 0);
            c.gives(2, "write", fd, "zz", 2);
            c.gives(7, "pread64", fd, c.scratch(), 100, 0);
            assertThat(c.text(c.scratch(), 7)).isEqualTo("abcyyzz");
        });
    }

    @Test
    void blockedReadGetsWhatAnotherThreadWrites() {
        Calls.run(c -> {
            int[] pipe = c.pipe(0);
            long text = c.sandbox().string(c.cpu(), "late");
            c.cpu().thread(other -> {
                other.compute();
                other.syscall(1, pipe[1], text, 4);
                other.exit(0);
            });
            c.gives(4, "read", pipe[0], c.scratch(), 100);
            assertThat(c.text(c.scratch(), 4)).isEqualTo("late");
        });
    }

    @Test
    void writeLargerThanThePipeWaitsUntilAllIsTaken() {
        Calls.run(c -> {
            int[] pipe = c.pipe(0);
            long buffer = c.ok("mmap", 0, 1 << 20, 3, 0x22, -1, 0);
            long sink = c.ok("mmap", 0, 1 << 16, 3, 0x22, -1, 0);
            c.cpu().thread(other -> {
                long total = 0;
                while (total < 200_000) {
                    total += other.syscall(0, pipe[0], sink, 4096);
                }
                other.exit(0);
            });
            c.gives(200_000, "write", pipe[1], buffer, 200_000);
        });
    }

    @Test
    void nonBlockingPipeGivesPartialCountsThenEagain() {
        Calls.run(c -> {
            int[] pipe = c.pipe(Fcntl.O_NONBLOCK);
            long buffer = c.ok("mmap", 0, 1 << 20, 3, 0x22, -1, 0);
            c.fails(Errno.EAGAIN, "read", pipe[0], buffer, 1);
            c.gives(65536, "write", pipe[1], buffer, 200_000);
            c.fails(Errno.EAGAIN, "write", pipe[1], buffer, 1);
            c.gives(4096, "read", pipe[0], buffer, 4096);
            c.gives(4096, "write", pipe[1], buffer, 200_000);
        });
    }

    @Test
    void signalEndsAReadWithEintr() {
        Calls.run(c -> {
            int[] pipe = c.pipe(0);
            long result = c.interrupted(0, "read", pipe[0], c.scratch(), 1);
            assertThat(Calls.name(result)).isEqualTo("EINTR");
        });
    }

    @Test
    void restartedReadGoesOn() {
        Calls.run(c -> {
            int[] pipe = c.pipe(0);
            int pid = c.cpu().getpid();
            int tid = c.cpu().gettid();
            int[] handled = {0};
            long text = c.sandbox().string(c.cpu(), "r");
            c.cpu().sigaction(c.sandbox(), 10, c.cpu().handler(() -> handled[0]++), SA_RESTART);
            c.cpu().thread(other -> {
                for (int i = 0; i < 5; i++) {
                    other.compute();
                    other.syscall(234, pid, tid, 10);
                }
                other.compute();
                other.syscall(1, pipe[1], text, 1);
                other.exit(0);
            });
            c.gives(1, "read", pipe[0], c.scratch(), 1);
            assertThat(handled[0]).isPositive();
        });
    }

    @Test
    void signalAfterAPartialWriteGivesTheCount() {
        Calls.run(c -> {
            int[] pipe = c.pipe(0);
            long buffer = c.ok("mmap", 0, 1 << 20, 3, 0x22, -1, 0);
            long result = c.interrupted(SA_RESTART, "write", pipe[1], buffer, 200_000);
            assertThat(result).isEqualTo(65536);
        });
    }

    @Test
    void writeWithoutReadersIsEpipeAndSigpipe() {
        Calls.run(c -> {
            int[] pipe = c.pipe(0);
            int[] handled = {0};
            c.cpu().sigaction(c.sandbox(), 13, c.cpu().handler(() -> handled[0]++), 0);
            c.gives(0, "close", pipe[0]);
            c.fails(Errno.EPIPE, "write", pipe[1], "x", 1);
            assertThat(handled[0]).isEqualTo(1);
        });
    }
}
