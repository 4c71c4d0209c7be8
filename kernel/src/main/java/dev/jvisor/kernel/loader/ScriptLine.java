// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * The first line of an interpreter script: {@code #!interpreter [one argument]}. The rules are
 * those of fs/binfmt_script.c: the line has to end within the first 256 bytes, or at least the
 * interpreter's path has to, blanks are spaces and tabs, and what follows the path is one argument.
 */
record ScriptLine(byte[] interpreter, byte @Nullable [] argument) {

    /** Linux: BINPRM_BUF_SIZE. */
    static final int BUFFER_SIZE = 256;

    static boolean isScript(byte[] buffer) {
        return buffer[0] == '#' && buffer[1] == '!';
    }

    /**
     * Parses a line.
     *
     * @param buffer the file's first {@link #BUFFER_SIZE} bytes, padded with zeros
     * @throws ErrnoException ENOEXEC if it names no interpreter or the name may be cut off
     */
    static ScriptLine parse(byte[] buffer) throws ErrnoException {
        int last = BUFFER_SIZE - 1;
        int end = lineEnd(buffer);
        if (end < 0) {
            end = skipBlanks(buffer, 2, last);
            if (end < 0 || terminator(buffer, end, last) < 0) {
                throw Errno.ENOEXEC.exception();
            }
            end = last;
        }
        while (end > 2 && isBlank(buffer[end - 1])) {
            end--;
        }
        int name = skipBlanks(buffer, 2, end);
        if (name < 0 || name == end) {
            throw Errno.ENOEXEC.exception();
        }
        int separator = terminator(buffer, name, end);
        int argument = -1;
        if (separator >= 0 && separator < end && buffer[separator] != 0) {
            argument = skipBlanks(buffer, separator, end);
        }
        int nameEnd = separator >= 0 && separator < end ? separator : end;
        byte[] path = cString(buffer, name, nameEnd); // may be empty
        boolean hasArgument = argument >= 0 && argument < end;
        return new ScriptLine(path, hasArgument ? cString(buffer, argument, end) : null);
    }

    private static byte[] cString(byte[] buffer, int from, int to) {
        int end = from;
        while (end < to && buffer[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(buffer, from, end);
    }

    /** Index of the first newline before any NUL, or -1. */
    private static int lineEnd(byte[] buffer) {
        for (int i = 0; i < BUFFER_SIZE && buffer[i] != 0; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static int skipBlanks(byte[] buffer, int first, int last) {
        for (int i = first; i <= last; i++) {
            if (!isBlank(buffer[i])) {
                return i;
            }
        }
        return -1;
    }

    private static int terminator(byte[] buffer, int first, int last) {
        for (int i = first; i <= last; i++) {
            if (isBlank(buffer[i]) || buffer[i] == 0) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }
}
