// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.dev;

import static dev.jvisor.fs.testing.Files.assertErrno;
import static dev.jvisor.fs.testing.Files.find;
import static dev.jvisor.fs.testing.Files.list;
import static dev.jvisor.fs.testing.Files.mkdir;
import static dev.jvisor.fs.testing.Files.open;
import static dev.jvisor.fs.testing.Files.read;
import static dev.jvisor.fs.testing.Files.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.mm.Mappable;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DevicesTests {

    private TestContext c;

    @BeforeEach
    void makeDev() throws ErrnoException {
        c = TestContext.onTmpfs();
        Devices.register(c.fs().mounts().registry(), TestContext.pages());
        mkdir(c, "/dev");
        c.fs().mounts()
                .mount(Devices.createDevtmpfs(TestContext.pages(), c), find(c, "/dev"), 0, "dev");
    }

    @Test
    void devHasWhatContainersExpect() throws ErrnoException {
        assertThat(list(c, "/dev"))
                .contains(
                        "null", "zero", "full", "random", "urandom", "tty", "pts", "shm", "ptmx",
                        "fd", "stdin", "stdout", "stderr");
    }

    @Test
    void nullTakesAllAndGivesNothing() throws ErrnoException {
        FileDescription file = open(c, "/dev/null", Fcntl.O_RDWR);
        assertThat(write(c, file, "abc")).isEqualTo(3);
        assertThat(read(c, file, 10)).isEmpty();
        write(c, "/dev/null", "O_TRUNC is no harm");
    }

    @Test
    void zeroAndFull() throws ErrnoException {
        assertThat(read(c, open(c, "/dev/zero", Fcntl.O_RDONLY), 3)).isEqualTo("\0\0\0");
        FileDescription full = open(c, "/dev/full", Fcntl.O_RDWR);
        assertThat(read(c, full, 2)).isEqualTo("\0\0");
        assertErrno(Errno.ENOSPC, () -> write(c, full, "x"));
        Mappable zero = open(c, "/dev/zero", Fcntl.O_RDWR).mappable(c);
        Mappable.Location location = new Mappable.Location();
        zero.locate(1 << 20, 4096, location);
        assertThat(location.length).isEqualTo(4096);
    }

    @Test
    void randomBytesDiffer() throws ErrnoException {
        FileDescription file = open(c, "/dev/urandom", Fcntl.O_RDONLY);
        assertThat(read(c, file, 5000)).hasSize(5000).isNotEqualTo(read(c, file, 5000));
    }

    @Test
    void nodesWorkAnywhereUnlessTheirDeviceIsUnknown() throws ErrnoException {
        Vfs.mknod(c, null, "/n", StatMode.S_IFCHR | 0666, DeviceNumber.make(1, 3));
        assertThat(read(c, "/n")).isEmpty();
        Vfs.mknod(c, null, "/u", StatMode.S_IFCHR | 0666, DeviceNumber.make(99, 3));
        assertErrno(Errno.ENXIO, () -> open(c, "/u", Fcntl.O_RDONLY));
        Vfs.chmod(c, find(c, "/dev/shm"), 01777);
        assertErrno(
                Errno.EPERM,
                () -> Vfs.mknod(c.as(1, 1), c.fs().root(), "/dev/shm/x", StatMode.S_IFCHR, 0x103));
        assertErrno(Errno.ENXIO, () -> open(c, "/dev/tty", Fcntl.O_RDWR));
    }
}
