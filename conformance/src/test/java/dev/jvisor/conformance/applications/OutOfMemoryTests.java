// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.conformance.harness.ProgramResult;
import dev.jvisor.conformance.harness.RootFilesystems;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Programs that take more memory than the sandbox has. */
@Tag("apps")
final class OutOfMemoryTests {

    private static final int LIMIT_SECONDS = 120;

    @Test
    void whoTakesTooMuchEndsAlone() throws Exception {
        Path root = RootFilesystems.require("bookworm");
        String program = Files.readString(Path.of("src/test/resources/memory/out-of-memory.py"));

        ProgramResult result = RootFilesystems.sandbox("--memory", "256m")
                .run(root, LIMIT_SECONDS, List.of("/usr/bin/python3", "-u", "-c", program));

        assertThat(result.toString().lines().filter(line -> !line.startsWith("---")))
                .containsSubsequence(
                        "256 MiB",
                        "overcommitted killed",
                        "heap True",
                        "shared True",
                        "file True",
                        "after_fork True",
                        "hog 9",
                        "protected exited",
                        "alive exited");
    }
}
