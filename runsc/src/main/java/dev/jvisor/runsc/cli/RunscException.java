// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

/** A failure to tell the user in one line: what is wrong and what to do. */
public final class RunscException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /** A failure with {@link ExitCode#RUNTIME_FAILURE}. */
    public RunscException(String message) {
        this(message, ExitCode.RUNTIME_FAILURE);
    }

    public RunscException(String message, int exitCode) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
