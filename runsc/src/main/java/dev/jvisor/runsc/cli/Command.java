// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import java.util.List;

/** A command of runsc: its flags and what it does. One instance serves one command line. */
public interface Command {

    String name();

    /** One line for the list of commands. */
    String summary();

    /** How its operands are shown in help, such as {@code CMD [ARG...]}. */
    String operands();

    /** Its flags. */
    List<Option> options();

    /** Whether everything behind the first operand is the program's, flags included. */
    default boolean stopsAtOperand() {
        return false;
    }

    /** Takes a flag's value (the empty string for a flag without one). */
    void set(String option, String value) throws RunscException;

    /** Does it; returns the exit status. */
    int run(GlobalOptions global, List<String> operands) throws RunscException;
}
