// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jvisor.conformance.executor.Machine;
import dev.jvisor.conformance.family.Family;
import dev.jvisor.conformance.program.Program;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A short run of the generated programs, always the same. */
final class ComparisonTests {

    private static final Path RUNSC = Path.of(System.getProperty("jvisor.root", ".."))
            .resolve("bin/runsc")
            .toAbsolutePath();

    private static final int PROGRAMS = 100;

    @Test
    void generatedProgramsDoTheSameInTheSandbox() throws Exception {
        assumeTrue(Machine.canRunNatively(), "this user cannot make namespaces");
        Machine sandbox = Machine.runtime(List.of(RUNSC.toString()));
        try (Comparison comparison = new Comparison(Machine.natively(), sandbox)) {
            KnownDifferences known = KnownDifferences.load();
            for (Family family : Family.values()) {
                List<Program> programs = new ArrayList<>();
                for (int seed = 1; seed <= PROGRAMS; seed++) {
                    programs.add(family.program(seed));
                }
                assertThat(comparison.run(programs))
                        .allSatisfy(found -> assertThat(known.reason(found))
                                .as(found.toString())
                                .isNotNull());
            }
        }
    }

    @Test
    void linuxAgreesWithItself() throws Exception {
        assumeTrue(Machine.canRunNatively(), "this user cannot make namespaces");
        // What differs between two starts must not count.
        try (Comparison comparison = new Comparison(Machine.natively(), Machine.natively())) {
            List<Program> programs = new ArrayList<>();
            for (Family family : Family.values()) {
                for (int seed = 1; seed <= PROGRAMS; seed++) {
                    programs.add(family.program(seed));
                }
            }
            assertThat(comparison.run(programs)).isEmpty();
        }
    }
}
