// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.memory;

import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;

/** How much memory the host has left. */
final class HostMemory {

    private static final byte[] MEMINFO = {
        '/', 'p', 'r', 'o', 'c', '/', 'm', 'e', 'm', 'i', 'n', 'f', 'o'
    };
    private static final byte[] KEY = {
        'M', 'e', 'm', 'A', 'v', 'a', 'i', 'l', 'a', 'b', 'l', 'e', ':'
    };
    private static final int O_CLOEXEC = 0x80000;
    private static final int READ_BYTES = 4096;
    /** struct sysinfo: freeram and mem_unit. */
    private static final int SYSINFO_FREERAM_OFFSET = 40;

    private static final int SYSINFO_MEM_UNIT_OFFSET = 104;

    private HostMemory() {}

    /** Returns MemAvailable of /proc/meminfo, or the free memory if there is no /proc; in bytes. */
    static long available() {
        NativeBuffer buffer = NativeBuffer.scratch();
        long fd = Host.syscall(Sys.OPEN, buffer.putCString(0, MEMINFO), O_CLOEXEC, 0);
        if (!Host.isError(fd)) {
            long count = Host.syscall(Sys.READ, fd, buffer.address(), READ_BYTES);
            Host.syscall(Sys.CLOSE, fd, 0, 0);
            if (count > 0) {
                byte[] text = new byte[(int) count];
                buffer.get(0, text, 0, text.length);
                long kibibytes = number(text);
                if (kibibytes > 0) {
                    return kibibytes * 1024;
                }
            }
        }
        Host.syscall(Sys.SYSINFO, buffer.address(), 0, 0);
        return buffer.getLong(SYSINFO_FREERAM_OFFSET)
                * (buffer.getInt(SYSINFO_MEM_UNIT_OFFSET) & 0xffffffffL);
    }

    /** Returns the number behind KEY, or 0. */
    private static long number(byte[] text) {
        int at = 0;
        int matched = 0;
        while (at < text.length && matched < KEY.length) {
            matched = text[at] == KEY[matched] ? matched + 1 : text[at] == KEY[0] ? 1 : 0;
            at++;
        }
        while (at < text.length && text[at] == ' ') {
            at++;
        }
        long value = 0;
        while (at < text.length && text[at] >= '0' && text[at] <= '9') {
            value = value * 10 + text[at++] - '0';
        }
        return matched == KEY.length ? value : 0;
    }
}
