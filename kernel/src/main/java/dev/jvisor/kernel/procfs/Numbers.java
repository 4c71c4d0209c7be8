// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** Numbers that programs write (Linux: kstrtol with base 0 after strstrip). */
final class Numbers {

    private Numbers() {}

    /**
     * Parses a number with an optional sign, {@code 0x} or {@code 0} in front, and white space
     * around.
     *
     * @throws ErrnoException EINVAL if it is none, ERANGE if it does not fit
     */
    static long parse(String text) throws ErrnoException {
        int start = 0;
        int end = text.length();
        while (start < end && isSpace(text.charAt(start))) {
            start++;
        }
        while (end > start && (isSpace(text.charAt(end - 1)) || text.charAt(end - 1) == 0)) {
            end--;
        }
        boolean negative = start < end && text.charAt(start) == '-';
        if (negative || start < end && text.charAt(start) == '+') {
            start++;
        }
        int radix = 10;
        if (end - start > 1 && text.charAt(start) == '0') {
            boolean hex = (text.charAt(start + 1) | 0x20) == 'x';
            radix = hex ? 16 : 8;
            start += hex ? 2 : 1;
        }
        if (start == end) {
            throw Errno.EINVAL.exception();
        }
        long value = 0;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            int digit = c < 0x80 ? Character.digit(c, radix) : -1;
            if (digit < 0) {
                throw Errno.EINVAL.exception();
            }
            if (value > (Long.MAX_VALUE - digit) / radix) {
                throw Errno.ERANGE.exception();
            }
            value = value * radix + digit;
        }
        return negative ? -value : value;
    }

    static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }
}
