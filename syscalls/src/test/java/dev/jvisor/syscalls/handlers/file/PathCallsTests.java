// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatStruct;
import dev.jvisor.syscalls.testing.Calls;

import org.junit.jupiter.api.Test;

/**
 * open(2), stat(2), rename(2) and the others that take a path. Expected results are Linux 6.18's.
 */
final class PathCallsTests {

    private static final long NOWHERE = 8;

    private static int mode(Calls c, String path) {
        c.gives(0, "lstat", path, c.scratch());
        return (int) c.get(c.scratch() + StatStruct.MODE);
    }

    @Test
    void openChecksFlagsThenPathThenDirectory() {
        Calls.run(c -> {
            int fd = c.file("a", "x");
            c.fails(Errno.EINVAL, "open", NOWHERE, Fcntl.O_DIRECTORY | Fcntl.O_CREAT, 0600);
            c.fails(Errno.EINVAL, "open", NOWHERE, Fcntl.O_TMPFILE, 0600);
            c.fails(Errno.EFAULT, "openat", 99, NOWHERE, 0, 0);
            c.fails(Errno.ENOENT, "open", "", 0, 0);
            c.fails(Errno.EBADF, "openat", 99, "a", 0, 0);
            c.fails(Errno.ENOTDIR, "openat", fd, "a", 0, 0);
            c.ok("openat", 99, "/a", 0, 0);
            c.fails(Errno.ENAMETOOLONG, "open", "x".repeat(4096), 0, 0);
            c.fails(Errno.ENAMETOOLONG, "open", "x".repeat(256), 0, 0);
            c.fails(Errno.EEXIST, "open", "a", Fcntl.O_CREAT | Fcntl.O_EXCL, 0600);
            c.fails(Errno.ENOTDIR, "open", "a/b", 0, 0);
            c.fails(Errno.EISDIR, "open", "/", Fcntl.O_RDWR, 0);
            // Bits that Linux does not know are ignored.
            c.ok("open", "a", 0x1000_0000, 0);
        });
    }

    @Test
    void getflTellsWhatOpenKept() {
        Calls.run(c -> {
            int flags = Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_TRUNC | Fcntl.O_CLOEXEC;
            long fd = c.ok("open", "a", flags | Fcntl.O_APPEND, 0600);
            c.gives(0102002, "fcntl", fd, Fcntl.F_GETFL, 0);
            c.gives(1, "fcntl", fd, Fcntl.F_GETFD, 0);
            long path = c.ok("open", "a", Fcntl.O_PATH | Fcntl.O_RDWR, 0);
            c.gives(Fcntl.O_PATH, "fcntl", path, Fcntl.F_GETFL, 0);
        });
    }

    @Test
    void openat2IsStrict() {
        Calls.run(c -> {
            c.file("a", "x");
            long how = c.scratch() + 512;
            c.put(how, 0, 0, 0, 0);
            c.ok("openat2", Calls.AT_FDCWD, "a", how, 24);
            c.ok("openat2", Calls.AT_FDCWD, "a", how, 32);
            c.fails(Errno.EINVAL, "openat2", Calls.AT_FDCWD, "a", how, 8);
            c.fails(Errno.E2BIG, "openat2", Calls.AT_FDCWD, "a", how, 5000);
            c.put(how, 0, 0, 0, 1);
            c.fails(Errno.E2BIG, "openat2", Calls.AT_FDCWD, "a", how, 32);
            c.put(how, 1L << 40, 0, 0);
            c.fails(Errno.EINVAL, "openat2", Calls.AT_FDCWD, "a", how, 24);
            c.put(how, 0, 0600, 0);
            c.fails(Errno.EINVAL, "openat2", Calls.AT_FDCWD, "a", how, 24);
            c.put(how, Fcntl.O_PATH | Fcntl.O_RDWR, 0, 0);
            c.fails(Errno.EINVAL, "openat2", Calls.AT_FDCWD, "a", how, 24);
            c.put(how, 0, 0, Fcntl.RESOLVE_BENEATH);
            c.fails(Errno.EXDEV, "openat2", Calls.AT_FDCWD, "/a", how, 24);
        });
    }

    @Test
    void statFillsInTheStructure() {
        Calls.run(c -> {
            int fd = c.file("a", "12345");
            c.gives(0, "fstat", fd, c.scratch());
            assertThat(c.get(c.scratch() + StatStruct.SIZE_BYTES)).isEqualTo(5);
            assertThat((int) c.get(c.scratch() + StatStruct.MODE)).isEqualTo(0100644);
            c.gives(0, "newfstatat", fd, "", c.scratch(), Fcntl.AT_EMPTY_PATH);
            c.fails(Errno.ENOENT, "newfstatat", fd, "", c.scratch(), 0);
            c.fails(Errno.EINVAL, "newfstatat", fd, NOWHERE, c.scratch(), 0x10);
            c.fails(Errno.ENOTDIR, "stat", "a/", c.scratch());
            c.fails(Errno.EFAULT, "stat", "a", NOWHERE);
            c.fails(Errno.EBADF, "fstat", 99, NOWHERE);
            c.fails(Errno.EINVAL, "statx", Calls.AT_FDCWD, "a", 0x6000, 0, c.scratch());
            c.fails(Errno.EINVAL, "statx", Calls.AT_FDCWD, "a", 0, 0x8000_0000, c.scratch());
            int[] pipe = c.pipe(0);
            c.gives(0, "fstat", pipe[0], c.scratch());
            assertThat((int) c.get(c.scratch() + StatStruct.MODE)).isEqualTo(0010600);
        });
    }

    @Test
    void directoriesLinksAndNodes() {
        Calls.run(c -> {
            c.file("a", "x");
            c.gives(0, "mkdir", "d", 0777);
            assertThat(mode(c, "d")).isEqualTo(0040755);
            c.fails(Errno.EEXIST, "mkdir", "d", 0777);
            c.fails(Errno.EISDIR, "unlink", "d");
            c.fails(Errno.ENOTDIR, "rmdir", "a");
            c.fails(Errno.EINVAL, "rmdir", "d/.");
            c.fails(Errno.ENOTEMPTY, "rmdir", "d/..");
            c.fails(Errno.EINVAL, "unlinkat", Calls.AT_FDCWD, "d", 1);
            c.fails(Errno.EPERM, "link", "d", "d2");
            c.gives(0, "link", "a", "b");
            c.gives(0, "symlink", "a", "s");
            c.fails(Errno.ENOENT, "symlink", "", "t");
            c.gives(1, "readlink", "s", c.scratch(), 100);
            c.fails(Errno.EINVAL, "readlink", "s", c.scratch(), 0);
            c.fails(Errno.EINVAL, "readlink", "a", c.scratch(), 100);
            c.fails(Errno.EINVAL, "linkat", Calls.AT_FDCWD, "a", Calls.AT_FDCWD, "z", 0x80);
            c.gives(0, "mknod", "p", 0010644, 0);
            assertThat(mode(c, "p")).isEqualTo(0010644);
            c.gives(0, "mknod", "r", 0600, 0);
            assertThat(mode(c, "r")).isEqualTo(0100600);
            c.fails(Errno.EPERM, "mknod", NOWHERE, 0040600, 0);
            c.fails(Errno.EINVAL, "mknod", NOWHERE, 0170000, 0);
            c.gives(0, "rename", "b", "c");
            int at = Calls.AT_FDCWD;
            c.fails(Errno.EINVAL, "renameat2", at, "c", at, "a", 3);
            c.fails(Errno.EINVAL, "renameat2", at, "c", at, "a", 64);
            c.fails(Errno.EEXIST, "renameat2", at, "c", at, "a", 1);
            c.gives(0, "renameat2", at, "c", at, "s", 2);
            assertThat(mode(c, "c") & 0170000).isEqualTo(0120000);
        });
    }

    @Test
    void getcwdCountsItsNulAndKnowsRemovedDirectories() {
        Calls.run(c -> {
            c.gives(0, "mkdir", "d", 0700);
            c.gives(0, "chdir", "d");
            c.gives(3, "getcwd", c.scratch(), 100);
            assertThat(c.text(c.scratch(), 3)).isEqualTo("/d\0");
            c.fails(Errno.ERANGE, "getcwd", c.scratch(), 2);
            c.fails(Errno.EFAULT, "getcwd", NOWHERE, 100);
            c.gives(0, "rmdir", "/d");
            c.fails(Errno.ENOENT, "getcwd", c.scratch(), 100);
            c.fails(Errno.ENOENT, "open", "x", Fcntl.O_CREAT, 0600);
            c.fails(Errno.ENOTDIR, "chdir", "/init");
        });
    }

    @Test
    void directoryEntriesAreAligned() {
        Calls.run(c -> {
            c.gives(0, "mkdir", "d", 0700);
            c.file("d/name", "");
            long fd = c.ok("open", "d", Fcntl.O_RDONLY, 0);
            c.fails(Errno.EINVAL, "getdents64", fd, c.scratch(), 8);
            long length = c.ok("getdents64", fd, c.scratch(), 4096);
            assertThat(length).isEqualTo(24 + 24 + 24);
            assertThat(c.text(c.scratch() + 48 + 19, 5)).isEqualTo("name\0");
            assertThat(c.get(c.scratch() + 48 + 16) & 0xff_ffff).isEqualTo(24 | 8 << 16);
            c.gives(0, "getdents64", fd, c.scratch(), 4096);
            c.gives(0, "lseek", fd, 0, 0);
            c.fails(Errno.EFAULT, "getdents64", fd, NOWHERE, 4096);
            c.gives(72, "getdents64", fd, c.scratch(), 4096);
            c.gives(0, "lseek", fd, 0, 0);
            c.gives(24, "getdents", fd, c.scratch(), 24);
            c.fails(Errno.ENOTDIR, "getdents64", c.file("f", ""), c.scratch(), 4096);
        });
    }

    @Test
    void timesAreCheckedAfterThePath() {
        Calls.run(c -> {
            int fd = c.file("a", "");
            long times = c.scratch() + 512;
            int at = Calls.AT_FDCWD;
            c.put(times, 100, 5, 200, 7);
            c.gives(0, "utimensat", at, "a", times, 0);
            c.gives(0, "stat", "a", c.scratch());
            assertThat(c.get(c.scratch() + StatStruct.ATIME)).isEqualTo(100);
            assertThat(c.get(c.scratch() + StatStruct.MTIME_NSEC)).isEqualTo(7);
            c.put(times, 1, 1_000_000_000, 1, 1);
            c.fails(Errno.EFAULT, "utimensat", at, NOWHERE, times, 0);
            c.fails(Errno.EINVAL, "utimensat", at, "a", times, 0);
            c.put(times, 1, 0x3ffffffe, 1, 0x3ffffffe);
            c.gives(0, "utimensat", 99, NOWHERE, times, -1);
            c.fails(Errno.EFAULT, "utimensat", at, 0, 0, 0);
            c.gives(0, "utimensat", fd, 0, 0, 0);
            c.put(times, 1, 2, 3, 4);
            c.gives(0, "utimes", "a", times);
            c.gives(0, "stat", "a", c.scratch());
            assertThat(c.get(c.scratch() + StatStruct.MTIME_NSEC)).isEqualTo(4000);
            c.put(times, 1, 1_000_000, 3, 4);
            c.fails(Errno.EINVAL, "utimes", "a", times);
        });
    }

    @Test
    void extendedAttributeArgumentsAreChecked() {
        Calls.run(c -> {
            c.file("a", "");
            c.fails(Errno.EINVAL, "setxattr", "a", NOWHERE, "v", 1, 8);
            c.fails(Errno.ERANGE, "setxattr", NOWHERE, "", "v", 1, 0);
            c.fails(Errno.ERANGE, "getxattr", NOWHERE, "user." + "x".repeat(251), 0, 0);
            c.fails(Errno.E2BIG, "setxattr", NOWHERE, "user.x", NOWHERE, 65537, 0);
            c.fails(Errno.EOPNOTSUPP, "setxattr", "a", "bad", "v", 1, 0);
            c.gives(0, "setxattr", "a", "user.x", "val", 3, 0);
            c.gives(3, "getxattr", "a", "user.x", 0, 0);
            c.fails(Errno.ERANGE, "getxattr", "a", "user.x", c.scratch(), 2);
            c.gives(3, "getxattr", "a", "user.x", c.scratch(), 3);
            assertThat(c.text(c.scratch(), 3)).isEqualTo("val");
            c.fails(Errno.ENODATA, "getxattr", "a", "user.y", c.scratch(), 3);
            c.gives(7, "listxattr", "a", c.scratch(), 100);
            c.gives(0, "symlink", "a", "s");
            c.fails(Errno.EPERM, "lsetxattr", "s", "user.x", "v", 1, 0);
            c.gives(0, "removexattr", "a", "user.x");
            c.fails(Errno.ENODATA, "removexattr", "a", "user.x");
        });
    }

    @Test
    void sizesAndSpace() {
        Calls.run(c -> {
            int fd = c.file("a", "x");
            long readOnly = c.ok("open", "a", 0, 0);
            c.fails(Errno.EINVAL, "ftruncate", 99, -1L);
            c.fails(Errno.EINVAL, "ftruncate", readOnly, 1);
            c.fails(Errno.EINVAL, "truncate", NOWHERE, -1L);
            c.fails(Errno.EISDIR, "truncate", "/", 1);
            c.gives(0, "truncate", "a", 8192);
            c.fails(Errno.EBADF, "fallocate", 99, 0, -1L, 5);
            c.fails(Errno.EINVAL, "fallocate", fd, 0, -1L, 5);
            c.fails(Errno.EINVAL, "fallocate", fd, 0, 0, 0);
            c.fails(Errno.EOPNOTSUPP, "fallocate", fd, 2, 0, 1);
            c.fails(Errno.EBADF, "fallocate", readOnly, 0, 0, 5);
            c.fails(Errno.EFBIG, "fallocate", fd, 0, Long.MAX_VALUE, 5);
            c.gives(0, "fallocate", fd, 3, 0, 4096);
            c.fails(Errno.EINVAL, "fsync", c.pipe(0)[0]);
            c.gives(0, "fsync", fd);
        });
    }

    @Test
    void copiesBetweenFiles() {
        Calls.run(c -> {
            int in = c.file("in", "0123456789");
            int out = c.file("out", "");
            long offset = c.scratch() + 512;
            c.put(offset, 7);
            c.gives(3, "sendfile", out, in, offset, 100);
            assertThat(c.get(offset)).isEqualTo(10);
            c.gives(0, "lseek", in, 0, 1);
            c.put(offset, -1);
            c.fails(Errno.EINVAL, "sendfile", out, in, offset, 1);
            int[] pipe = c.pipe(0);
            c.fails(Errno.EINVAL, "sendfile", out, pipe[0], 0, 1);
            c.gives(10, "sendfile", pipe[1], in, 0, 100);
            c.gives(10, "splice", pipe[0], 0, out, 0, 100, 0);
            c.fails(Errno.EINVAL, "splice", in, 0, out, 0, 100, 0);
            c.put(offset, 0);
            c.fails(Errno.ESPIPE, "splice", pipe[0], offset, out, 0, 100, 0);
            c.gives(13, "pread64", out, c.scratch(), 100, 0);
            assertThat(c.text(c.scratch(), 13)).isEqualTo("7890123456789");
            c.put(offset, 0);
            c.fails(Errno.EINVAL, "copy_file_range", in, offset, in, offset, 5, 0);
            c.put(offset, 0, 2);
            c.gives(4, "copy_file_range", in, offset, out, offset + 8, 4, 0);
            assertThat(c.get(offset + 8)).isEqualTo(6);
        });
    }
}
