// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.terminal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a terminal like xterm shows after the bytes that were sent to it: characters, whether they
 * are bold, underlined or reversed, and the cursor. Colours, titles, questions and mouse modes are
 * passed over.
 */
final class Screen {

    private static final int TAB = 8;
    private static final int ESCAPE = 0x1b;
    private static final int BELL = 7;

    private int rows;
    private int columns;
    private int[][] characters;
    private byte[][] styles;
    private int row;
    private int column;
    private boolean wraps; // the next character goes to the next line
    private int top;
    private int bottom;
    private byte style;
    private boolean insertMode;
    private int savedRow;
    private int savedColumn;
    private int[][] mainCharacters = {};
    private byte[][] mainStyles = {};

    /** Bytes of a sequence that is not complete. */
    private byte[] pending = {};

    Screen(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        characters = new int[rows][columns];
        styles = new byte[rows][columns];
        for (int[] line : characters) {
            Arrays.fill(line, ' ');
        }
        bottom = rows - 1;
    }

    /** Gives it another size; what does not fit is lost, at the top if the cursor is below. */
    void resize(int newRows, int newColumns) {
        int shift = Math.max(0, row - newRows + 1);
        int[][] oldCharacters = characters;
        byte[][] oldStyles = styles;
        characters = new int[newRows][newColumns];
        styles = new byte[newRows][newColumns];
        for (int r = 0; r < newRows; r++) {
            Arrays.fill(characters[r], ' ');
            if (r + shift < rows) {
                int n = Math.min(columns, newColumns);
                System.arraycopy(oldCharacters[r + shift], 0, characters[r], 0, n);
                System.arraycopy(oldStyles[r + shift], 0, styles[r], 0, n);
            }
        }
        rows = newRows;
        columns = newColumns;
        row -= shift;
        column = Math.min(column, columns - 1);
        top = 0;
        bottom = rows - 1;
    }

    /** Takes bytes of the program. */
    void show(byte[] bytes, int length) {
        byte[] all = Arrays.copyOf(pending, pending.length + length);
        System.arraycopy(bytes, 0, all, pending.length, length);
        int at = 0;
        while (at < all.length) {
            int n = take(all, at);
            if (n == 0) {
                break;
            }
            at += n;
        }
        pending = Arrays.copyOfRange(all, at, all.length);
    }

    /** Takes one character or sequence; returns its length, 0 if it is not complete. */
    private int take(byte[] all, int at) {
        int c = all[at] & 0xff;
        if (c == ESCAPE) {
            return escape(all, at);
        }
        if (c < ' ' || c == 0x7f) {
            control(c);
            return 1;
        }
        int length = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        if (at + length > all.length) {
            return 0;
        }
        String text = new String(all, at, length, StandardCharsets.UTF_8);
        put(text.codePointAt(0));
        return length;
    }

    private void control(int c) {
        switch (c) {
            case '\r' -> moveTo(row, 0);
            case '\n', 0x0b, 0x0c -> lineFeed();
            case '\b' -> moveTo(row, column - 1);
            case '\t' -> moveTo(row, (column / TAB + 1) * TAB);
            default -> {}
        }
    }

    private void put(int c) {
        if (wraps) {
            moveTo(row, 0);
            lineFeed();
        }
        if (insertMode) {
            shift(row, column, 1);
        }
        characters[row][column] = c;
        styles[row][column] = style;
        wraps = column == columns - 1;
        column = Math.min(column + 1, columns - 1);
    }

    private void moveTo(int newRow, int newColumn) {
        row = Math.max(0, Math.min(rows - 1, newRow));
        column = Math.max(0, Math.min(columns - 1, newColumn));
        wraps = false;
    }

    private void lineFeed() {
        wraps = false;
        if (row == bottom) {
            scroll(top, bottom, 1);
        } else if (row < rows - 1) {
            row++;
        }
    }

    private void reverseLineFeed() {
        wraps = false;
        if (row == top) {
            scroll(top, bottom, -1);
        } else if (row > 0) {
            row--;
        }
    }

    /** Moves lines up, or down if the count is negative. */
    private void scroll(int first, int last, int count) {
        int height = last - first + 1;
        int n = Math.max(-height, Math.min(height, count));
        int[][] old = Arrays.copyOfRange(characters, first, last + 1);
        byte[][] oldStyles = Arrays.copyOfRange(styles, first, last + 1);
        for (int i = 0; i < height; i++) {
            int from = i + n;
            boolean exists = from >= 0 && from < height;
            characters[first + i] = exists ? old[from] : blanks();
            styles[first + i] = exists ? oldStyles[from] : new byte[columns];
        }
    }

    private int[] blanks() {
        int[] line = new int[columns];
        Arrays.fill(line, ' ');
        return line;
    }

    private void erase(int inRow, int from, int to) {
        Arrays.fill(characters[inRow], Math.min(from, columns), Math.min(to, columns), ' ');
        Arrays.fill(styles[inRow], Math.min(from, columns), Math.min(to, columns), (byte) 0);
    }

    /** Moves the rest of a line right, or left if the count is negative. */
    private void shift(int inRow, int from, int count) {
        int n = Math.min(Math.abs(count), columns - from);
        int kept = columns - from - n;
        int source = count > 0 ? from : from + n;
        int target = count > 0 ? from + n : from;
        System.arraycopy(characters[inRow], source, characters[inRow], target, kept);
        System.arraycopy(styles[inRow], source, styles[inRow], target, kept);
        erase(inRow, count > 0 ? from : columns - n, count > 0 ? from + n : columns);
    }

    private int escape(byte[] all, int at) {
        if (at + 1 >= all.length) {
            return 0;
        }
        switch (all[at + 1]) {
            case '[' -> {
                return controlSequence(all, at);
            }
            case ']', 'P' -> {
                return string(all, at);
            }
            case '(', ')', '#', '%' -> {
                return at + 2 < all.length ? 3 : 0;
            }
            case '7' -> save();
            case '8' -> moveTo(savedRow, savedColumn);
            case 'D' -> lineFeed();
            case 'E' -> {
                moveTo(row, 0);
                lineFeed();
            }
            case 'M' -> reverseLineFeed();
            default -> {}
        }
        return 2;
    }

    private void save() {
        savedRow = row;
        savedColumn = column;
    }

    /** Titles and answers: passed over up to their end. */
    private static int string(byte[] all, int at) {
        for (int i = at + 2; i < all.length; i++) {
            if (all[i] == BELL) {
                return i + 1 - at;
            }
            if (all[i] == ESCAPE && i + 1 < all.length && all[i + 1] == '\\') {
                return i + 2 - at;
            }
        }
        return 0;
    }

    private int controlSequence(byte[] all, int at) {
        int end = at + 2;
        while (end < all.length && (all[end] < '@' || all[end] > '~')) {
            end++;
        }
        if (end == all.length) {
            return 0;
        }
        String text = new String(all, at + 2, end - at - 2, StandardCharsets.ISO_8859_1);
        boolean isPrivate = !text.isEmpty() && "<=>?".indexOf(text.charAt(0)) >= 0;
        char last = (char) all[end];
        if (!isPrivate) {
            execute(last, numbers(text));
        } else if (text.charAt(0) == '?' && (last == 'h' || last == 'l')) {
            setPrivate(numbers(text.substring(1)), last == 'h');
        }
        return end + 1 - at;
    }

    private static int[] numbers(String text) {
        String[] parts = text.split("[;:]", -1);
        int[] values = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            String digits = parts[i].replaceAll("[^0-9]", "");
            values[i] = digits.isEmpty() ? 0 : Integer.parseInt(digits);
        }
        return values;
    }

    private void execute(char command, int[] values) {
        int first = values[0];
        int count = Math.max(1, first);
        switch (command) {
            case 'A' -> moveTo(Math.max(row >= top ? top : 0, row - count), column);
            case 'B', 'e' -> moveTo(Math.min(row <= bottom ? bottom : rows, row + count), column);
            case 'C', 'a' -> moveTo(row, column + count);
            case 'D' -> moveTo(row, column - count);
            case 'E' -> moveTo(row + count, 0);
            case 'F' -> moveTo(row - count, 0);
            case 'G', '`' -> moveTo(row, count - 1);
            case 'H', 'f' -> moveTo(count - 1, values.length > 1 ? Math.max(1, values[1]) - 1 : 0);
            case 'd' -> moveTo(count - 1, column);
            case 'J' -> eraseDisplay(first);
            case 'K' -> erase(row, first == 0 ? column : 0, first == 1 ? column + 1 : columns);
            case 'X' -> erase(row, column, column + count);
            case '@' -> shift(row, column, count);
            case 'P' -> shift(row, column, -count);
            case 'L' -> scroll(row, bottom, -count);
            case 'M' -> scroll(row, bottom, count);
            case 'S' -> scroll(top, bottom, count);
            case 'T' -> scroll(top, bottom, -count);
            case 'm' -> setStyle(values);
            case 'r' -> {
                top = count - 1;
                bottom = values.length > 1 && values[1] > 0 ? values[1] - 1 : rows - 1;
                bottom = Math.min(bottom, rows - 1);
                moveTo(0, 0);
            }
            case 's' -> save();
            case 'u' -> moveTo(savedRow, savedColumn);
            case 'h', 'l' -> insertMode = first == 4 ? command == 'h' : insertMode;
            default -> {}
        }
    }

    private void eraseDisplay(int which) {
        for (int r = 0; r < rows; r++) {
            boolean before = r < row;
            boolean after = r > row;
            if (which >= 2 || which == 0 && after || which == 1 && before) {
                erase(r, 0, columns);
            }
        }
        if (which == 0) {
            erase(row, column, columns);
        } else if (which == 1) {
            erase(row, 0, column + 1);
        }
    }

    private void setStyle(int[] values) {
        for (int i = 0; i < values.length; i++) {
            switch (values[i]) {
                case 0 -> style = 0;
                case 1 -> style |= 1;
                case 4 -> style |= 2;
                case 7 -> style |= 4;
                case 22 -> style &= ~1;
                case 24 -> style &= ~2;
                case 27 -> style &= ~4;
                case 38, 48 -> i += i + 1 < values.length && values[i + 1] == 5 ? 2 : 4;
                default -> {}
            }
        }
    }

    private void setPrivate(int[] modes, boolean on) {
        for (int mode : modes) {
            if (mode != 47 && mode != 1047 && mode != 1049) {
                continue;
            }
            if (on) {
                save();
                mainCharacters = characters;
                mainStyles = styles;
                characters = new int[rows][];
                styles = new byte[rows][columns];
                for (int r = 0; r < rows; r++) {
                    characters[r] = blanks();
                }
            } else if (mainCharacters.length > 0) {
                int nowRows = rows;
                int nowColumns = columns;
                characters = mainCharacters;
                styles = mainStyles;
                rows = characters.length;
                columns = characters[0].length;
                moveTo(savedRow, savedColumn);
                resize(nowRows, nowColumns);
                mainCharacters = new int[0][];
            }
        }
    }

    /** The lines without blanks at their ends, styles where there are any, and the cursor. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < rows; r++) {
            StringBuilder line = new StringBuilder();
            byte last = 0;
            for (int c = 0; c < columns; c++) {
                if (styles[r][c] != last) {
                    last = styles[r][c];
                    line.append('{').append(last).append('}');
                }
                line.appendCodePoint(characters[r][c]);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.append("cursor ").append(row).append(' ').append(column).toString();
    }
}
