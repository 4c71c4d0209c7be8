// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

/** What stands in the memory of an output, and so which parts of it machines need not share. */
public enum Format {
    /** All bytes count. */
    BYTES {
        @Override
        String text(ByteBuffer memory, long result) {
            return hex(memory, 0, memory.limit());
        }
    },

    /** {@code struct stat}: without device and inode number; times only if long ago. */
    STAT {
        @Override
        String text(ByteBuffer memory, long result) {
            StringBuilder text = new StringBuilder();
            text.append("nlink ").append(memory.getLong(16));
            text.append(" mode ").append(Integer.toOctalString(memory.getInt(24)));
            text.append(" uid ")
                    .append(memory.getInt(28))
                    .append(" gid ")
                    .append(memory.getInt(32));
            text.append(" rdev ").append(memory.getLong(40));
            text.append(" size ").append(memory.getLong(48));
            text.append(" blksize ").append(memory.getLong(56));
            text.append(" blocks ").append(memory.getLong(64));
            text.append(" atime ").append(time(memory, 72));
            text.append(" mtime ").append(time(memory, 88));
            text.append(" rest ").append(hex(memory, 120, 144));
            return text.toString();
        }
    },

    /** {@code struct linux_dirent64}: names and types in the order of names. */
    DIRENTS {
        @Override
        String text(ByteBuffer memory, long result) {
            List<String> entries = new ArrayList<>();
            int at = 0;
            while (at < result && at + 19 < memory.limit()) {
                int length = memory.getShort(at + 16) & 0xffff;
                int end = at + 19;
                while (end < memory.limit() && memory.get(end) != 0) {
                    end++;
                }
                byte[] name = new byte[end - at - 19];
                memory.get(at + 19, name);
                entries.add(new String(name, StandardCharsets.ISO_8859_1) + " type "
                        + memory.get(at + 18) + " length " + length);
                at += Math.max(length, 1);
            }
            Collections.sort(entries);
            return entries.toString();
        }
    };

    /** Times before this were set by the program. */
    private static final long LONG_AGO_SECONDS = 1_500_000_000L;

    abstract String text(ByteBuffer memory, long result);

    /** Returns the memory as text, without what may differ. */
    public String normalised(byte[] memory, long result) {
        return text(ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN), result);
    }

    private static String time(ByteBuffer memory, int offset) {
        long seconds = memory.getLong(offset);
        return seconds > LONG_AGO_SECONDS && seconds < 4 * LONG_AGO_SECONDS
                ? "now"
                : seconds + "." + memory.getLong(offset + 8);
    }

    private static String hex(ByteBuffer memory, int from, int to) {
        byte[] bytes = new byte[to - from];
        memory.get(from, bytes);
        return HexFormat.of().formatHex(bytes).replaceAll("(00){4,}$", "00..");
    }
}
