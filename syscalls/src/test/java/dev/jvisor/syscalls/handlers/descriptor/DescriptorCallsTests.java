// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.syscalls.testing.Calls;

import org.junit.jupiter.api.Test;

/** dup(2), fcntl(2), ioctl(2), flock(2). Expected results are Linux 6.18's. */
final class DescriptorCallsTests {

    private static final long NOWHERE = 8;

    @Test
    void dupKeepsToLimits() {
        Calls.run(c -> {
            int fd = c.file("a", "x");
            c.gives(30, "dup2", fd, 30);
            c.gives(fd, "dup2", fd, fd);
            c.fails(Errno.EBADF, "dup2", 99, 99);
            c.fails(Errno.EBADF, "dup2", fd, -1);
            c.fails(Errno.EBADF, "dup2", fd, 1 << 30);
            c.gives(31, "dup3", fd, 31, Fcntl.O_CLOEXEC);
            c.gives(1, "fcntl", 31, Fcntl.F_GETFD, 0);
            c.fails(Errno.EINVAL, "dup3", fd, fd, 0);
            c.fails(Errno.EINVAL, "dup3", fd, 32, 1);
            c.gives(20, "fcntl", fd, Fcntl.F_DUPFD, 20);
            c.gives(21, "fcntl", fd, Fcntl.F_DUPFD_CLOEXEC, 20);
            c.gives(1, "fcntl", 21, Fcntl.F_GETFD, 0);
            c.fails(Errno.EINVAL, "fcntl", fd, Fcntl.F_DUPFD, -1);
            c.fails(Errno.EINVAL, "fcntl", fd, Fcntl.F_DUPFD, 1 << 30);
            c.gives(0, "close", 31);
            c.fails(Errno.EBADF, "close", 31);
        });
    }

    @Test
    void closeRangeMarksOrCloses() {
        Calls.run(c -> {
            int fd = c.file("a", "x");
            c.gives(20, "dup2", fd, 20);
            c.gives(25, "dup2", fd, 25);
            c.gives(0, "close_range", 20, 24, 4);
            c.gives(1, "fcntl", 20, Fcntl.F_GETFD, 0);
            c.gives(0, "fcntl", 25, Fcntl.F_GETFD, 0);
            c.gives(0, "close_range", 20, -1, 0);
            c.fails(Errno.EBADF, "fcntl", 25, Fcntl.F_GETFD, 0);
            c.gives(0, "fcntl", fd, Fcntl.F_GETFD, 0);
            c.fails(Errno.EINVAL, "close_range", 5, 4, 0);
            c.fails(Errno.EINVAL, "close_range", 5, 6, 64);
        });
    }

    @Test
    void closeRangeCanUnshareTheTableFirst() {
        Calls.run(c -> {
            int fd = c.file("a", "x");
            int[] go = c.pipe(0);
            int[] done = c.pipe(0);
            long[] seen = {-1};
            long buffer = c.cpu().page();
            c.cpu().thread(other -> {
                other.syscall(0, go[0], buffer, 1);
                seen[0] = other.syscall(72, fd, Fcntl.F_GETFD, 0);
                other.syscall(1, done[1], buffer, 1);
                other.exit(0);
            });
            c.gives(0, "close_range", fd, fd, 2);
            c.fails(Errno.EBADF, "fcntl", fd, Fcntl.F_GETFD, 0);
            c.gives(1, "write", go[1], "x", 1);
            c.gives(1, "read", done[0], c.scratch(), 1);
            assertThat(seen[0]).isZero();
        });
    }

    @Test
    void pathDescriptorsServeFewCommands() {
        Calls.run(c -> {
            c.file("a", "x");
            long fd = c.ok("open", "a", Fcntl.O_PATH, 0);
            c.gives(Fcntl.O_PATH, "fcntl", fd, Fcntl.F_GETFL, 0);
            c.fails(Errno.EBADF, "fcntl", fd, Fcntl.F_SETFL, 0);
            c.fails(Errno.EBADF, "fcntl", fd, Fcntl.F_SETLK, NOWHERE);
            c.fails(Errno.EBADF, "ioctl", fd, Ioctls.FIOCLEX, 0);
            c.fails(Errno.EBADF, "fchmod", fd, 0);
            c.fails(Errno.EBADF, "fsync", fd);
        });
    }

    @Test
    void genericIoctls() {
        Calls.run(c -> {
            int fd = c.file("a", "0123456789");
            c.gives(0, "ioctl", fd, Ioctls.FIOCLEX, 0);
            c.gives(1, "fcntl", fd, Fcntl.F_GETFD, 0);
            c.gives(0, "ioctl", fd, Ioctls.FIONCLEX, 0);
            c.gives(0, "fcntl", fd, Fcntl.F_GETFD, 0);
            c.ok("lseek", fd, 4, 0);
            c.gives(0, "ioctl", fd, Ioctls.FIONREAD, c.scratch());
            assertThat((int) c.get(c.scratch())).isEqualTo(6);
            c.put(c.scratch(), 1);
            c.gives(0, "ioctl", fd, Ioctls.FIONBIO, c.scratch());
            c.gives(0100000 | Fcntl.O_RDWR | Fcntl.O_NONBLOCK, "fcntl", fd, Fcntl.F_GETFL, 0);
            c.fails(Errno.EFAULT, "ioctl", fd, Ioctls.FIONBIO, NOWHERE);
            c.fails(Errno.ENOTTY, "ioctl", fd, 0x1234, 0);
            c.fails(Errno.EBADF, "ioctl", 99, Ioctls.FIOCLEX, 0);
            int[] pipe = c.pipe(0);
            c.gives(3, "write", pipe[1], "abc", 3);
            c.gives(0, "ioctl", pipe[0], Ioctls.FIONREAD, c.scratch());
            assertThat((int) c.get(c.scratch())).isEqualTo(3);
        });
    }

    @Test
    void wholeFileLocksBelongToTheDescription() {
        Calls.run(c -> {
            int first = c.file("a", "x");
            long second = c.ok("open", "a", Fcntl.O_RDWR, 0);
            c.gives(0, "flock", first, Fcntl.LOCK_EX);
            c.fails(Errno.EAGAIN, "flock", second, Fcntl.LOCK_SH | Fcntl.LOCK_NB);
            c.gives(0, "flock", c.ok("dup", first), Fcntl.LOCK_SH);
            c.gives(0, "flock", second, Fcntl.LOCK_SH | Fcntl.LOCK_NB);
            c.fails(Errno.EINVAL, "flock", 99, 0);
            c.fails(Errno.EBADF, "flock", 99, Fcntl.LOCK_EX);
            c.gives(0, "flock", 99, 32);
        });
    }

    private static final long LOCK = 512;

    private static long lock(Calls c, int type, int whence, long start, long length) {
        long address = c.scratch() + LOCK;
        c.put(address, type | (long) whence << 16, start, length, 0);
        return address;
    }

    @Test
    void recordLocksAreDecodedAsLinuxDoes() {
        Calls.run(c -> {
            int fd = c.file("a", "0123456789");
            c.fails(Errno.EFAULT, "fcntl", fd, Fcntl.F_SETLK, NOWHERE);
            c.fails(Errno.EINVAL, "fcntl", fd, Fcntl.F_SETLK, lock(c, 9, 0, 0, 0));
            c.fails(Errno.EINVAL, "fcntl", fd, Fcntl.F_SETLK, lock(c, 1, 9, 0, 0));
            c.fails(Errno.EINVAL, "fcntl", fd, Fcntl.F_SETLK, lock(c, 1, 0, -5, 0));
            c.fails(Errno.EINVAL, "fcntl", fd, Fcntl.F_SETLK, lock(c, 1, 0, 10, -20));
            long far = Long.MAX_VALUE;
            c.fails(Errno.EOVERFLOW, "fcntl", fd, Fcntl.F_SETLK, lock(c, 1, 2, far, 0));
            c.fails(Errno.EINVAL, "fcntl", fd, Fcntl.F_GETLK, lock(c, 2, 0, 0, 0));
            long readOnly = c.ok("open", "a", 0, 0);
            c.fails(Errno.EBADF, "fcntl", readOnly, Fcntl.F_SETLK, lock(c, 1, 0, 0, 0));
        });
    }

    @Test
    void anotherProcessSeesTheLock() {
        Calls.run(c -> {
            int fd = c.file("a", "0123456789");
            int parent = c.cpu().getpid();
            c.gives(0, "fcntl", fd, Fcntl.F_SETLK, lock(c, Fcntl.F_WRLCK, 2, -4, 2));
            int[] pipe = c.pipe(0);
            int child = c.cpu().fork(cpu -> {
                Calls other = new Calls(c.sandbox(), cpu);
                long flock = lock(other, Fcntl.F_RDLCK, 0, 0, 0);
                other.gives(0, "fcntl", fd, Fcntl.F_GETLK, flock);
                assertThat((short) other.get(flock)).isEqualTo((short) Fcntl.F_WRLCK);
                assertThat(other.get(flock + 8)).isEqualTo(6);
                assertThat(other.get(flock + 16)).isEqualTo(2);
                assertThat((int) other.get(flock + 24)).isEqualTo(parent);
                flock = lock(other, Fcntl.F_WRLCK, 0, 7, 1);
                other.fails(Errno.EAGAIN, "fcntl", fd, Fcntl.F_SETLK, flock);
                other.gives(1, "write", pipe[1], "x", 1);
                other.gives(0, "fcntl", fd, Fcntl.F_SETLKW, flock);
            });
            c.gives(1, "read", pipe[0], c.scratch(), 1);
            c.cpu().compute();
            c.gives(0, "fcntl", fd, Fcntl.F_SETLK, lock(c, Fcntl.F_UNLCK, 0, 0, 0));
            assertThat(c.cpu().wait4(child, 0, 0)).isEqualTo(child);
        });
    }

    @Test
    void descriptorLocksAreTheDescriptions() {
        Calls.run(c -> {
            int first = c.file("a", "x");
            long second = c.ok("open", "a", Fcntl.O_RDWR, 0);
            long flock = lock(c, Fcntl.F_WRLCK, 0, 0, 0);
            c.gives(0, "fcntl", first, Fcntl.F_OFD_SETLK, flock);
            c.fails(Errno.EAGAIN, "fcntl", second, Fcntl.F_OFD_SETLK, flock);
            c.put(flock + 24, 5);
            c.fails(Errno.EINVAL, "fcntl", first, Fcntl.F_OFD_SETLK, flock);
        });
    }

    @Test
    void failedPipeLeavesNoDescriptor() {
        Calls.run(c -> {
            c.fails(Errno.EFAULT, "pipe2", NOWHERE, 0);
            c.fails(Errno.EINVAL, "pipe2", c.scratch(), 1);
            int[] pipe = c.pipe(Fcntl.O_CLOEXEC);
            assertThat(pipe).containsExactly(0, 1);
            c.gives(1, "fcntl", pipe[1], Fcntl.F_GETFD, 0);
        });
    }
}
