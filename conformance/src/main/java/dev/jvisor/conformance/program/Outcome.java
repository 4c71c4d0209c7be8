// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.program;

import dev.jvisor.platform.abi.Errno;

import java.util.List;

/**
 * What a program did, without what may differ between machines.
 *
 * @param results one line for each step that was done
 * @param end how it ended: wait status and handled signals
 */
public record Outcome(List<String> results, String end) {

    private static final int ERRNO_MAX = 4095;

    public Outcome {
        results = List.copyOf(results);
    }

    /** Returns the result of a step as text. */
    public static String describe(Step step, long value, byte[] memory) {
        boolean failed = value < 0 && value >= -ERRNO_MAX;
        StringBuilder text = new StringBuilder();
        if (failed) {
            text.append("-").append(errnoName((int) -value));
        } else {
            String free = step.call().freeResult();
            text.append(free != null ? free : Long.toString(value));
        }
        if (memory.length != 0) {
            text.append("  ").append(step.output().format().normalised(memory, value));
        }
        return text.toString();
    }

    private static String errnoName(int number) {
        for (Errno errno : Errno.values()) {
            if (errno.number == number) {
                return errno.name();
            }
        }
        return "E" + number;
    }

    /** Returns the index of the first step that differs, -1 if none does. */
    public int firstDifference(Outcome other) {
        int common = Math.min(results.size(), other.results.size());
        for (int i = 0; i < common; i++) {
            if (!results.get(i).equals(other.results.get(i))) {
                return i;
            }
        }
        return equals(other) ? -1 : Math.max(common - 1, 0);
    }
}
