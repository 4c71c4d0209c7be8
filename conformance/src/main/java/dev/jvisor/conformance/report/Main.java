// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.report;

import dev.jvisor.conformance.executor.Machine;
import dev.jvisor.conformance.family.Family;
import dev.jvisor.conformance.program.Program;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The command {@code bin/runsc-conformance}. Exits with 0 when nothing differs but what is known
 * to, 1 when something does, 2 when it cannot work.
 */
public final class Main {

    private static final String USAGE = """
            usage: runsc-conformance [OPTION]...     (as root)
            Runs generated programs on this machine's kernel and in a sandbox, and compares.
              --runtime CMD    the container runtime (default: this checkout's runsc)
              --family NAME    one family only: %s
              --budget TIME    for how long, for example 60s or 10m (default 60s)
              --seed N         number of the first program (default 1)
              --programs N     how many programs of each family at most
              --print          only print the programs, with --programs
            A program is named FAMILY:NUMBER; --family FAMILY --seed NUMBER --programs 1 runs it.
            """;

    private static final int BATCH = 50;

    private final PrintStream out;
    private String runtime;
    private List<Family> families = List.of(Family.values());
    private long budgetSeconds = 60;
    private long seed = 1;
    private long programs = Long.MAX_VALUE;
    private boolean printOnly;

    private final Set<String> shown = new HashSet<>();
    private final Summary summary = new Summary();
    private KnownDifferences known;

    private Main(PrintStream out, String runtime) throws IOException {
        this.out = out;
        known = KnownDifferences.load();
        this.runtime = runtime;
    }

    /** Takes the default runtime and then the options. */
    public static void main(String[] arguments) throws IOException {
        List<String> rest = new ArrayList<>(Arrays.asList(arguments));
        String runtime = rest.isEmpty() ? "runsc" : rest.removeFirst();
        System.exit(run(System.out, runtime, rest));
    }

    private static int run(PrintStream out, String runtime, List<String> arguments)
            throws IOException {
        Main main = new Main(out, runtime);
        try {
            main.parse(arguments);
        } catch (IllegalArgumentException wrong) {
            out.printf(USAGE, familyNames());
            out.println(wrong.getMessage());
            return 2;
        }
        if (main.printOnly) {
            main.print();
            return 0;
        }
        if (!Machine.canRunNatively()) {
            out.println("runsc-conformance: this user cannot make namespaces for the native side");
            return 2;
        }
        return main.compare();
    }

    private static String familyNames() {
        List<String> names = new ArrayList<>();
        for (Family family : Family.values()) {
            names.add(family.familyName());
        }
        return String.join(", ", names);
    }

    private void parse(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            String option = arguments.get(i);
            String value = "";
            int equals = option.indexOf('=');
            if (equals > 0) {
                value = option.substring(equals + 1);
                option = option.substring(0, equals);
            } else if (!option.equals("--print") && !option.equals("--help")) {
                if (++i == arguments.size()) {
                    throw new IllegalArgumentException("a value is missing: " + option);
                }
                value = arguments.get(i);
            }
            set(option, value);
        }
    }

    private void set(String option, String value) {
        switch (option) {
            case "--runtime" -> {
                runtime = value;
                known = KnownDifferences.none();
            }
            case "--family" -> families = List.of(Family.valueOf(value.toUpperCase(Locale.ROOT)));
            case "--budget" -> budgetSeconds = seconds(value);
            case "--seed" -> seed = Long.parseLong(value);
            case "--programs" -> programs = Long.parseLong(value);
            case "--print" -> printOnly = true;
            default -> throw new IllegalArgumentException("unknown option: " + option);
        }
    }

    private static long seconds(String text) {
        char unit = text.isEmpty() ? ' ' : text.charAt(text.length() - 1);
        String number = Character.isDigit(unit) ? text : text.substring(0, text.length() - 1);
        return Long.parseLong(number) * (unit == 'm' ? 60 : unit == 'h' ? 3600 : 1);
    }

    private void print() {
        for (Family family : families) {
            for (long i = 0; i < Math.min(programs, BATCH); i++) {
                Program program = family.program(seed + i);
                out.println("--- " + program.name());
                out.print(program);
            }
        }
    }

    private int compare() throws IOException {
        long start = System.nanoTime();
        long limit = TimeUnit.SECONDS.toNanos(budgetSeconds);
        long next = 0;
        long told = 0;
        try (Comparison comparison =
                new Comparison(Machine.natively(), Machine.runtime(List.of(runtime.split(" "))))) {
            while (next < programs && System.nanoTime() - start < limit) {
                long end = Math.min(programs, next + BATCH);
                for (Family family : families) {
                    batch(comparison, family, next, end);
                }
                next = end;
                long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
                if (seconds >= told + 10) {
                    told = seconds;
                    out.printf(
                            "%d s: %d programs, %d steps, %d programs differ%n",
                            seconds, summary.programs(), summary.steps(), summary.differences());
                }
            }
        }
        double minutes = (System.nanoTime() - start) / 60e9;
        out.println();
        out.print(summary);
        out.printf(
                "%.0f programs a minute; first program %d, last %d%n",
                summary.programs() / minutes, seed, seed + next - 1);
        return summary.differences() == 0 ? 0 : 1;
    }

    private void batch(Comparison comparison, Family family, long from, long end)
            throws IOException {
        List<Program> batch = new ArrayList<>();
        for (long i = from; i < end; i++) {
            batch.add(family.program(seed + i));
        }
        batch.forEach(summary::add);
        for (Difference difference : comparison.run(batch)) {
            if (known.reason(difference) != null) {
                summary.addKnown();
                continue;
            }
            summary.add(difference);
            if (shown.add(family + " " + difference.call())) {
                out.println(comparison.shrink(difference));
            }
        }
    }
}
