// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.applications;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jvisor.conformance.harness.ProgramRunner;

import java.nio.file.Files;
import java.nio.file.Path;

/** The root file systems of the application tests, and the two ways to run a program in one. */
final class RootFilesystems {

    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    private RootFilesystems() {}

    /** The directory of a root file system; the test is skipped if it is not there. */
    static Path require(String name) {
        Path root = Path.of(System.getProperty("jvisor.rootfs", ""), name);
        assumeTrue(
                Files.isDirectory(root),
                "no root file system " + root
                        + ": make it with conformance/src/rootfs/make-rootfs");
        return root;
    }

    static ProgramRunner natively() {
        return ProgramRunner.natively(PROJECT.resolve("conformance/src/native/run-natively"));
    }

    static ProgramRunner sandbox(String... options) {
        return ProgramRunner.sandbox(PROJECT.resolve("bin/runsc"), options);
    }
}
