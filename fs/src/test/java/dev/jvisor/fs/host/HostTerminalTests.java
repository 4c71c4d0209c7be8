// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.host;

import static dev.jvisor.fs.testing.Files.assertErrno;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jvisor.fs.testing.Files;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostTty;
import dev.jvisor.platform.host.NativeBuffer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A pseudo-terminal of the host as the guest's terminal. */
@Timeout(20)
final class HostTerminalTests {

    private static final int SIZEOF_TERMIOS = 36;
    private static final int OFFSET_C_LFLAG = 12;

    private final TestContext c = TestContext.onTmpfs();
    private int master;
    private int slave;
    private HostFileDescription file;
    private HostTerminal terminal;

    @BeforeEach
    void openPair() throws ErrnoException {
        int flags = Fcntl.O_RDWR | Fcntl.O_NOCTTY;
        master = HostFiles.open("/dev/ptmx", flags);
        HostTty.set(master, Ioctls.TIOCSPTLCK, new byte[4]);
        byte[] number = new byte[4];
        HostTty.get(master, Ioctls.TIOCGPTN, number);
        int n = number[0] & 0xff | (number[1] & 0xff) << 8;
        slave = HostFiles.open("/dev/pts/" + n, flags);
        HostFiles.fcntl(slave, Fcntl.F_SETFD, 0);
        file = HostStreams.open(slave)[0];
        terminal = file.terminal();
        assertThat(terminal).isNotNull();
    }

    @AfterEach
    void closePair() {
        file.release();
        HostFiles.close(slave);
        HostFiles.close(master);
    }

    private void type(String text) throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        b.put(0, text.getBytes(ISO_8859_1), 0, text.length());
        HostFiles.write(master, b.address(), text.length());
    }

    /** A session whose groups get their signals recorded. */
    private static final class Shell implements CallContext.Session {
        final List<String> signals = new ArrayList<>();
        final int group;

        Shell(int group) {
            this.group = group;
        }

        @Override
        public Object session() {
            return this;
        }

        @Override
        public Object processGroup() {
            return group;
        }

        @Override
        public boolean isLeader() {
            return true;
        }

        @Override
        public @Nullable Object controllingTerminal() {
            return null;
        }

        @Override
        public void setControllingTerminal(@Nullable Object terminal) {}

        @Override
        public void dropControllingTerminal(Object terminal) {}

        @Override
        public void hangUpLeader(@Nullable Object foreground) {}

        @Override
        public void signalProcessGroup(Object processGroup, int signal) {
            signals.add(processGroup + ":" + signal);
        }

        @Override
        public Object findProcessGroup(int id) {
            return id;
        }

        @Override
        public boolean isOfSession(Object processGroup) {
            return true;
        }

        @Override
        public int processGroupId(Object processGroup) {
            return (Integer) processGroup;
        }

        @Override
        public int sessionId(Object session) {
            return 7;
        }

        @Override
        public boolean isOrphaned() {
            return false;
        }

        @Override
        public boolean isIgnoredOrBlocked(int signal) {
            return false;
        }
    }

    @Test
    void readsALineAtATimeAndNeverWaits() throws ErrnoException {
        assertErrno(Errno.EAGAIN, () -> Files.read(c, file, 100));
        assertThat(file.poll() & (Poll.POLLIN | Poll.POLLOUT)).isEqualTo(Poll.POLLOUT);
        type("one\ntwo\n");
        assertThat(Files.read(c, file, 100)).isEqualTo("one\n");
        assertThat(Files.read(c, file, 2)).isEqualTo("tw");
        assertThat(Files.read(c, file, 100)).isEqualTo("o\n");
        type("no end yet");
        assertErrno(Errno.EAGAIN, () -> Files.read(c, file, 100));
    }

    @Test
    void longOutputComesOutWhole() throws Exception {
        String text = "x".repeat(1500);
        assertThat(Files.write(c, file, text)).isEqualTo(1500);
        NativeBuffer b = NativeBuffer.scratch();
        int got = 0;
        while (got < 1500) {
            got += (int) HostFiles.read(master, b.address(), 4096);
        }
        assertThat(got).isEqualTo(1500);
    }

    @Test
    void stoppedTerminalWouldBlock() throws ErrnoException {
        HostTty.control(slave, Ioctls.TCXONC, Ioctls.TCOOFF);
        assertErrno(Errno.EAGAIN, () -> Files.write(c, file, "x"));
        HostTty.control(slave, Ioctls.TCXONC, Ioctls.TCOON);
        assertThat(Files.write(c, file, "x")).isEqualTo(1);
    }

    @Test
    void descriptorsOfOneTerminalShareIt() throws ErrnoException {
        HostFileDescription[] both = HostStreams.open(slave, slave);
        assertThat(both[0].terminal()).isSameAs(both[1].terminal());
        both[0].release();
        both[1].release();
    }

    @Test
    void backgroundGroupMayNotRead() throws ErrnoException {
        terminal.attach(new Shell(2));
        type("text\n");
        assertThat(Files.read(c, file, 100)).as("not its terminal").isEqualTo("text\n");
        c.session().setControllingTerminal(terminal);
        type("text\n");
        assertErrno(Errno.ERESTARTSYS, () -> Files.read(c, file, 100));
        assertThat(Files.write(c, file, "x")).as("without TOSTOP").isEqualTo(1);
        byte[] settings = new byte[SIZEOF_TERMIOS];
        HostTty.get(slave, Ioctls.TCGETS, settings);
        settings[OFFSET_C_LFLAG + 1] |= 1; // TOSTOP
        HostTty.set(slave, Ioctls.TCSETS, settings);
        assertErrno(Errno.ERESTARTSYS, () -> Files.write(c, file, "x"));
        terminal.attach(c.session());
        assertThat(Files.read(c, file, 100)).isEqualTo("text\n");
    }

    @Test
    void signalsOfTheHostGoToTheForeground() {
        Shell shell = new Shell(5);
        terminal.signalForeground(Signals.SIGINT);
        assertThat(shell.signals).isEmpty();
        terminal.attach(shell);
        terminal.signalForeground(Signals.SIGINT);
        assertThat(shell.signals).containsExactly("5:" + Signals.SIGINT);
        assertThat(terminal.hasJobControl()).isFalse();
    }

    @Test
    void settingsAreRestoredAtTheEnd() throws ErrnoException {
        byte[] before = new byte[SIZEOF_TERMIOS];
        HostTty.get(slave, Ioctls.TCGETS, before);
        byte[] raw = before.clone();
        Arrays.fill(raw, OFFSET_C_LFLAG, OFFSET_C_LFLAG + 4, (byte) 0);
        HostTty.set(slave, Ioctls.TCSETS, raw);
        terminal.restore();
        byte[] after = new byte[SIZEOF_TERMIOS];
        HostTty.get(slave, Ioctls.TCGETS, after);
        assertThat(after).isEqualTo(before);
    }
}
