// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.platform.abi.Ioctls;

/**
 * What OPOST does to bytes that are written, and where the cursor is thought to be (Linux:
 * {@code do_output_char}).
 */
final class OutputProcessor {

    private static final int TAB_COLUMNS = 8;

    /** The cursor's column, and the one in which the line that is being typed began. */
    private int column;

    private int lineColumn;

    private final TtyDriver driver;

    OutputProcessor(TtyDriver driver) {
        this.driver = driver;
    }

    /** Whether a byte continues a UTF-8 sequence, and so takes no column. */
    static boolean isContinuation(Termios t, int c) {
        return t.input(Ioctls.IUTF8) && (c & 0xc0) == 0x80;
    }

    void reset() {
        column = 0;
        lineColumn = 0;
    }

    /** Sends a byte with post-processing; false if it does not fit. */
    boolean put(Termios t, int c) {
        int room = driver.room();
        if (room == 0) {
            return false;
        }
        return switch (c) {
            case '\n' -> newline(t, room);
            case '\r' -> carriageReturn(t);
            case '\t' -> tab(t, room);
            case '\b' -> {
                back();
                driver.put('\b');
                yield true;
            }
            default -> {
                boolean visible = !Characters.isControl(c);
                if (visible && !isContinuation(t, c)) {
                    column++;
                }
                driver.put(visible && t.output(Ioctls.OLCUC) ? Characters.toUpper(c) : c);
                yield true;
            }
        };
    }

    private boolean newline(Termios t, int room) {
        if (t.output(Ioctls.ONLRET)) {
            column = 0;
        }
        if (t.output(Ioctls.ONLCR)) {
            if (room < 2) {
                return false;
            }
            column = 0;
            driver.put('\r');
        }
        lineColumn = column;
        driver.put('\n');
        return true;
    }

    private boolean carriageReturn(Termios t) {
        if (t.output(Ioctls.ONOCR) && column == 0) {
            return true;
        }
        if (!t.output(Ioctls.OCRNL)) {
            column = 0;
            lineColumn = 0;
            driver.put('\r');
            return true;
        }
        if (t.output(Ioctls.ONLRET)) {
            column = 0;
            lineColumn = 0;
        }
        driver.put('\n');
        return true;
    }

    private boolean tab(Termios t, int room) {
        int blanks = TAB_COLUMNS - column % TAB_COLUMNS;
        boolean expands = (t.outputFlags & Ioctls.TABDLY) == Ioctls.XTABS;
        if (expands && room < blanks) {
            return false;
        }
        column += blanks;
        if (!expands) {
            driver.put('\t');
            return true;
        }
        for (int i = 0; i < blanks; i++) {
            driver.put(' ');
        }
        return true;
    }

    /** The cursor is one column further left than was thought. */
    void back() {
        if (column > 0) {
            column--;
        }
    }

    /** Sends a byte as it is, which takes a column. */
    void putPlain(int c) {
        driver.put(c);
        column++;
    }

    /** The line that is being typed begins here. */
    void markLineStart() {
        lineColumn = column;
    }

    /**
     * Goes back over a tab.
     *
     * @param columns what was typed between it and the tab before it, or the start of the line
     * @return whether it did fit
     */
    boolean eraseTab(int columns, boolean fromTab) {
        int used = fromTab ? columns : columns + lineColumn;
        int backs = TAB_COLUMNS - used % TAB_COLUMNS;
        if (backs > driver.room()) {
            return false;
        }
        for (int i = 0; i < backs; i++) {
            driver.put('\b');
            back();
        }
        return true;
    }
}
