// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.report;

import dev.jvisor.conformance.executor.Connection;
import dev.jvisor.conformance.executor.Machine;
import dev.jvisor.conformance.program.Outcome;
import dev.jvisor.conformance.program.Program;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs programs on two machines. Used by one thread. */
public final class Comparison implements AutoCloseable {

    /** Files of old programs stay: a new start now and then throws them away. */
    private static final int PROGRAMS_PER_START = 4000;

    private static final int SHRINK_RUNS_MAX = 300;

    private final Side expected;
    private final Side actual;
    private final ExecutorService other = Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().daemon().unstarted(task));

    public Comparison(Machine expected, Machine actual) {
        this.expected = new Side(expected);
        this.actual = new Side(actual);
    }

    /** A machine and its current connection. */
    private static final class Side {
        private final Machine machine;
        private @Nullable Connection connection;

        Side(Machine machine) {
            this.machine = machine;
        }

        List<Outcome> run(List<Program> programs) throws IOException {
            List<Outcome> outcomes = new ArrayList<>();
            for (Program program : programs) {
                outcomes.add(run(program));
            }
            return outcomes;
        }

        private Outcome run(Program program) throws IOException {
            Connection current = connection;
            if (current == null || current.served() >= PROGRAMS_PER_START) {
                close();
                current = machine.connect();
                connection = current;
            }
            try {
                return current.run(program);
            } catch (IOException failed) {
                close();
                return new Outcome(List.of(), "the executor is gone: " + failed.getMessage());
            }
        }

        void close() throws IOException {
            Connection current = connection;
            connection = null;
            if (current != null) {
                current.close();
            }
        }
    }

    /** Runs programs on both sides at the same time, and returns those that differ. */
    public List<Difference> run(List<Program> programs) throws IOException {
        CompletableFuture<List<Outcome>> there = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return actual.run(programs);
                    } catch (IOException failed) {
                        throw new CompletionException(failed);
                    }
                },
                other);
        List<Outcome> here = expected.run(programs);
        List<Outcome> theirs;
        try {
            theirs = there.join();
        } catch (CompletionException failed) {
            throw new IOException(failed.getCause());
        }
        List<Difference> differences = new ArrayList<>();
        for (int i = 0; i < programs.size(); i++) {
            if (!here.get(i).equals(theirs.get(i))) {
                differences.add(new Difference(programs.get(i), here.get(i), theirs.get(i)));
            }
        }
        return differences;
    }

    /** Returns a program with as few steps as possible that differs in the same call. */
    public Difference shrink(Difference difference) throws IOException {
        Difference smallest = difference;
        String call = difference.call();
        int runs = 0;
        boolean smaller = true;
        while (smaller) {
            smaller = false;
            for (int i = smallest.program().steps().size() - 1; i >= 0; i--) {
                if (++runs > SHRINK_RUNS_MAX) {
                    return smallest;
                }
                if (i >= smallest.program().steps().size()) {
                    continue;
                }
                List<Difference> again = run(List.of(smallest.program().without(i)));
                if (!again.isEmpty() && again.getFirst().call().equals(call)) {
                    smallest = again.getFirst();
                    smaller = true;
                }
            }
        }
        return smallest;
    }

    @Override
    public void close() throws IOException {
        other.shutdownNow();
        expected.close();
        actual.close();
    }
}
