// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.program;

import java.util.List;
import java.util.StringJoiner;

/** One system call of a program. */
public record Step(Call call, List<Argument> arguments, Output output) {

    public Step {
        arguments = List.copyOf(arguments);
        if (arguments.size() > 6) {
            throw new IllegalArgumentException(call + ": " + arguments);
        }
    }

    @Override
    public String toString() {
        StringJoiner list = new StringJoiner(", ", call.callName() + "(", ")");
        for (Argument argument : arguments) {
            list.add(argument.toString());
        }
        return list.toString();
    }
}
