// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Signals;

/**
 * What happens between keys and a program that reads: editing of lines, echo, signals, and what
 * happens to what it writes (Linux: drivers/tty/n_tty.c, line discipline N_TTY). Not thread-safe:
 * the terminal locks.
 */
final class LineDiscipline {

    /** So many echoes wait for the end of a batch of input (ECHO_COMMIT_WATERMARK). */
    private static final int ECHOES_WAITING_MAX = 256;

    private static final int PARITY_MARK = 0xff;

    private final TtyDriver driver;
    private final OutputProcessor output;
    private final EchoQueue echoes;
    private final InputBuffer input = new InputBuffer();
    private Termios termios = Termios.INITIAL;

    /** Bytes that are no ordinary input in the present mode. */
    private final boolean[] special = new boolean[256];

    private boolean raw;

    /** The next byte is taken literally (^V). */
    private boolean literalNext;

    /** Within an erasure that is shown as {@code \text/} (ECHOPRT). */
    private boolean erasing;

    LineDiscipline(TtyDriver driver) {
        this.driver = driver;
        this.output = new OutputProcessor(driver);
        this.echoes = new EchoQueue(output, driver);
        findSpecial();
    }

    Termios termios() {
        return termios;
    }

    boolean isCanonical() {
        return termios.local(Ioctls.ICANON);
    }

    /** Whether reads give lines: not if another end of the line edits them (EXTPROC). */
    boolean readsLines() {
        return isCanonical() && !termios.local(Ioctls.EXTPROC);
    }

    // ---- settings -----------------------------------------------------------------------------

    void setTermios(Termios t) {
        Termios old = termios;
        termios = t;
        if (((old.localFlags ^ t.localFlags) & (Ioctls.ICANON | Ioctls.EXTPROC)) != 0) {
            input.changeMode(isCanonical());
            erasing = false;
            literalNext = false;
        }
        findSpecial();
        if (old.input(Ioctls.IXON) && !t.input(Ioctls.IXON)) {
            start();
        }
    }

    private void findSpecial() {
        Termios t = termios;
        int acting = Ioctls.ISTRIP
                | Ioctls.IUCLC
                | Ioctls.IGNCR
                | Ioctls.ICRNL
                | Ioctls.INLCR
                | Ioctls.IXON
                | Ioctls.PARMRK;
        raw = !t.input(acting) && !t.local(Ioctls.ICANON | Ioctls.ISIG | Ioctls.ECHO);
        java.util.Arrays.fill(special, false);
        special['\r'] = t.input(Ioctls.IGNCR | Ioctls.ICRNL);
        special['\n'] = t.input(Ioctls.INLCR) || t.local(Ioctls.ICANON);
        if (t.local(Ioctls.ICANON)) {
            mark(Ioctls.VERASE, Ioctls.VKILL, Ioctls.VEOF, Ioctls.VEOL);
            if (t.local(Ioctls.IEXTEN)) {
                mark(Ioctls.VWERASE, Ioctls.VLNEXT, Ioctls.VEOL2);
                if (t.local(Ioctls.ECHO)) {
                    mark(Ioctls.VREPRINT);
                }
            }
        }
        if (t.input(Ioctls.IXON)) {
            mark(Ioctls.VSTART, Ioctls.VSTOP);
        }
        if (t.local(Ioctls.ISIG)) {
            mark(Ioctls.VINTR, Ioctls.VQUIT, Ioctls.VSUSP);
        }
        special[0] = false;
    }

    private void mark(int... indices) {
        for (int index : indices) {
            special[termios.character(index)] = true;
        }
    }

    // ---- typed --------------------------------------------------------------------------------

    /**
     * Takes bytes that were typed.
     *
     * @return how many; the rest has to wait for a reader
     */
    int receive(byte[] bytes, int index, int length) {
        int done = 0;
        boolean line = isCanonical();
        while (done < length) {
            int room = InputBuffer.BYTES - input.size();
            if (termios.input(Ioctls.PARMRK)) {
                room = (room + 2) / 3;
            }
            room--;
            if (room <= 0) {
                // A line that is too long loses its end, but can still be ended or erased.
                if (!line || input.hasLine()) {
                    break;
                }
                if (room < 0) {
                    input.removeOpen(1);
                }
                room = 1;
            }
            int n = Math.min(room, length - done);
            receiveBatch(bytes, index + done, n);
            done += n;
        }
        return done;
    }

    private void receiveBatch(byte[] bytes, int index, int length) {
        boolean external = termios.local(Ioctls.EXTPROC);
        boolean filters = termios.input(Ioctls.ISTRIP)
                || termios.input(Ioctls.IUCLC) && termios.local(Ioctls.IEXTEN);
        for (int i = 0; i < length; i++) {
            int c = bytes[index + i] & 0xff;
            if (raw || external && !filters) {
                input.put(c);
                continue;
            }
            c = filter(c);
            if (literalNext) {
                literalNext = false;
                ordinary(c);
            } else if (external) {
                input.put(c);
            } else if (special[c]) {
                special(c);
            } else {
                ordinary(c);
            }
        }
        processEchoes();
        if (!readsLines() && input.size() > 0) {
            driver.inputReady();
        }
    }

    private int filter(int typed) {
        int c = termios.input(Ioctls.ISTRIP) ? typed & 0x7f : typed;
        return termios.input(Ioctls.IUCLC) && termios.local(Ioctls.IEXTEN)
                ? Characters.toLower(c)
                : c;
    }

    private void ordinary(int c) {
        startOnAnyKey();
        if (termios.local(Ioctls.ECHO)) {
            echoTyped(c, false);
        }
        put(c);
    }

    private void put(int c) {
        if (c == PARITY_MARK && termios.input(Ioctls.PARMRK)) {
            input.put(c);
        }
        input.put(c);
    }

    /** Echoes a byte that becomes a part of the line. */
    private void echoTyped(int c, boolean newlineAsItIs) {
        finishErasing();
        if (c == '\n' && newlineAsItIs) {
            echoes.addRaw(c);
        } else {
            if (input.openLength() == 0) {
                echoes.addLineStart();
            }
            echoes.add(termios, c);
        }
        commitEchoes();
    }

    private void startOnAnyKey() {
        if (driver.isStopped() && termios.input(Ioctls.IXON) && termios.input(Ioctls.IXANY)) {
            start();
        }
    }

    private void special(int typed) {
        if (controlsFlow(typed) || signals(typed)) {
            return;
        }
        startOnAnyKey();
        int c = typed;
        if (c == '\r') {
            if (termios.input(Ioctls.IGNCR)) {
                return;
            }
            c = termios.input(Ioctls.ICRNL) ? '\n' : c;
        } else if (c == '\n' && termios.input(Ioctls.INLCR)) {
            c = '\r';
        }
        if (isCanonical() && (edits(c) || endsLine(c))) {
            return;
        }
        if (termios.local(Ioctls.ECHO)) {
            echoTyped(c, true);
        }
        put(c);
    }

    private boolean controlsFlow(int c) {
        if (!termios.input(Ioctls.IXON)) {
            return false;
        }
        if (termios.is(Ioctls.VSTART, c)) {
            start();
            return true;
        }
        if (termios.is(Ioctls.VSTOP, c)) {
            driver.setStopped(true);
            return true;
        }
        return false;
    }

    private void start() {
        if (driver.isStopped()) {
            driver.setStopped(false);
        }
        processEchoes();
    }

    private boolean signals(int c) {
        if (!termios.local(Ioctls.ISIG)) {
            return false;
        }
        int signal = termios.is(Ioctls.VINTR, c)
                ? Signals.SIGINT
                : termios.is(Ioctls.VQUIT, c)
                        ? Signals.SIGQUIT
                        : termios.is(Ioctls.VSUSP, c) ? Signals.SIGTSTP : 0;
        if (signal == 0) {
            return false;
        }
        driver.signal(signal);
        if (!termios.local(Ioctls.NOFLSH)) {
            echoes.clear();
            driver.flushOutput();
            clearInput();
            driver.inputFlushed();
        }
        if (termios.input(Ioctls.IXON) && driver.isStopped()) {
            driver.setStopped(false);
        }
        if (termios.local(Ioctls.ECHO)) {
            echoes.add(termios, c);
            commitEchoes();
        } else {
            processEchoes();
        }
        return true;
    }

    /** Keys that edit the line; false for others. */
    private boolean edits(int c) {
        boolean extended = termios.local(Ioctls.IEXTEN);
        if (termios.is(Ioctls.VERASE, c)) {
            erase(Ioctls.VERASE);
        } else if (termios.is(Ioctls.VKILL, c)) {
            erase(Ioctls.VKILL);
        } else if (extended && termios.is(Ioctls.VWERASE, c)) {
            erase(Ioctls.VWERASE);
        } else if (extended && termios.is(Ioctls.VLNEXT, c)) {
            literalNext = true;
            if (termios.local(Ioctls.ECHO)) {
                finishErasing();
                if (termios.local(Ioctls.ECHOCTL)) {
                    echoes.addRaw('^');
                    echoes.addRaw('\b');
                }
            }
        } else if (extended && termios.local(Ioctls.ECHO) && termios.is(Ioctls.VREPRINT, c)) {
            reprint(c);
        } else {
            return false;
        }
        commitEchoes();
        return true;
    }

    private void reprint(int c) {
        finishErasing();
        echoes.add(termios, c);
        echoes.addRaw('\n');
        for (int i = 0; i < input.openLength(); i++) {
            echoes.add(termios, input.open(i));
        }
    }

    private boolean endsLine(int c) {
        if (c == '\n') {
            if (termios.local(Ioctls.ECHO | Ioctls.ECHONL)) {
                echoes.addRaw('\n');
                commitEchoes();
            }
            input.putLineEnd(c);
        } else if (termios.is(Ioctls.VEOF, c)) {
            input.putLineEnd(0);
        } else if (termios.is(Ioctls.VEOL, c)
                || termios.is(Ioctls.VEOL2, c) && termios.local(Ioctls.IEXTEN)) {
            if (termios.local(Ioctls.ECHO)) {
                if (input.openLength() == 0) {
                    echoes.addLineStart();
                }
                echoes.add(termios, c);
                commitEchoes();
            }
            if (c == PARITY_MARK && termios.input(Ioctls.PARMRK)) {
                input.put(c);
            }
            input.putLineEnd(c);
        } else {
            return false;
        }
        driver.inputReady();
        return true;
    }

    // ---- erasing ------------------------------------------------------------------------------

    private void finishErasing() {
        if (erasing) {
            echoes.addRaw('/');
            erasing = false;
        }
    }

    private void erase(int key) {
        if (input.openLength() == 0) {
            return;
        }
        if (key == Ioctls.VKILL && !erasesVisibly()) {
            input.removeOpen(input.openLength());
            if (termios.local(Ioctls.ECHO)) {
                finishErasing();
                echoes.add(termios, termios.character(Ioctls.VKILL));
                if (termios.local(Ioctls.ECHOK)) {
                    echoes.addRaw('\n');
                }
            }
            return;
        }
        boolean inWord = false;
        while (input.openLength() > 0) {
            int length = characterLength();
            int c = input.open(input.openLength() - length);
            if (OutputProcessor.isContinuation(termios, c)) {
                break; // a sequence without its first byte stays
            }
            if (key == Ioctls.VWERASE) {
                if (Characters.isAlphanumeric(c) || c == '_') {
                    inWord = true;
                } else if (inWord) {
                    break;
                }
            }
            eraseCharacter(key, c, length);
            if (key == Ioctls.VERASE) {
                break;
            }
        }
        if (input.openLength() == 0 && termios.local(Ioctls.ECHO)) {
            finishErasing();
        }
    }

    /** Whether a killed line vanishes character by character. */
    private boolean erasesVisibly() {
        return termios.local(Ioctls.ECHO)
                && termios.local(Ioctls.ECHOK)
                && termios.local(Ioctls.ECHOKE)
                && termios.local(Ioctls.ECHOE);
    }

    /** Bytes of the last character of the line. */
    private int characterLength() {
        int open = input.openLength();
        int length = 1;
        while (length < open
                && OutputProcessor.isContinuation(termios, input.open(open - length))) {
            length++;
        }
        return length;
    }

    private void eraseCharacter(int key, int c, int length) {
        int at = input.openLength() - length;
        if (!termios.local(Ioctls.ECHO)) {
            input.removeOpen(length);
            return;
        }
        if (termios.local(Ioctls.ECHOPRT)) {
            if (!erasing) {
                echoes.addRaw('\\');
                erasing = true;
            }
            echoes.add(termios, c);
            for (int i = 1; i < length; i++) {
                echoes.addRaw(input.open(at + i));
                echoes.addMoveBack();
            }
        } else if (key == Ioctls.VERASE && !termios.local(Ioctls.ECHOE)) {
            echoes.add(termios, termios.character(Ioctls.VERASE));
        } else if (c == '\t') {
            eraseTab(at);
        } else {
            boolean control = Characters.isControl(c);
            boolean caret = control && termios.local(Ioctls.ECHOCTL);
            if (!control || caret) {
                wipe();
            }
            if (caret) {
                wipe();
            }
        }
        input.removeOpen(length);
    }

    private void wipe() {
        echoes.addRaw('\b');
        echoes.addRaw(' ');
        echoes.addRaw('\b');
    }

    private void eraseTab(int at) {
        int columns = 0;
        for (int i = at - 1; i >= 0; i--) {
            int c = input.open(i);
            if (c == '\t') {
                echoes.addEraseTab(columns, true);
                return;
            }
            if (Characters.isControl(c)) {
                columns += termios.local(Ioctls.ECHOCTL) ? 2 : 0;
            } else if (!OutputProcessor.isContinuation(termios, c)) {
                columns++;
            }
        }
        echoes.addEraseTab(columns, false);
    }

    // ---- echoes and output --------------------------------------------------------------------

    private void commitEchoes() {
        if (echoes.size() >= ECHOES_WAITING_MAX) {
            processEchoes();
        }
    }

    /** Sends echoes that wait, as far as there is room. */
    void processEchoes() {
        echoes.process(termios);
    }

    /** Takes bytes that a program writes; returns how many found a place. */
    int write(byte[] bytes, int index, int length) {
        processEchoes();
        boolean processes = termios.output(Ioctls.OPOST);
        for (int i = 0; i < length; i++) {
            int c = bytes[index + i] & 0xff;
            if (processes) {
                if (!output.put(termios, c)) {
                    return i;
                }
            } else {
                if (driver.room() == 0) {
                    return i;
                }
                driver.put(c);
            }
        }
        return length;
    }

    // ---- reading ------------------------------------------------------------------------------

    /** Whether there is something to read: a line, or at least so many bytes. */
    boolean hasInput(int minimum) {
        return readsLines() ? input.hasLine() : input.size() >= minimum;
    }

    /** Bytes there are for a read in the present mode, without ends of file. */
    int available() {
        return readsLines() ? input.lineBytes() : input.size();
    }

    /** Reads; there is something. 0 is the end of the file. */
    int read(byte[] destination, int index, int length) {
        if (readsLines()) {
            return input.readLine(destination, index, length);
        }
        int n = input.readRaw(destination, index, length);
        boolean endsFile = isCanonical()
                && n == 1
                && input.size() == 0
                && (destination[index] & 0xff) == termios.character(Ioctls.VEOF);
        return endsFile ? 0 : n;
    }

    /** Drops what was typed and not read; what is to be echoed of it is. */
    void flushInput() {
        clearInput();
        driver.inputFlushed();
    }

    private void clearInput() {
        input.clear();
        erasing = false;
    }

    /** A new line: settings as at first, nothing there. */
    void reset() {
        clearInput();
        echoes.clear();
        literalNext = false;
        setTermios(Termios.INITIAL);
    }
}
