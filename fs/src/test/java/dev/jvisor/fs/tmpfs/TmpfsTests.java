// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import static dev.jvisor.fs.testing.Files.assertErrno;
import static dev.jvisor.fs.testing.Files.mkdir;
import static dev.jvisor.fs.testing.Files.open;
import static dev.jvisor.fs.testing.Files.stat;
import static dev.jvisor.fs.testing.Files.unlink;
import static dev.jvisor.fs.testing.Files.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.FilesystemContract;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.junit.jupiter.api.Test;

final class TmpfsTests extends FilesystemContract {

    @Override
    protected Filesystem newFilesystem() {
        return TestContext.newTmpfs();
    }

    @Test
    void removedFilesGiveTheirMemoryBack() throws ErrnoException {
        long before = TestContext.pages().memory().allocatedBytes();
        write(c, "/a", "x".repeat(100_000));
        write(c, "/b", "x".repeat(100_000));
        FileDescription open = open(c, "/a", Fcntl.O_RDONLY);
        unlink(c, "/a");
        unlink(c, "/b");
        open.release();
        assertThat(TestContext.pages().memory().allocatedBytes()).isEqualTo(before);
    }

    @Test
    void sizeOptionLimitsData() throws ErrnoException {
        mkdir(c, "/mnt");
        c.fs().mounts().registerType(Tmpfs.type(TestContext.pages(), 1 << 30));
        Vfs.mount(c, "none", "/mnt", "tmpfs", 0, "size=8k,nr_inodes=3,mode=0700,uid=3,gid=4");
        assertThat(stat(c, "/mnt").mode & 07777).isEqualTo(0700);
        assertThat(stat(c, "/mnt").uid).isEqualTo(3);
        FileDescription file = open(c, "/mnt/a", Fcntl.O_WRONLY | Fcntl.O_CREAT);
        assertThat(write(c, file, "x".repeat(10_000))).isEqualTo(8192);
        assertErrno(Errno.ENOSPC, () -> write(c, file, "x"));
        mkdir(c, "/mnt/b");
        assertErrno(Errno.ENOSPC, () -> mkdir(c, "/mnt/c"));
        file.release();
        assertErrno(Errno.EINVAL, () -> Vfs.mount(c, "none", "/mnt", "tmpfs", 0, "nonsense=1"));
    }

    @Test
    void seekFindsDataAndHoles() throws ErrnoException {
        FileDescription file = open(c, "/a", Fcntl.O_RDWR | Fcntl.O_CREAT);
        file.setPosition(1L << 40);
        write(c, file, "x");
        assertThat(file.seek(c, 0, Fcntl.SEEK_DATA)).isEqualTo(1L << 40);
        assertThat(file.seek(c, 0, Fcntl.SEEK_HOLE)).isZero();
        assertThat(file.seek(c, 1L << 40, Fcntl.SEEK_HOLE)).isEqualTo((1L << 40) + 1);
        file.release();
    }

    @Test
    void readUpdatesAccessTimeOnceAfterAChange() throws ErrnoException {
        write(c, "/a", "x");
        long first = stat(c, "/a").accessNanos;
        dev.jvisor.fs.testing.Files.read(c, "/a");
        long second = stat(c, "/a").accessNanos;
        dev.jvisor.fs.testing.Files.read(c, "/a");
        assertThat(second).isNotEqualTo(first);
        assertThat((long) stat(c, "/a").accessNanos).isEqualTo(second);
    }
}
