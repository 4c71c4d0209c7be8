// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.family;

import dev.jvisor.conformance.program.Program;

import java.util.Locale;
import java.util.Random;

/** Calls that belong together. */
public enum Family {
    OPEN(PathPrograms::open),
    DIRECTORIES(PathPrograms::directories),
    METADATA(PathPrograms::metadata),
    TRANSFER(FilePrograms::transfer),
    SPACE(FilePrograms::space),
    DESCRIPTORS(FilePrograms::descriptors),
    PIPES(PipePrograms::pipes),
    EVENTFD(PipePrograms::eventfd),
    MEMORY(MemoryPrograms::memory),
    SIGNALS(SignalPrograms::signals);

    /** Adds the steps of a program. */
    private interface Generator {
        void generate(ProgramBuilder program);
    }

    private final Generator generator;

    Family(Generator generator) {
        this.generator = generator;
    }

    /** Returns the name on the command line. */
    public String familyName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Makes the program of a seed: always the same. */
    public Program program(long seed) {
        Random random = new Random(seed * 0x9e3779b97f4a7c15L + ordinal());
        ProgramBuilder builder = new ProgramBuilder(familyName() + ":" + seed, random);
        generator.generate(builder);
        return builder.build();
    }
}
