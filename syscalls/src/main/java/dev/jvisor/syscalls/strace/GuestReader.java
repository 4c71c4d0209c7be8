// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.strace;

import dev.jvisor.mm.usercopy.UserMemory;
import dev.jvisor.platform.abi.LittleEndian;

import org.jspecify.annotations.Nullable;

/** Reads guest memory for printing: what cannot be read is null, never an error. */
final class GuestReader {

    private static final int PATH_MAX = 4096;
    private static final int PAGE_SIZE = 4096;

    private final @Nullable UserMemory memory;

    /** @param memory null for a task that has none any more */
    GuestReader(@Nullable UserMemory memory) {
        this.memory = memory;
    }

    /** Returns {@code length} bytes, or null if not all of them can be read. */
    byte @Nullable [] bytes(long address, int length) {
        byte[] bytes = new byte[length];
        return partial(address, bytes, length) == length ? bytes : null;
    }

    private int partial(long address, byte[] bytes, int length) {
        return memory == null || address == 0 ? 0 : memory.copyInPartial(address, bytes, 0, length);
    }

    @Nullable
    Long word(long address) {
        byte[] bytes = bytes(address, Long.BYTES);
        return bytes == null ? null : LittleEndian.getLong(bytes, 0);
    }

    /**
     * Appends a NUL-terminated string in quotes, or the address if it cannot be read.
     *
     * @param limit bytes after which it is cut
     */
    void string(StringBuilder out, long address, int limit) {
        byte[] text = new byte[Math.min(limit, PATH_MAX) + 1];
        int length = 0;
        boolean ended = false;
        while (length < text.length && !ended) {
            // By pages: what follows the NUL may not be mapped.
            int page = PAGE_SIZE - (int) (address + length & PAGE_SIZE - 1);
            byte[] piece = new byte[Math.min(page, text.length - length)];
            int n = partial(address + length, piece, piece.length);
            int end = 0;
            while (end < n && piece[end] != 0) {
                end++;
            }
            System.arraycopy(piece, 0, text, length, end);
            length += end;
            ended = end < n;
            if (!ended && n < piece.length) {
                pointer(out, address);
                return;
            }
        }
        quote(out, text, Math.min(length, text.length - 1), !ended);
    }

    /** Appends a range as a string in quotes, cut at {@code limit} bytes, or the address. */
    void buffer(StringBuilder out, long address, long length, int limit) {
        int shown = (int) Math.min(length, limit);
        byte[] bytes = shown < 0 ? null : bytes(address, shown);
        if (bytes == null) {
            pointer(out, address);
        } else {
            quote(out, bytes, shown, length > limit);
        }
    }

    /** C's escapes; octal ones are as short as what follows allows. */
    static void quote(StringBuilder out, byte[] text, int length, boolean cut) {
        out.append('"');
        for (int i = 0; i < length; i++) {
            int c = text[i] & 0xff;
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\t' -> out.append("\\t");
                case '\n' -> out.append("\\n");
                case 0x0b -> out.append("\\v");
                case '\f' -> out.append("\\f");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c >= ' ' && c < 0x7f) {
                        out.append((char) c);
                    } else {
                        boolean digit = i + 1 < length && text[i + 1] >= '0' && text[i + 1] <= '9';
                        octal(out, c, digit);
                    }
                }
            }
        }
        out.append(cut ? "\"..." : "\"");
    }

    private static void octal(StringBuilder out, int c, boolean digitFollows) {
        String digits = Integer.toOctalString(c);
        out.append('\\');
        if (digitFollows) {
            out.append("0".repeat(3 - digits.length()));
        }
        out.append(digits);
    }

    static void pointer(StringBuilder out, long address) {
        if (address == 0) {
            out.append("NULL");
        } else {
            out.append("0x").append(Long.toHexString(address));
        }
    }
}
