// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.LittleEndian;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import org.junit.jupiter.api.Assumptions;

import java.util.Arrays;
import java.util.List;

/** Our line discipline against the host's: the same keys, writes, reads and settings. */
final class LineDisciplineProperties {

    private static final int PATIENCE_MILLIS = 3000;
    private static final int CHUNK = 8192;

    private static final int INPUT_FLAGS = Ioctls.ISTRIP
            | Ioctls.INLCR
            | Ioctls.IGNCR
            | Ioctls.ICRNL
            | Ioctls.IUCLC
            | Ioctls.IXON
            | Ioctls.IXANY
            | Ioctls.IUTF8
            | Ioctls.PARMRK;
    private static final int OUTPUT_FLAGS = Ioctls.OPOST
            | Ioctls.OLCUC
            | Ioctls.ONLCR
            | Ioctls.OCRNL
            | Ioctls.ONOCR
            | Ioctls.ONLRET
            | Ioctls.XTABS;
    private static final int LOCAL_FLAGS = Ioctls.ISIG
            | Ioctls.ICANON
            | Ioctls.ECHO
            | Ioctls.ECHOE
            | Ioctls.ECHOK
            | Ioctls.ECHONL
            | Ioctls.NOFLSH
            | Ioctls.ECHOCTL
            | Ioctls.ECHOPRT
            | Ioctls.ECHOKE
            | Ioctls.IEXTEN
            | Ioctls.EXTPROC;

    /** Something that happens to a terminal. */
    sealed interface Action {}

    record Type(byte[] keys) implements Action {
        @Override
        public String toString() {
            return "Type" + Arrays.toString(keys);
        }
    }

    record Show(byte[] text) implements Action {
        @Override
        public String toString() {
            return "Show" + Arrays.toString(text);
        }
    }

    record Read(int length) implements Action {}

    record Settings(int input, int output, int local, int minimum, int eol, boolean flushes)
            implements Action {
        byte[] encode() {
            byte[] b = Termios.INITIAL.encode(Termios.SIZEOF_TERMIOS);
            LittleEndian.putInt(b, 0, input);
            LittleEndian.putInt(b, 4, output);
            LittleEndian.putInt(b, 12, local);
            b[17 + Ioctls.VMIN] = (byte) minimum;
            b[17 + Ioctls.VEOL] = (byte) eol;
            b[17 + Ioctls.VEOL2] = (byte) (eol == 0 ? 0 : eol + 1);
            return b;
        }
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        Arbitrary<Byte> keys = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(6, Arbitraries.of(bytes("abAB_ 0"))),
                net.jqwik.api.Tuple.of(4, Arbitraries.of(bytes("\n\r\t\b\u007f\u0015\u0017"))),
                net.jqwik.api.Tuple.of(
                        3,
                        Arbitraries.of(
                                bytes("\u0003\u001a\u0004\u0016\u0012\u0013\u0011\u001c\u0001"))),
                net.jqwik.api.Tuple.of(2, Arbitraries.of(bytes("\u00c3\u00a9\u00ff\0\u0080~"))));
        Arbitrary<Action> type =
                keys.array(byte[].class).ofMinSize(1).ofMaxSize(12).map(k -> (Action) new Type(k));
        Arbitrary<Action> show = Arbitraries.of(bytes("abA \n\r\t\b\u001b\u00c3\u00a9\u00ff\0"))
                .array(byte[].class)
                .ofMinSize(1)
                .ofMaxSize(12)
                .map(Show::new);
        Arbitrary<Action> read = Arbitraries.integers().between(1, 20).map(Read::new);
        Arbitrary<Action> settings = Combinators.combine(
                        flags(INPUT_FLAGS, Termios.INITIAL.inputFlags),
                        flags(OUTPUT_FLAGS, Termios.INITIAL.outputFlags),
                        flags(LOCAL_FLAGS, Termios.INITIAL.localFlags),
                        Arbitraries.of(0, 1, 1, 3),
                        Arbitraries.of(0, 0, (int) '~', 0xfe),
                        Arbitraries.of(false, false, true))
                .as(Settings::new);
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(8, type),
                        net.jqwik.api.Tuple.of(3, show),
                        net.jqwik.api.Tuple.of(3, read),
                        net.jqwik.api.Tuple.of(2, settings))
                .list()
                .ofMinSize(3)
                .ofMaxSize(25);
    }

    private static Byte[] bytes(String text) {
        Byte[] result = new Byte[text.length()];
        for (int i = 0; i < result.length; i++) {
            result[i] = (byte) text.charAt(i);
        }
        return result;
    }

    /** The usual flags with some others, or any. */
    private static Arbitrary<Integer> flags(int all, int usual) {
        Arbitrary<Integer> any = Arbitraries.integers().map(i -> i & all);
        Arbitrary<Integer> near = Combinators.combine(any, any).as((a, b) -> usual ^ a & b & all);
        return Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(1, any),
                net.jqwik.api.Tuple.of(3, near),
                net.jqwik.api.Tuple.of(2, Arbitraries.just(usual)));
    }

    @Property(tries = 400)
    void behavesAsTheHostsTerminal(@ForAll("actions") List<Action> actions) throws Exception {
        Assumptions.assumeTrue(HostPty.isAvailable(), "no pseudo-terminals on this machine");
        try {
            playAll(actions);
        } catch (AssertionError e) {
            // The host works on input behind our back; what differs in earnest does so again.
            playAll(actions);
        }
    }

    private static void playAll(List<Action> actions) throws Exception {
        try (HostPty host = new HostPty()) {
            PtyMaster master = TestTerminals.open(TestContext.onTmpfs());
            Pty ours = master.pty();
            for (Action action : actions) {
                play(action, ours, host);
            }
            master.release();
        }
    }

    private static void play(Action action, Pty ours, HostPty host) throws Exception {
        switch (action) {
            case Type type -> {
                assertThat(ours.masterWrite(type.keys, 0, type.keys.length))
                        .isEqualTo(host.masterWrite(type.keys));
                compareScreens(ours, host);
                awaitInput(ours, host);
                if (Arrays.toString(type.keys).contains("19")) {
                    readAll(ours, host); // ^S shows nowhere: only then is it known to be seen
                }
            }
            case Show show -> {
                assertThat(ours.slaveWrite(show.text, 0, show.text.length))
                        .as("%s", show)
                        .isEqualTo(host.slaveWrite(show.text));
                compareScreens(ours, host);
            }
            case Read read -> read(read.length, ours, host);
            case Settings settings -> {
                readAll(ours, host);
                byte[] encoded = settings.encode();
                host.setTermios(encoded, settings.flushes);
                ours.setTermios(Termios.decode(encoded, false), settings.flushes);
                compareScreens(ours, host);
                assertThat(ours.termios().encode(Termios.SIZEOF_TERMIOS2))
                        .isEqualTo(host.termios((int) Ioctls.TCGETS2, Termios.SIZEOF_TERMIOS2));
            }
        }
    }

    /** Until both are in step: a poll that finds nothing makes the host take up what waits. */
    private static void readAll(Pty ours, HostPty host) throws Exception {
        while (read(CHUNK, ours, host)) {
            // the next line
        }
    }

    private static void awaitInput(Pty ours, HostPty host) throws Exception {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        while (host.slaveAvailable() != ours.slaveAvailable() && System.nanoTime() < end) {
            host.slaveHasInput();
            Thread.onSpinWait();
        }
        assertThat(ours.slaveAvailable()).as("FIONREAD").isEqualTo(host.slaveAvailable());
    }

    /** Reads both; whether there was anything. */
    private static boolean read(int length, Pty ours, HostPty host) throws Exception {
        host.slaveHasInput();
        awaitInput(ours, host);
        byte[] mine = new byte[length];
        int n = ours.slaveRead(mine, 0, length);
        byte[] theirs = host.slaveRead(length);
        boolean nothing = theirs == null || theirs.length == 0 && !ours.isCanonical();
        assertThat(n < 0).as("nothing to read").isEqualTo(nothing);
        if (n < 0) {
            return false;
        }
        assertThat(Arrays.copyOf(mine, n)).isEqualTo(theirs);
        compareScreens(ours, host);
        return true;
    }

    /** What both masters show since they were looked at. */
    private static void compareScreens(Pty ours, HostPty host) throws Exception {
        byte[] mine = TestTerminals.drain(ours);
        byte[] theirs = new byte[0];
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        do {
            host.slaveHasInput();
            byte[] more = host.masterRead(CHUNK);
            if (more != null) {
                int old = theirs.length;
                theirs = Arrays.copyOf(theirs, old + more.length);
                System.arraycopy(more, 0, theirs, old, more.length);
            }
        } while (theirs.length < mine.length && System.nanoTime() < end);
        assertThat(mine).isEqualTo(theirs);
    }

    @Property(tries = 200)
    void settingsKeepTheirMeaning(@ForAll byte[] noise) throws ErrnoException {
        Assumptions.assumeTrue(HostPty.isAvailable(), "no pseudo-terminals on this machine");
        byte[] b = Arrays.copyOf(noise, Termios.SIZEOF_TERMIOS);
        try (HostPty host = new HostPty()) {
            PtyMaster master = TestTerminals.open(TestContext.onTmpfs());
            Pty ours = master.pty();
            host.setTermios(b, false);
            ours.setTermios(Termios.decode(b, false), false);
            assertThat(ours.termios().encode(Termios.SIZEOF_TERMIOS2))
                    .isEqualTo(host.termios((int) Ioctls.TCGETS2, Termios.SIZEOF_TERMIOS2));
            assertThat(ours.termios().encodeTermio())
                    .isEqualTo(host.termios(Ioctls.TCGETA, Termios.SIZEOF_TERMIO));
            master.release();
        }
    }

    @Property(tries = 30)
    void longLinesEndAsInTheHost(@ForAll("lengths") int length, @ForAll boolean erases)
            throws Exception {
        Assumptions.assumeTrue(HostPty.isAvailable(), "no pseudo-terminals on this machine");
        try (HostPty host = new HostPty()) {
            PtyMaster master = TestTerminals.open(TestContext.onTmpfs());
            Pty ours = master.pty();
            Settings quiet = new Settings(Ioctls.ICRNL, 0, Ioctls.ICANON, 1, 0, false);
            play(quiet, ours, host);
            byte[] keys = new byte[length + 3];
            Arrays.fill(keys, 0, length, (byte) 'x');
            keys[length] = (byte) (erases ? 0x7f : 'y');
            keys[length + 1] = 'z';
            keys[length + 2] = '\n';
            for (int i = 0; i < keys.length; i += 1000) {
                byte[] piece = Arrays.copyOfRange(keys, i, Math.min(keys.length, i + 1000));
                play(new Type(piece), ours, host);
            }
            play(new Type(new byte[] {'q', '\n'}), ours, host);
            readAll(ours, host);
            master.release();
        }
    }

    @Provide
    Arbitrary<Integer> lengths() {
        return Arbitraries.oneOf(
                Arbitraries.integers().between(4085, 4100),
                Arbitraries.integers().between(1, 6000));
    }
}
