// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.runsc;

import dev.jvisor.conformance.harness.ProgramResult;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts {@code bin/runsc} of this checkout. */
final class Launcher {

    private static final int LIMIT_SECONDS = 60;

    static final Path RUNSC = Path.of(System.getProperty("jvisor.root", ".."))
            .resolve("bin/runsc")
            .toAbsolutePath();

    private Launcher() {}

    static ProgramResult runsc(String... arguments) throws IOException, InterruptedException {
        return runscIn(Path.of("."), arguments);
    }

    static ProgramResult runscIn(Path directory, String... arguments)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(RUNSC.toString()));
        line.addAll(List.of(arguments));
        Path output = Files.createTempFile("runsc", ".out");
        Path errors = Files.createTempFile("runsc", ".err");
        try {
            Process process = new ProcessBuilder(line)
                    .directory(directory.toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("not done after " + LIMIT_SECONDS + " s: " + line);
            }
            return new ProgramResult(
                    process.exitValue(),
                    Files.readString(output, StandardCharsets.UTF_8),
                    Files.readString(errors, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }
}
