// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The rows of the table. */
final class Rows {

    /** How long an idle sandbox is watched. */
    private static final long IDLE_MILLIS = 3000;

    /** How long a sandbox may settle after its program went to sleep. */
    private static final long SETTLE_MILLIS = 1500;

    private Rows() {}

    /** @param root a root file system for the rows of real programs, or null: without those rows */
    static List<Row> all(@Nullable Path root) {
        List<Row> rows = new ArrayList<>();
        for (GuestWorkload workload : GuestPrograms.workloads()) {
            rows.add(new InGuest(workload));
        }
        rows.add(new StartUp());
        rows.add(new IdleMemory());
        rows.add(new IdleCpu());
        if (root != null) {
            for (RealProgram program : RealProgram.ALL) {
                rows.add(new InRoot(root, program));
            }
        }
        return rows;
    }

    /** Wall time of a script of real programs, with the start of its container. */
    private static final class InRoot extends Row {
        private final Path root;
        private final RealProgram program;

        InRoot(Path root, RealProgram program) {
            super(program.name(), "ms");
            this.root = root;
            this.program = program;
        }

        @Override
        double measure(Runner runner) throws IOException, InterruptedException {
            return BenchRun.wallNanos(runner, BenchBundle.script(root, program.script())) / 1e6;
        }
    }

    /**
     * Measured by the guest itself: nanoseconds of its monotonic clock for a number of operations.
     */
    private static final class InGuest extends Row {
        private final GuestWorkload workload;

        InGuest(GuestWorkload workload) {
            super(workload.name(), "us");
            this.workload = workload;
        }

        @Override
        double measure(Runner runner) throws IOException, InterruptedException {
            long nanos = BenchRun.result(runner, workload.program());
            return nanos / 1000.0 / workload.operations();
        }
    }

    /** Wall time of a whole start of a program that ends at once. */
    private static final class StartUp extends Row {
        StartUp() {
            super("startup", "ms");
        }

        @Override
        double measure(Runner runner) throws IOException, InterruptedException {
            return BenchRun.wallNanos(runner, BenchBundle.create(GuestPrograms.exit())) / 1e6;
        }
    }

    /** Memory of all processes of a sandbox whose program sleeps. */
    private static final class IdleMemory extends Row {
        IdleMemory() {
            super("idle_pss", "MiB");
        }

        @Override
        double measure(Runner runner) throws IOException, InterruptedException {
            return BenchRun.idle(runner, GuestPrograms.sleep(), pid -> {
                Thread.sleep(SETTLE_MILLIS);
                return ProcessTree.of(pid).pssKib() / 1024.0;
            });
        }
    }

    /** CPU time of all processes of a sandbox whose program sleeps, in per cent of one CPU. */
    private static final class IdleCpu extends Row {
        IdleCpu() {
            super("idle_cpu", "%");
        }

        @Override
        double measure(Runner runner) throws IOException, InterruptedException {
            return BenchRun.idle(runner, GuestPrograms.sleep(), pid -> {
                Thread.sleep(SETTLE_MILLIS);
                ProcessTree tree = ProcessTree.of(pid);
                long before = tree.cpuNanos();
                Thread.sleep(IDLE_MILLIS);
                return (tree.cpuNanos() - before) / 1e4 / IDLE_MILLIS;
            });
        }
    }
}
