// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc;

import dev.jvisor.runsc.bench.TrainingRun;
import dev.jvisor.runsc.cli.CommandLineParser;
import dev.jvisor.runsc.cli.ExitCode;
import dev.jvisor.runsc.cli.RunscException;

/** Entry point of {@code runsc}. */
public final class Main {

    /** Whether bin/runsc makes the start-up cache of this start. */
    private static final boolean TRAINS = Boolean.getBoolean("jvisor.training");

    private Main() {}

    public static void main(String[] args) {
        int status = run(ByteStrings.arguments(args));
        if (TRAINS) {
            System.exit(status); // only an orderly end writes the cache
        }
        // System.exit would look for a logger to tell, which costs more than ten milliseconds.
        System.out.flush();
        System.err.flush();
        Runtime.getRuntime().halt(status);
    }

    /**
     * Runs one command line and returns the exit status; prints at most one line of its own on
     * failure.
     */
    static int run(String[] args) {
        try {
            if (TRAINS) {
                TrainingRun.run();
            }
            return CommandLineParser.parse(args).execute();
        } catch (RunscException e) {
            System.err.println("runsc: " + e.getMessage());
            return e.exitCode();
        } catch (RuntimeException | Error e) {
            System.err.println("runsc: internal error, please report it: " + e);
            e.printStackTrace();
            return ExitCode.RUNTIME_FAILURE;
        }
    }
}
