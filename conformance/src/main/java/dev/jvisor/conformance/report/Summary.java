// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.report;

import dev.jvisor.conformance.program.Program;
import dev.jvisor.conformance.program.Step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What was compared, by family and by call. */
public final class Summary {

    /** Numbers of a family or a call. */
    private static final class Count {
        private long programs;
        private long steps;
        private long differences;
    }

    private final Map<String, Count> families = new TreeMap<>();
    private final Map<String, Count> calls = new TreeMap<>();
    private final Count all = new Count();
    private long known;

    /** Counts a program that was run on both sides. */
    public void add(Program program) {
        List<Count> counts = List.of(all, count(families, family(program)));
        for (Count count : counts) {
            count.programs++;
            count.steps += program.steps().size();
        }
        Set<String> seen = new TreeSet<>();
        for (Step step : program.steps()) {
            Count count = count(calls, step.call().callName());
            count.steps++;
            count.programs += seen.add(step.call().callName()) ? 1 : 0;
        }
    }

    /** Counts a difference of a program that was added. */
    public void add(Difference difference) {
        all.differences++;
        count(families, family(difference.program())).differences++;
        count(calls, difference.call()).differences++;
    }

    /** Counts a difference that is on the list of known ones. */
    public void addKnown() {
        known++;
    }

    private static Count count(Map<String, Count> counts, String name) {
        return counts.computeIfAbsent(name, unused -> new Count());
    }

    private static String family(Program program) {
        return program.name().substring(0, program.name().indexOf(':'));
    }

    public long programs() {
        return all.programs;
    }

    public long steps() {
        return all.steps;
    }

    public long differences() {
        return all.differences;
    }

    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format("%-20s %10s %10s %10s", "", "programs", "steps", "differ"));
        families.forEach((name, count) -> lines.add(line(name, count)));
        lines.add("");
        calls.forEach((name, count) -> lines.add(line(name, count)));
        lines.add("");
        lines.add(line("all (" + calls.size() + " calls)", all));
        lines.add(String.format("known differences: %d programs", known));
        return String.join("\n", lines) + "\n";
    }

    private static String line(String name, Count count) {
        return String.format(
                "%-20s %10d %10d %10d", name, count.programs, count.steps, count.differences);
    }
}
