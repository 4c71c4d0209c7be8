// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform;

/**
 * An error of our own: a broken invariant or a host failure that cannot happen. It ends the sandbox
 * with a report and is never turned into an answer for the guest.
 */
public final class SentryBug extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Creates one; {@code message} carries the context as {@code name=value}. */
    public SentryBug(String message) {
        super(message);
    }

    public SentryBug(String message, Throwable cause) {
        super(message, cause);
    }
}
