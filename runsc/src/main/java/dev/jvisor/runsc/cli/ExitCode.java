// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

/** Exit statuses of runsc itself; anything else is the program's own. */
public final class ExitCode {

    private ExitCode() {}

    public static final int SUCCESS = 0;

    /** The program exists but cannot be executed (as shells say it). */
    public static final int NOT_EXECUTABLE = 126;

    /** The program does not exist (as shells say it). */
    public static final int NOT_FOUND = 127;

    /**
     * runsc itself failed: command line, bundle, host. Programs killed by a signal give 128 +
     * number.
     */
    public static final int RUNTIME_FAILURE = 128;
}
