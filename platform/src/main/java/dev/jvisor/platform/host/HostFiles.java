// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.abi.ErrnoException;

/**
 * Typed host file calls, for the gofer and for descriptors donated to the Sentry.
 *
 * <p>Contract skeleton: the gofer owner fills it in. Every method throws {@link ErrnoException} with the
 * host's errno; lengths are bytes; {@code address} is an address in this process (see {@code
 * MemoryFile.address} and {@link NativeBuffer}).
 */
public final class HostFiles {

    private HostFiles() {}

    /** pread(2) into memory at an address; EINTR is retried. */
    public static long pread(int fd, long address, long length, long offset) throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /** pwrite(2). */
    public static long pwrite(int fd, long address, long length, long offset) throws ErrnoException {
        throw new UnsupportedOperationException();
    }
}
