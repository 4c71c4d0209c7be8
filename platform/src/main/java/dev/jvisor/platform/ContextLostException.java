// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform;

/**
 * The host process behind a {@link GuestContext} is gone: the task can only be ended (as by
 * SIGKILL).
 */
public final class ContextLostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ContextLostException(String message) {
        super(message, null, false, false);
    }
}
