// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.family;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.conformance.executor.GuestExecutor;
import dev.jvisor.conformance.program.Argument;
import dev.jvisor.conformance.program.Program;
import dev.jvisor.conformance.program.Step;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import java.util.List;
import java.util.function.Predicate;

final class FamilyProperties {

    @Property(tries = 200)
    void aNameStandsForOneProgram(@ForAll Family family, @ForAll long seed) {
        Program program = family.program(seed);
        assertThat(family.program(seed).toString()).isEqualTo(program.toString());
        assertThat(family.program(seed).arena()).isEqualTo(program.arena());
        assertThat(program.name()).isEqualTo(family.familyName() + ":" + seed);
    }

    @Property(tries = 200)
    void programsFitTheExecutor(@ForAll Family family, @ForAll long seed) {
        Program program = family.program(seed);
        assertThat(program.steps()).hasSizeLessThan(GuestExecutor.STEPS_MAX - 10);
        int reported = 0;
        for (int i = 0; i < program.steps().size(); i++) {
            Step step = program.steps().get(i);
            reported += step.output().length();
            assertThat(step.arguments()).allMatch(refersBackFrom(i));
        }
        assertThat(reported).isLessThanOrEqualTo(GuestExecutor.REPORTED_MAX);
    }

    @Property(tries = 200)
    void aProgramWithoutAStepIsAProgram(
            @ForAll Family family, @ForAll long seed, @ForAll int chosen) {
        Program program = family.program(seed);
        Program smaller = program.without(Math.floorMod(chosen, program.steps().size()));
        assertThat(smaller.steps()).hasSize(program.steps().size() - 1);
        List<Step> steps = smaller.steps();
        for (int i = 0; i < steps.size(); i++) {
            assertThat(steps.get(i).arguments()).allMatch(refersBackFrom(i));
        }
    }

    private static Predicate<Argument> refersBackFrom(int step) {
        return argument -> argument.kind() != Argument.Kind.RESULT
                || argument.value() >= 0 && argument.value() < step;
    }
}
