// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.platform.abi.Ioctls;

/**
 * Echoes that wait for a place in the output: with ^S, or behind a slow reader, they are many. What
 * they look like depends on the column, so they are kept as actions (Linux: {@code echo_buf}).
 */
final class EchoQueue {

    private static final int ENTRIES_MAX = 4096;
    private static final int INITIAL_ENTRIES = 64;

    // Kinds of entries, above the byte.
    private static final int PROCESSED = 0;
    private static final int CARET = 0x100;
    private static final int MOVE_BACK = 0x200;
    private static final int LINE_START = 0x300;
    private static final int ERASE_TAB = 0x400;
    private static final int ERASE_TAB_FROM_TAB = 0x500;
    private static final int PLAIN = 0x600;
    private static final int KIND = 0xff00;

    /** Linux echoes 0xff without a look at its column rules. */
    private static final int ESCAPE = 0xff;

    private final OutputProcessor output;
    private final TtyDriver driver;
    private short[] entries = {};
    private int first;
    private int size;

    EchoQueue(OutputProcessor output, TtyDriver driver) {
        this.output = output;
        this.driver = driver;
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    private void add(int entry) {
        if (size == entries.length) {
            if (size == ENTRIES_MAX) {
                first = (first + 1) % ENTRIES_MAX; // the oldest is lost
                size--;
            } else {
                grow();
            }
        }
        entries[(first + size) % entries.length] = (short) entry;
        size++;
    }

    private void grow() {
        short[] wider = new short[Math.max(INITIAL_ENTRIES, size * 2)];
        for (int i = 0; i < size; i++) {
            wider[i] = entries[(first + i) % entries.length];
        }
        entries = wider;
        first = 0;
    }

    /** Echoes a byte that was typed, with ECHOCTL as a caret and a letter. */
    void add(Termios t, int c) {
        boolean caret = Characters.isControl(c) && c != '\t' && t.local(Ioctls.ECHOCTL);
        if (c == ESCAPE) {
            add(PLAIN | c);
        } else {
            add((caret ? CARET : PROCESSED) | c);
        }
    }

    /** Echoes a byte as the program would write it. */
    void addRaw(int c) {
        add((c == ESCAPE ? PLAIN : PROCESSED) | c);
    }

    void addMoveBack() {
        add(MOVE_BACK);
    }

    void addLineStart() {
        add(LINE_START);
    }

    void addEraseTab(int columns, boolean fromTab) {
        add((fromTab ? ERASE_TAB_FROM_TAB : ERASE_TAB) | columns & 7);
    }

    /** Sends what fits. */
    void process(Termios t) {
        while (size > 0 && process(t, entries[first])) {
            first = (first + 1) % entries.length;
            size--;
        }
    }

    private boolean process(Termios t, int entry) {
        int c = entry & 0xff;
        switch (entry & KIND) {
            case MOVE_BACK -> output.back();
            case LINE_START -> output.markLineStart();
            case ERASE_TAB -> {
                return output.eraseTab(c, false);
            }
            case ERASE_TAB_FROM_TAB -> {
                return output.eraseTab(c, true);
            }
            case PLAIN -> {
                if (driver.room() == 0) {
                    return false;
                }
                output.putPlain(c);
            }
            case CARET -> {
                if (driver.room() < 2) {
                    return false;
                }
                output.putPlain('^');
                output.putPlain(c ^ 0x40);
            }
            default -> {
                if (t.output(Ioctls.OPOST)) {
                    return output.put(t, c);
                }
                if (driver.room() == 0) {
                    return false;
                }
                driver.put(c);
            }
        }
        return true;
    }
}
