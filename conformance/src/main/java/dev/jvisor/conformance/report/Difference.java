// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.report;

import dev.jvisor.conformance.program.Outcome;
import dev.jvisor.conformance.program.Program;

import java.util.List;

/** A program that two machines answer differently. */
public record Difference(Program program, Outcome expected, Outcome actual) {

    /** Returns the call at which they part. */
    public String call() {
        int step = expected.firstDifference(actual);
        return program.steps().isEmpty() || step < 0
                ? "end"
                : program.steps().get(step).call().callName();
    }

    /** Returns the program with the results, both where they differ. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("--- ").append(program.name()).append('\n');
        for (int i = 0; i < program.steps().size(); i++) {
            String left = line(expected.results(), i);
            String right = line(actual.results(), i);
            text.append("r")
                    .append(i)
                    .append(" = ")
                    .append(program.steps().get(i))
                    .append(";  // ");
            text.append(left);
            if (!left.equals(right)) {
                text.append("\n  <<< Linux  ")
                        .append(left)
                        .append("\n  >>> sandbox ")
                        .append(right);
            }
            text.append('\n');
        }
        text.append("end: ").append(expected.end());
        if (!expected.end().equals(actual.end())) {
            text.append(" <<< Linux, sandbox >>> ").append(actual.end());
        }
        return text.append('\n').toString();
    }

    private static String line(List<String> results, int index) {
        return index < results.size() ? results.get(index) : "(not reached)";
    }
}
