// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import static dev.jvisor.fs.testing.Files.assertErrno;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.Files;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Signals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Both ends of a pseudo-terminal, and its devpts. */
@Timeout(20)
final class PtyTests {

    private static final int NO_TTY = Fcntl.O_RDWR | Fcntl.O_NOCTTY;

    private final TestContext c = TestContext.onTmpfs();

    @Test
    void linesComeOutAtTheOtherEnd() throws ErrnoException {
        PtyMaster master = TestTerminals.open(c);
        FileDescription slave = TestTerminals.openSlave(c, master, NO_TTY);
        Files.write(c, master, "typed");
        assertErrno(Errno.EAGAIN, () -> Files.read(c, slave, 10));
        Files.write(c, master, "\r");
        assertThat(Files.read(c, slave, 10)).isEqualTo("typed\n");
        Files.write(c, slave, "shown\n");
        assertThat(Files.read(c, master, 100)).isEqualTo("typed\r\nshown\r\n");
        assertErrno(Errno.EAGAIN, () -> Files.read(c, master, 10));
        slave.release();
        master.release();
    }

    @Test
    void slowReaderStopsTheWriter() throws ErrnoException {
        PtyMaster master = TestTerminals.open(c);
        FileDescription slave = TestTerminals.openSlave(c, master, NO_TTY);
        String much = "x".repeat(100_000);
        assertThat(Files.write(c, slave, much)).isBetween(4096L, 20_000L);
        assertThat(slave.poll() & Poll.POLLOUT).isZero();
        assertErrno(Errno.EAGAIN, () -> Files.write(c, slave, "y"));
        Files.read(c, master, 100);
        assertThat(slave.poll() & Poll.POLLOUT).isNotZero();
        assertThat(Files.write(c, slave, "y")).isEqualTo(1);
        slave.release();
        master.release();
    }

    @Test
    void closedMasterHangsUp() throws ErrnoException {
        PtyMaster master = TestTerminals.open(c);
        FileDescription slave = TestTerminals.openSlave(c, master, Fcntl.O_RDWR);
        assertThat(c.session().controllingTerminal()).isSameAs(master.pty());
        master.release();
        assertThat(c.signals).containsExactly(Signals.SIGHUP);
        assertThat(c.session().controllingTerminal()).isNull();
        assertThat(Files.read(c, slave, 10)).isEmpty();
        assertErrno(Errno.EIO, () -> Files.write(c, slave, "x"));
        assertThat(slave.poll() & Poll.POLLHUP).isNotZero();
        assertErrno(Errno.ENOENT, () -> Vfs.open(c, null, "/pts/0", NO_TTY, 0, 0));
        slave.release();
    }

    @Test
    void closedSlaveShowsAtTheMasterUntilItIsOpenedAgain() throws ErrnoException {
        PtyMaster master = TestTerminals.open(c);
        assertThat(master.poll() & Poll.POLLHUP).isZero();
        TestTerminals.openSlave(c, master, NO_TTY).release();
        assertThat(master.poll() & Poll.POLLHUP).isNotZero();
        assertErrno(Errno.EIO, () -> Files.read(c, master, 10));
        FileDescription again = TestTerminals.openSlave(c, master, NO_TTY);
        assertErrno(Errno.EAGAIN, () -> Files.read(c, master, 10));
        again.release();
        master.release();
    }

    @Test
    void keysSignalTheForeground() throws ErrnoException {
        PtyMaster master = TestTerminals.open(c);
        FileDescription slave = TestTerminals.openSlave(c, master, Fcntl.O_RDWR);
        Files.write(c, master, "lost\u0003\u001a\u001c");
        assertThat(c.signals).containsExactly(Signals.SIGINT, Signals.SIGTSTP, Signals.SIGQUIT);
        master.pty().setWindowSize(new byte[] {24, 0, 80, 0, 0, 0, 0, 0});
        master.pty().setWindowSize(new byte[] {24, 0, 80, 0, 0, 0, 0, 0});
        assertThat(c.signals).hasSize(4).endsWith(Signals.SIGWINCH);
        slave.release();
        master.release();
    }

    @Test
    void numbersAreReusedAndBounded() throws ErrnoException {
        TestTerminals.mount(c, "max=2");
        PtyMaster first = TestTerminals.openMaster(c);
        PtyMaster second = TestTerminals.openMaster(c);
        assertErrno(Errno.ENOSPC, () -> TestTerminals.openMaster(c));
        first.release();
        PtyMaster third = TestTerminals.openMaster(c);
        assertThat(third.pty().index()).isZero();
        second.release();
        third.release();
    }
}
