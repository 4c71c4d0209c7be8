// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

import java.util.Arrays;

/**
 * Bytes under construction. Strings are ISO-8859-1: one char for each byte, so that names of files
 * and processes come out as they are.
 */
public final class TextBuffer {

    private static final int INITIAL_BYTES = 512;
    private static final int DECIMAL_DIGITS_MAX = 20;
    private static final int HEX_DIGITS_MAX = 16;
    private static final String DIGITS = "0123456789abcdef";

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int length;

    public int length() {
        return length;
    }

    /** The array, valid up to {@link #length}. */
    byte[] bytes() {
        return bytes;
    }

    /** A copy. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    public TextBuffer add(char c) {
        reserve(1);
        bytes[length++] = (byte) c;
        return this;
    }

    public TextBuffer add(String text) {
        int n = text.length();
        reserve(n);
        for (int i = 0; i < n; i++) {
            bytes[length + i] = (byte) text.charAt(i);
        }
        length += n;
        return this;
    }

    public TextBuffer add(byte[] data, int from, int count) {
        reserve(count);
        System.arraycopy(data, from, bytes, length, count);
        length += count;
        return this;
    }

    /** A signed decimal number. */
    public TextBuffer add(long value) {
        return add(value, 0);
    }

    /** A signed decimal number, padded on the left with blanks. */
    public TextBuffer add(long value, int width) {
        return pad(Long.toString(value), width);
    }

    /** An unsigned decimal number. */
    public TextBuffer addUnsigned(long value) {
        return add(Long.toUnsignedString(value));
    }

    private TextBuffer pad(String digits, int width) {
        return spaces(width - digits.length()).add(digits);
    }

    /** A decimal number, padded on the left with zeros. */
    public TextBuffer addPadded(long value, int width) {
        String digits = Long.toString(value);
        for (int i = digits.length(); i < width; i++) {
            add('0');
        }
        return add(digits);
    }

    /** An unsigned number in hexadecimal, padded on the left with zeros. */
    public TextBuffer addHex(long value, int width) {
        return addRadix(value, 4, width, HEX_DIGITS_MAX);
    }

    /** An unsigned number in octal, padded on the left with zeros. */
    public TextBuffer addOctal(long value, int width) {
        return addRadix(value, 3, width, DECIMAL_DIGITS_MAX);
    }

    private TextBuffer addRadix(long value, int bits, int width, int digitsMax) {
        int digits = 1;
        while (digits < digitsMax && value >>> digits * bits != 0) {
            digits++;
        }
        for (int i = Math.max(width, digits) - 1; i >= 0; i--) {
            int digit = i < digitsMax ? (int) (value >>> i * bits) & (1 << bits) - 1 : 0;
            add(DIGITS.charAt(digit));
        }
        return this;
    }

    /** Blanks; none if the count is not positive. */
    public TextBuffer spaces(int count) {
        for (int i = 0; i < count; i++) {
            add(' ');
        }
        return this;
    }

    /** Blanks until the line that began at an index has a width. */
    public TextBuffer padTo(int lineStart, int width) {
        return spaces(width - (length - lineStart));
    }

    /**
     * Text with some characters as backslash and three octal digits (Linux: mangle_path,
     * seq_escape).
     */
    public TextBuffer addEscaped(String text, String escaped) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (escaped.indexOf(c) >= 0) {
                add('\\').addOctal(c & 0xff, 3);
            } else {
                add(c);
            }
        }
        return this;
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
