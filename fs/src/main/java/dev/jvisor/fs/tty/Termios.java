// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.LittleEndian;

/**
 * Settings of a terminal (Linux: {@code struct ktermios}). Instances are never changed: a change
 * makes another, so that they can be read without a lock.
 */
public final class Termios {

    /** Bytes of struct termios, termios2, termio (asm-generic/termbits.h). */
    public static final int SIZEOF_TERMIOS = 36;

    public static final int SIZEOF_TERMIOS2 = 44;
    public static final int SIZEOF_TERMIO = 18;

    private static final int CONTROL_CHARACTERS = 19;
    private static final int OFFSET_LINE = 16;
    private static final int OFFSET_CHARACTERS = 17;
    private static final int OFFSET_SPEEDS = 36;
    private static final int TERMIO_LINE = 8;
    private static final int TERMIO_CHARACTERS = 9;
    private static final int TERMIO_CHARACTER_COUNT = 8;

    private static final int BAUD_38400 = 38400;
    private static final int BOTHER = 0x1000;
    private static final int CIBAUD = 0x100f0000;
    private static final int ADDRB = 0x20000000; // only drivers that know it keep it
    private static final int BAUD_EXTENSION = 0x1000; // CBAUDEX

    /** Baud rates by their four bits, then those with CBAUDEX. */
    private static final int[] BAUD_RATES = {
        0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 0,
        57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000,
        2500000, 3000000, 3500000, 4000000
    };

    /** What a new terminal has (Linux: {@code tty_std_termios}). */
    static final Termios INITIAL = new Termios(
            Ioctls.ICRNL | Ioctls.IXON,
            Ioctls.OPOST | Ioctls.ONLCR,
            Ioctls.B38400 | Ioctls.CS8 | Ioctls.CREAD,
            Ioctls.ISIG
                    | Ioctls.ICANON
                    | Ioctls.ECHO
                    | Ioctls.ECHOE
                    | Ioctls.ECHOK
                    | Ioctls.ECHOCTL
                    | Ioctls.ECHOKE
                    | Ioctls.IEXTEN,
            0,
            initialCharacters(),
            BAUD_38400,
            BAUD_38400);

    final int inputFlags;
    final int outputFlags;
    final int controlFlags;
    final int localFlags;
    private final int line;
    private final byte[] characters;
    private final int inputSpeed;
    private final int outputSpeed;

    private Termios(
            int inputFlags,
            int outputFlags,
            int controlFlags,
            int localFlags,
            int line,
            byte[] characters,
            int inputSpeed,
            int outputSpeed) {
        this.inputFlags = inputFlags;
        this.outputFlags = outputFlags;
        this.controlFlags = controlFlags;
        this.localFlags = localFlags;
        this.line = line;
        this.characters = characters;
        this.inputSpeed = inputSpeed;
        this.outputSpeed = outputSpeed;
    }

    private static byte[] initialCharacters() {
        byte[] c = new byte[CONTROL_CHARACTERS];
        c[Ioctls.VINTR] = 'C' & 0x1f;
        c[Ioctls.VQUIT] = '\\' & 0x1f;
        c[Ioctls.VERASE] = 0x7f;
        c[Ioctls.VKILL] = 'U' & 0x1f;
        c[Ioctls.VEOF] = 'D' & 0x1f;
        c[Ioctls.VMIN] = 1;
        c[Ioctls.VSTART] = 'Q' & 0x1f;
        c[Ioctls.VSTOP] = 'S' & 0x1f;
        c[Ioctls.VSUSP] = 'Z' & 0x1f;
        c[Ioctls.VREPRINT] = 'R' & 0x1f;
        c[Ioctls.VDISCARD] = 'O' & 0x1f;
        c[Ioctls.VWERASE] = 'W' & 0x1f;
        c[Ioctls.VLNEXT] = 'V' & 0x1f;
        return c;
    }

    boolean input(int flag) {
        return (inputFlags & flag) != 0;
    }

    boolean output(int flag) {
        return (outputFlags & flag) != 0;
    }

    boolean local(int flag) {
        return (localFlags & flag) != 0;
    }

    /** A control character by its index {@code V*}, 0 to 255. */
    int character(int index) {
        return characters[index] & 0xff;
    }

    /** Whether bytes are a character {@code V*} that does something; NUL is none. */
    boolean is(int index, int c) {
        return c != 0 && character(index) == c;
    }

    /** Decodes {@code struct termios}, or with {@code speeds} {@code struct termios2}. */
    public static Termios decode(byte[] b, boolean speeds) {
        byte[] c = new byte[CONTROL_CHARACTERS];
        System.arraycopy(b, OFFSET_CHARACTERS, c, 0, CONTROL_CHARACTERS);
        int control = LittleEndian.getInt(b, 8) & ~ADDRB;
        int in = speeds ? LittleEndian.getInt(b, OFFSET_SPEEDS) : BAUD_38400;
        int out = speeds ? LittleEndian.getInt(b, OFFSET_SPEEDS + 4) : BAUD_38400;
        return new Termios(
                LittleEndian.getInt(b, 0),
                LittleEndian.getInt(b, 4),
                control,
                LittleEndian.getInt(b, 12),
                b[OFFSET_LINE] & 0xff,
                c,
                inputSpeed(control, in, out),
                outputSpeed(control, out));
    }

    /** The rate that the bits say, or the given one if they say "other" (Linux: tty_baudrate.c). */
    private static int outputSpeed(int control, int given) {
        int bits = control & Ioctls.CBAUD;
        return bits == BOTHER ? given : rate(bits);
    }

    private static int inputSpeed(int control, int given, int givenOut) {
        int bits = (control & CIBAUD) >>> Ioctls.IBSHIFT;
        if (bits == 0) {
            return outputSpeed(control, givenOut);
        }
        return bits == BOTHER ? given : rate(bits);
    }

    private static int rate(int bits) {
        return BAUD_RATES[bits & 15 | ((bits & BAUD_EXTENSION) != 0 ? 16 : 0)];
    }

    /** Encodes {@code struct termios} (36 bytes) or {@code struct termios2} (44 bytes). */
    public byte[] encode(int size) {
        byte[] b = new byte[size];
        LittleEndian.putInt(b, 0, inputFlags);
        LittleEndian.putInt(b, 4, outputFlags);
        LittleEndian.putInt(b, 8, controlFlags);
        LittleEndian.putInt(b, 12, localFlags);
        b[OFFSET_LINE] = (byte) line;
        System.arraycopy(characters, 0, b, OFFSET_CHARACTERS, CONTROL_CHARACTERS);
        if (size == SIZEOF_TERMIOS2) {
            LittleEndian.putInt(b, OFFSET_SPEEDS, inputSpeed);
            LittleEndian.putInt(b, OFFSET_SPEEDS + 4, outputSpeed);
        }
        return b;
    }

    /** Encodes {@code struct termio}: 16 bits of each field, eight characters. */
    byte[] encodeTermio() {
        byte[] b = new byte[SIZEOF_TERMIO];
        putShort(b, 0, inputFlags);
        putShort(b, 2, outputFlags);
        putShort(b, 4, controlFlags);
        putShort(b, 6, localFlags);
        b[TERMIO_LINE] = (byte) line;
        System.arraycopy(characters, 0, b, TERMIO_CHARACTERS, TERMIO_CHARACTER_COUNT);
        return b;
    }

    /** Replaces what {@code struct termio} has. */
    Termios withTermio(byte[] b) {
        byte[] c = characters.clone();
        System.arraycopy(b, TERMIO_CHARACTERS, c, 0, TERMIO_CHARACTER_COUNT);
        int control = lower(controlFlags, b, 4);
        return new Termios(
                lower(inputFlags, b, 0),
                lower(outputFlags, b, 2),
                control,
                lower(localFlags, b, 6),
                b[TERMIO_LINE] & 0xff,
                c,
                inputSpeed(control, inputSpeed, outputSpeed),
                outputSpeed(control, outputSpeed));
    }

    private static void putShort(byte[] b, int at, int value) {
        b[at] = (byte) value;
        b[at + 1] = (byte) (value >>> 8);
    }

    private static int lower(int old, byte[] b, int at) {
        return old & 0xffff0000 | b[at] & 0xff | (b[at + 1] & 0xff) << 8;
    }

    /** The same line without any processing (cfmakeraw(3), and reads of single bytes). */
    public Termios raw() {
        byte[] c = characters.clone();
        c[Ioctls.VMIN] = 1;
        c[Ioctls.VTIME] = 0;
        int noInput = Ioctls.IGNBRK
                | Ioctls.BRKINT
                | Ioctls.PARMRK
                | Ioctls.ISTRIP
                | Ioctls.INLCR
                | Ioctls.IGNCR
                | Ioctls.ICRNL
                | Ioctls.IXON;
        int noLocal = Ioctls.ECHO | Ioctls.ECHONL | Ioctls.ICANON | Ioctls.ISIG | Ioctls.IEXTEN;
        return new Termios(
                inputFlags & ~noInput,
                outputFlags & ~Ioctls.OPOST,
                controlFlags & ~(Ioctls.CSIZE | Ioctls.PARENB) | Ioctls.CS8,
                localFlags & ~noLocal,
                line,
                c,
                inputSpeed,
                outputSpeed);
    }

    /** As a pseudo-terminal can have it: always eight bits without parity. */
    Termios forPseudoTerminal() {
        int control = controlFlags & ~(Ioctls.CSIZE | Ioctls.PARENB) | Ioctls.CS8 | Ioctls.CREAD;
        return new Termios(
                inputFlags,
                outputFlags,
                control,
                localFlags,
                line,
                characters,
                inputSpeed,
                outputSpeed);
    }
}
