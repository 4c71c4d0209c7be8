// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

/** Kinds of bytes as Linux' {@code lib/ctype.c} has them: ISO-8859-1. */
final class Characters {

    private static final int CASE = 0x20;

    private Characters() {}

    static boolean isControl(int c) {
        return c < 0x20 || c == 0x7f;
    }

    static boolean isLower(int c) {
        return c >= 'a' && c <= 'z' || c >= 0xdf && c != 0xf7;
    }

    static boolean isUpper(int c) {
        return c >= 'A' && c <= 'Z' || c >= 0xc0 && c <= 0xde && c != 0xd7;
    }

    static boolean isAlphanumeric(int c) {
        return isLower(c) || isUpper(c) || c >= '0' && c <= '9';
    }

    static int toUpper(int c) {
        return isLower(c) ? c - CASE & 0xff : c;
    }

    static int toLower(int c) {
        return isUpper(c) ? c + CASE : c;
    }
}
