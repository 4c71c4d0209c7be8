// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import dev.jvisor.runsc.bench.Benchmark;

import org.jspecify.annotations.Nullable;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code runsc bench}: the same guest workloads natively, under ours and under other OCI runtimes.
 */
final class BenchCommand implements Command {

    private final List<String> others = new ArrayList<>();
    private int rounds = 5;
    private @Nullable List<String> rows;
    private @Nullable Path root;

    @Override
    public String name() {
        return "bench";
    }

    @Override
    public String summary() {
        return "Measure guest workloads natively, under this runsc and under other OCI runtimes.";
    }

    @Override
    public String operands() {
        return "";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.value(
                        "--vs",
                        "CMD",
                        "An OCI runtime to compare with, with its flags; may be repeated."),
                Option.value("--rounds", "N", "How often each row is measured (default 5)."),
                Option.value("--rows", "NAMES", "Only these rows, separated by commas."),
                Option.value(
                        "--root",
                        "DIR",
                        "A Debian root file system: adds rows of the programs in it."));
    }

    @Override
    public void set(String option, String value) throws RunscException {
        switch (option) {
            case "--vs" -> others.add(value);
            case "--rounds" -> {
                try {
                    rounds = Integer.parseInt(value);
                } catch (NumberFormatException e) {
                    rounds = 0;
                }
                if (rounds < 1 || rounds > 1000) {
                    throw new RunscException("--rounds takes a number from 1 to 1000");
                }
            }
            case "--rows" -> rows = List.of(value.split(","));
            default -> {
                Path directory = Path.of(value).toAbsolutePath();
                if (!Files.isExecutable(directory.resolve("bin/sh"))) {
                    throw new RunscException("--root takes a root file system, and there is no "
                            + directory.resolve("bin/sh"));
                }
                root = directory;
            }
        }
    }

    private void checkRows(List<String> known) throws RunscException {
        if (rows == null) {
            return;
        }
        for (String name : rows) {
            if (!known.contains(name)) {
                throw new RunscException(
                        "no row '" + name + "'; --rows takes: " + String.join(",", known));
            }
        }
    }

    @Override
    public int run(GlobalOptions global, List<String> operands) throws RunscException {
        if (!operands.isEmpty()) {
            throw new RunscException("bench takes no operands; see 'runsc help bench'");
        }
        String launcher = System.getProperty("jvisor.launcher", "");
        if (!new File(launcher).canExecute()) {
            throw new RunscException(
                    "bench: start it through bin/runsc, so that it can start others");
        }
        Benchmark benchmark = new Benchmark(System.out, root);
        checkRows(benchmark.rowNames());
        benchmark.addRuntime("jvisor", List.of(launcher));
        for (String other : others) {
            benchmark.addRuntime(other);
        }
        try {
            return benchmark.run(rounds, rows) ? ExitCode.SUCCESS : 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunscException("bench: interrupted");
        }
    }
}
