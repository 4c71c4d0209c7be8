// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.program;

import java.util.ArrayList;
import java.util.List;

/**
 * A list of system calls.
 *
 * @param name by which the same program can be made again
 * @param arena contents of the memory for strings and buffers at its start
 */
@SuppressWarnings("ArrayRecordComponent") // written once, by the builder
public record Program(String name, List<Step> steps, byte[] arena) {

    public Program {
        steps = List.copyOf(steps);
    }

    /**
     * Returns the program without one step. Arguments that were its result become -1, which is no
     * descriptor and no address.
     */
    public Program without(int removed) {
        List<Step> rest = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            if (i != removed) {
                Step step = steps.get(i);
                List<Argument> arguments = new ArrayList<>();
                for (Argument argument : step.arguments()) {
                    arguments.add(renumbered(argument, removed));
                }
                rest.add(new Step(step.call(), arguments, step.output()));
            }
        }
        return new Program(name, rest, arena);
    }

    private static Argument renumbered(Argument argument, int removed) {
        if (argument.kind() != Argument.Kind.RESULT || argument.value() < removed) {
            return argument;
        }
        return argument.value() == removed
                ? Argument.constant(-1)
                : Argument.result((int) argument.value() - 1);
    }

    /** Returns the program in the manner of C. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < steps.size(); i++) {
            text.append("r").append(i).append(" = ").append(steps.get(i)).append(";\n");
        }
        return text.toString();
    }
}
