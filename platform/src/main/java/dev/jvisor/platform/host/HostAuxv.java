// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import java.nio.charset.StandardCharsets;

/**
 * What the host's kernel told this process about the processor (auxiliary vector, getauxval(3)).
 * Read once; the first use has to come before the process gives up its view of the host's
 * {@code /proc}.
 */
public final class HostAuxv {

    private static final int SIZE_MAX = 1024;
    private static final int ENTRY_SIZE = 16;
    private static final long O_RDONLY_CLOEXEC = 0x80000;

    private static final long[] WORDS = read();

    private HostAuxv() {}

    private static long[] read() {
        NativeBuffer buffer = NativeBuffer.scratch();
        byte[] path = "/proc/self/auxv".getBytes(StandardCharsets.ISO_8859_1);
        long fd = Host.syscall(Sys.OPEN, buffer.putCString(0, path), O_RDONLY_CLOEXEC, 0);
        if (fd < 0) {
            return new long[0];
        }
        long n = Host.syscall(Sys.READ, fd, buffer.address(), SIZE_MAX);
        Host.syscall(Sys.CLOSE, fd, 0, 0);
        if (n <= 0) {
            return new long[0];
        }
        long[] words = new long[(int) n / ENTRY_SIZE * 2];
        for (int i = 0; i < words.length; i++) {
            words[i] = buffer.getLong(i * Long.BYTES);
        }
        return words;
    }

    /** Returns the value of an entry ({@code AT_*}), 0 if there is none. */
    public static long value(int type) {
        for (int i = 0; i + 1 < WORDS.length; i += 2) {
            if (WORDS[i] == type) {
                return WORDS[i + 1];
            }
        }
        return 0;
    }
}
