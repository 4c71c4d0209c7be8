// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import java.util.List;

/** A parsed command line. */
public record Invocation(GlobalOptions global, Command command, List<String> operands) {

    /** Does what it says; returns the exit status. */
    public int execute() throws RunscException {
        return command.run(global, operands);
    }
}
