// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.conformance.harness.ProgramResult;
import dev.jvisor.conformance.harness.ProgramRunner;
import dev.jvisor.conformance.harness.RootFilesystems;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;

/**
 * CPython's own regression tests: each case that passes natively passes in the sandbox, but for
 * those that {@code cpython/known-differences.txt} lists with their reason.
 */
@Tag("apps")
final class CpythonTests {

    private static final int LIMIT_SECONDS = 450;
    private static final Path RESOURCES = Path.of("src/test/resources/cpython");
    private static final String PASSED = "ok";
    private static final String NOT_RUN = "not run";

    @TestFactory
    List<DynamicTest> casesPassAsNatively() throws IOException {
        Map<String, String> known = knownDifferences();
        List<DynamicTest> tests = new ArrayList<>();
        for (String module : lines("modules.txt")) {
            tests.add(DynamicTest.dynamicTest(module, () -> compare(module, known)));
        }
        return tests;
    }

    private static void compare(String module, Map<String, String> known) throws Exception {
        Path root = RootFilesystems.require("bookworm");
        FutureTask<ProgramResult> natively =
                new FutureTask<>(() -> run(RootFilesystems.natively(), root, module));
        Thread.ofPlatform().start(natively);
        ProgramResult inSandbox = run(RootFilesystems.sandbox(), root, module);
        Map<String, String> expected = verdicts(natively.get());
        Map<String, String> actual = verdicts(inSandbox);

        assertThat(expected).as("cases of %s that ran natively", module).containsValue(PASSED);
        assertThat(differences(expected, actual))
                .as("cases of %s that pass natively, with their verdict here", module)
                .isEqualTo(ofModule(module, known));
    }

    private static ProgramResult run(ProgramRunner runner, Path root, String module)
            throws IOException, InterruptedException {
        String script = Files.readString(RESOURCES.resolve("run-test.sh"));
        return runner.run(root, LIMIT_SECONDS, List.of("/bin/bash", "-c", script, "test", module));
    }

    /** Verdict by case; lines that are no verdict stand for themselves. */
    private static Map<String, String> verdicts(ProgramResult result) {
        Map<String, String> verdicts = new TreeMap<>();
        for (String line : result.toString().split("\n")) {
            int space = line.lastIndexOf(' ');
            if (line.startsWith("test.")) {
                verdicts.put(line.substring(0, space), line.substring(space + 1));
            } else if (!line.startsWith("---")) {
                verdicts.put(line, "");
            }
        }
        return verdicts;
    }

    private static Map<String, String> differences(
            Map<String, String> expected, Map<String, String> actual) {
        Map<String, String> differences = new TreeMap<>();
        expected.forEach((name, verdict) -> {
            String here = actual.getOrDefault(name, NOT_RUN);
            if (verdict.equals(PASSED) && !here.equals(PASSED)) {
                differences.put(name, here);
            }
        });
        return differences;
    }

    private static Map<String, String> ofModule(String module, Map<String, String> known) {
        Map<String, String> chosen = new TreeMap<>();
        known.forEach((name, verdict) -> {
            if (name.startsWith("test." + module + ".")) {
                chosen.put(name, verdict);
            }
        });
        return chosen;
    }

    private static Map<String, String> knownDifferences() throws IOException {
        Map<String, String> known = new TreeMap<>();
        for (String line : lines("known-differences.txt")) {
            String[] parts = line.split(": ", 3);
            assertThat(parts).as("case, verdict and reason in: %s", line).hasSize(3);
            known.put(parts[0], parts[1]);
        }
        return known;
    }

    private static List<String> lines(String resource) throws IOException {
        return Files.readAllLines(RESOURCES.resolve(resource)).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
    }
}
