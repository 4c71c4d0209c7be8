// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The root file systems of the application tests, and the two ways to run a program in one. */
public final class RootFilesystems {

    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    private RootFilesystems() {}

    /** The directory of a root file system; the test is skipped if it is not there. */
    public static Path require(String name) {
        Path root = Path.of(System.getProperty("jvisor.rootfs", ""), name);
        assumeTrue(
                Files.isDirectory(root),
                "no root file system " + root
                        + ": make it with conformance/src/rootfs/make-rootfs");
        return root;
    }

    public static ProgramRunner natively() {
        return ProgramRunner.natively(PROJECT.resolve("conformance/src/native/run-natively"));
    }

    /** By {@code runsc do} with more options; the property jvisor.runsc names another launcher. */
    public static ProgramRunner sandbox(String... options) {
        String launcher = System.getProperty("jvisor.runsc");
        return ProgramRunner.sandbox(
                launcher == null ? PROJECT.resolve("bin/runsc") : Path.of(launcher), options);
    }
}
