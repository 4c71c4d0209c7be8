// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.dev;

import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostRandom;

/** Random bytes from the host's getrandom(2), for /dev/random and getrandom(2) alike. */
public final class RandomBytes {

    private static final int CHUNK_BYTES = 4096;

    private RandomBytes() {}

    /**
     * Fills an iterator's memory; answers how much, short at the first byte that cannot be written.
     */
    public static long read(IovIter destination) throws ErrnoException {
        long total = 0;
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, destination.remaining())];
        while (destination.remaining() > 0) {
            int wanted = (int) Math.min(chunk.length, destination.remaining());
            HostRandom.fill(chunk, 0, wanted);
            int n;
            try {
                n = destination.copyTo(chunk, 0, wanted);
            } catch (ErrnoException e) {
                if (total == 0) {
                    throw e;
                }
                break;
            }
            total += n;
            if (n < wanted) {
                break;
            }
        }
        return total;
    }
}
