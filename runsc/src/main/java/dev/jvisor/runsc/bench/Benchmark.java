// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Measures rows under runners, interleaved (row by row, round by round, runner by runner), so that
 * a change of the machine's speed hits all of them alike; prints medians and ratios.
 */
public final class Benchmark {

    private final List<Runner> runners = new ArrayList<>();
    private final PrintStream out;

    private final List<Row> rows;

    /**
     * @param root a root file system (Debian's, see the book) for the rows of real programs, or
     *     null
     */
    public Benchmark(PrintStream out, @Nullable Path root) {
        this.out = out;
        this.rows = Rows.all(root);
        runners.add(Runner.NATIVE);
    }

    /**
     * Adds an OCI runtime by its command line; the first one added is the one ratios are taken of.
     */
    public void addRuntime(String label, List<String> command) {
        runners.add(new Runner(label, command));
    }

    /** Adds an OCI runtime by its command line as the user gave it. */
    public void addRuntime(String commandLine) {
        runners.add(Runner.of(commandLine));
    }

    /** Names of the rows. */
    public List<String> rowNames() {
        List<String> names = new ArrayList<>();
        for (Row row : rows) {
            names.add(row.name);
        }
        return names;
    }

    /**
     * Runs and prints the table.
     *
     * @param only names of the rows wanted, or null for all
     * @return whether every measurement under the first runtime worked
     */
    public boolean run(int rounds, @Nullable List<String> only) throws InterruptedException {
        printHeader();
        boolean complete = true;
        for (Row row : rows) {
            if (only != null && !only.contains(row.name)) {
                continue;
            }
            double[][] values = new double[runners.size()][0];
            @Nullable String[] failures = new @Nullable String[runners.size()];
            for (int round = 0; round < rounds; round++) {
                for (int r = 0; r < runners.size(); r++) {
                    if (failures[r] == null) {
                        failures[r] = measure(row, r, values);
                    }
                }
            }
            complete &= failures[1] == null;
            printRow(row, values);
            for (int r = 0; r < runners.size(); r++) {
                if (failures[r] != null) {
                    out.println("  " + runners.get(r).name() + ": " + failures[r]);
                }
            }
        }
        out.println();
        out.println("Lower is better. 'x / jvisor' above 1: jvisor is that many times faster"
                + " (or smaller).");
        return complete;
    }

    /** Measures once and keeps the value; returns what went wrong, or null. */
    private @Nullable String measure(Row row, int runner, double[][] values)
            throws InterruptedException {
        try {
            double value = row.measure(runners.get(runner));
            values[runner] = Arrays.copyOf(values[runner], values[runner].length + 1);
            values[runner][values[runner].length - 1] = value;
            return null;
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void printHeader() {
        StringBuilder line = new StringBuilder();
        line.append(String.format(Locale.ROOT, "%-18s %-4s", "median (min)", ""));
        for (int r = 0; r < runners.size(); r++) {
            line.append(String.format(Locale.ROOT, " %20s", letter(r)));
        }
        for (int r = 0; r < runners.size(); r++) {
            if (r != 1) {
                line.append(String.format(Locale.ROOT, " %10s", letter(r) + "/jvisor"));
            }
        }
        for (int r = 2; r < runners.size(); r++) {
            out.println(letter(r) + ": " + runners.get(r).name());
        }
        out.println(line);
    }

    private static String letter(int runner) {
        return switch (runner) {
            case 0 -> "native";
            case 1 -> "jvisor";
            default -> String.valueOf((char) ('A' + runner - 2));
        };
    }

    private void printRow(Row row, double[][] values) {
        StringBuilder line = new StringBuilder();
        line.append(String.format(Locale.ROOT, "%-18s %-4s", row.name, row.unit));
        for (double[] v : values) {
            line.append(String.format(
                    Locale.ROOT,
                    " %20s",
                    v.length == 0
                            ? "-"
                            : String.format(
                                    Locale.ROOT,
                                    "%.2f (%.2f)",
                                    Statistics.median(v),
                                    Statistics.minimum(v))));
        }
        double ours = Statistics.median(values[1]);
        for (int r = 0; r < values.length; r++) {
            if (r != 1) {
                double ratio = Statistics.median(values[r]) / ours;
                line.append(
                        Double.isFinite(ratio)
                                ? String.format(Locale.ROOT, " %10.2f", ratio)
                                : String.format(Locale.ROOT, " %10s", "-"));
            }
        }
        out.println(line);
        out.flush();
    }
}
