// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * A failure that the guest sees as an error number.
 *
 * <p>Preallocated once for each {@link Errno} and without a stack trace: throwing one costs no more
 * than unwinding. Our own bugs are never reported this way, see {@code SentryBug}.
 */
public final class ErrnoException extends Exception {

    private static final long serialVersionUID = 1L;

    /** What went wrong. */
    public final Errno errno;

    ErrnoException(Errno errno) {
        super(errno.name(), null, false, false);
        this.errno = errno;
    }
}
