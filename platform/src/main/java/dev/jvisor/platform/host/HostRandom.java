// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.SentryBug;

/** Random bytes of the host's kernel; {@code SecureRandom} would cost milliseconds at start. */
public final class HostRandom {

    /** Up to this many bytes, getrandom(2) is never interrupted or short. */
    private static final int CHUNK = 256;

    private HostRandom() {}

    /** Fills the first {@code length} bytes. */
    public static void fill(byte[] destination, int length) {
        fill(destination, 0, length);
    }

    /** Fills a range with bytes fit for keys. */
    public static void fill(byte[] destination, int index, int length) {
        NativeBuffer buffer = NativeBuffer.scratch();
        int done = 0;
        while (done < length) {
            int n = Math.min(CHUNK, length - done);
            long result = Host.syscall(Sys.GETRANDOM, buffer.address(), n, 0);
            if (result <= 0) {
                throw new SentryBug("getrandom result=" + result);
            }
            buffer.get(0, destination, index + done, (int) result);
            done += (int) result;
        }
    }

    /** Returns 64 random bits. */
    public static long nextLong() {
        NativeBuffer buffer = NativeBuffer.scratch();
        long result = Host.syscall(Sys.GETRANDOM, buffer.address(), Long.BYTES, 0);
        if (result != Long.BYTES) {
            throw new SentryBug("getrandom result=" + result);
        }
        return buffer.getLong(0);
    }
}
