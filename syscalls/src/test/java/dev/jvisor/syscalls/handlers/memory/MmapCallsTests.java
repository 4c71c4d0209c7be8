// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.syscalls.testing.Calls;

import org.junit.jupiter.api.Test;

/** mmap(2) and relatives: what is checked before the memory manager. Expected are Linux 6.18's. */
final class MmapCallsTests {

    private static final int PAGE = 4096;
    private static final int SHARED = 1;
    private static final int PRIVATE = 2;
    private static final int ANONYMOUS = 32;

    @Test
    void mmapChecksOffsetThenDescriptorThenLengthThenMode() {
        Calls.run(c -> {
            c.fails(Errno.EINVAL, "mmap", 0, PAGE, 1, PRIVATE, 99, 1);
            c.fails(Errno.EBADF, "mmap", 0, 0, 1, PRIVATE, 99, 0);
            c.file("a", "x");
            long readOnly = c.ok("open", "a", Fcntl.O_RDONLY, 0);
            long writeOnly = c.ok("open", "a", Fcntl.O_WRONLY, 0);
            c.fails(Errno.EINVAL, "mmap", 0, 0, 1, PRIVATE, writeOnly, 0);
            c.fails(Errno.EACCES, "mmap", 0, PAGE, 0, PRIVATE, writeOnly, 0);
            c.fails(Errno.EACCES, "mmap", 0, PAGE, 3, SHARED, readOnly, 0);
            c.ok("mmap", 0, PAGE, 3, PRIVATE, readOnly, 0);
            long shared = c.ok("mmap", 0, PAGE, 1, SHARED, readOnly, 0);
            c.fails(Errno.EACCES, "mprotect", shared, PAGE, 3);
            c.fails(Errno.ENODEV, "mmap", 0, PAGE, 1, PRIVATE, c.pipe(0)[0], 0);
            c.fails(Errno.EBADF, "mmap", 0, PAGE, 1, PRIVATE, c.ok("open", "a", 010000000, 0), 0);
            c.ok("mmap", 0, PAGE, 1, PRIVATE | ANONYMOUS, 99, 0);
        });
    }

    @Test
    void sharedMappingShowsTheFile() {
        Calls.run(c -> {
            int fd = c.file("a", "01234567");
            long address = c.ok("mmap", 0, PAGE, 3, SHARED, fd, 0);
            assertThat(c.text(address, 8)).isEqualTo("01234567");
            c.put(address, 0x6161_6161_6161_6161L);
            c.gives(8, "pread64", fd, c.scratch(), 8, 0);
            assertThat(c.text(c.scratch(), 8)).isEqualTo("aaaaaaaa");
        });
    }

    @Test
    void sealedMemfdIsNotMappedForWriting() {
        Calls.run(c -> {
            long fd = c.ok("memfd_create", "x", 2);
            c.gives(0, "ftruncate", fd, PAGE);
            c.gives(0, "fcntl", fd, Fcntl.F_ADD_SEALS, Fcntl.F_SEAL_WRITE);
            c.fails(Errno.EPERM, "mmap", 0, PAGE, 3, SHARED, fd, 0);
            long address = c.ok("mmap", 0, PAGE, 1, SHARED, fd, 0);
            c.fails(Errno.EACCES, "mprotect", address, PAGE, 3);
            c.ok("mmap", 0, PAGE, 3, PRIVATE, fd, 0);
            c.fails(Errno.EINVAL, "memfd_create", "x", 0x1000);
            c.fails(Errno.EINVAL, "memfd_create", "x".repeat(250), 0);
            c.fails(Errno.EFAULT, "memfd_create", 8, 0);
        });
    }

    @Test
    void mincoreAndMlockNeedMappedMemory() {
        Calls.run(c -> {
            long page = c.cpu().page();
            c.gives(0, "mincore", page, PAGE, c.scratch());
            c.fails(Errno.EINVAL, "mincore", page + 1, PAGE, c.scratch());
            c.fails(Errno.EFAULT, "mincore", page, PAGE, 8);
            c.gives(0, "mlock", page + 5, 10);
            c.gives(0, "munmap", page, PAGE);
            c.fails(Errno.ENOMEM, "mincore", page, PAGE, c.scratch());
            c.fails(Errno.ENOMEM, "mlock", page, PAGE);
            c.fails(Errno.EINVAL, "mlock2", page, PAGE, 2);
            c.fails(Errno.EINVAL, "mlockall", 0);
            c.fails(Errno.EINVAL, "mlockall", 8);
            c.gives(0, "mlockall", 1);
            c.gives(0, "munlockall");
        });
    }
}
