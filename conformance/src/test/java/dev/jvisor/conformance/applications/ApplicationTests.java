// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.conformance.harness.ProgramResult;
import dev.jvisor.conformance.harness.RootFilesystems;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every script under {@code applications/<root file system>/} prints the same, and ends with the
 * same status, natively and in the sandbox. A new program is held by adding a script.
 */
@Tag("apps")
final class ApplicationTests {

    private static final int LIMIT_SECONDS = 120;

    @TestFactory
    List<DynamicTest> busyboxScriptsBehaveAsNatively() throws IOException {
        return scripts("busybox", "/bin/sh");
    }

    @TestFactory
    List<DynamicTest> debianScriptsBehaveAsNatively() throws IOException {
        return scripts("bookworm", "/bin/bash");
    }

    private static List<DynamicTest> scripts(String rootName, String shell) throws IOException {
        Path directory = Path.of("src/test/resources/applications", rootName);
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path script : files.sorted().toList()) {
                String name = script.getFileName().toString();
                tests.add(DynamicTest.dynamicTest(name, () -> compare(rootName, shell, script)));
            }
        }
        return tests;
    }

    private static void compare(String rootName, String shell, Path script)
            throws IOException, InterruptedException {
        Path root = RootFilesystems.require(rootName);
        List<String> program = List.of(shell, "-c", Files.readString(script), "test");
        ProgramResult expected = RootFilesystems.natively().run(root, LIMIT_SECONDS, program);
        ProgramResult actual = RootFilesystems.sandbox().run(root, LIMIT_SECONDS, program);
        assertThat(actual).hasToString(expected.toString());
    }
}
