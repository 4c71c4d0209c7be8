// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.p9;

/** A message that is not what the protocol says: too short, too long, a count beyond its limit. */
public final class P9FormatException extends Exception {

    private static final long serialVersionUID = 1L;

    public P9FormatException(String message) {
        super(message, null, false, false);
    }
}
