// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a program in a root file system that it may change without trace: in the sandbox, or
 * natively in namespaces of its own.
 */
public abstract class ProgramRunner {

    /** The environment of every program, and all of it. */
    public static final Map<String, String> ENVIRONMENT = Map.of(
            "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME", "/root",
            "LC_ALL", "C",
            "TZ", "UTC");

    private final String name;

    ProgramRunner(String name) {
        this.name = name;
    }

    /** The program under the sandbox's {@code runsc do}, with more options of it. */
    public static ProgramRunner sandbox(Path launcher, String... options) {
        return new ProgramRunner("sandbox") {
            @Override
            public List<String> commandLine(Path root) {
                List<String> line = new ArrayList<>(List.of(launcher.toString(), "do"));
                line.addAll(List.of(options));
                line.addAll(List.of("--root", root.toString(), "--cwd", "/"));
                return line;
            }
        };
    }

    /** The program on this machine's kernel, in new pid, mount, uts, ipc and network namespaces. */
    public static ProgramRunner natively(Path namespaceScript) {
        return new ProgramRunner("native") {
            @Override
            public List<String> commandLine(Path root) {
                return List.of("sh", namespaceScript.toString(), root.toString());
            }
        };
    }

    /** The command line that a program and its arguments are appended to. */
    public abstract List<String> commandLine(Path root);

    /**
     * Runs a program to its end.
     *
     * @throws IOException if it cannot be started or takes longer than the limit (it is killed
     *     then)
     */
    public ProgramResult run(Path root, int limitSeconds, List<String> program)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("program", ".out");
        Path errors = Files.createTempFile("program", ".err");
        try {
            List<String> line = new ArrayList<>(commandLine(root));
            line.addAll(program);
            ProcessBuilder builder = new ProcessBuilder(line);
            builder.environment().clear();
            builder.environment().putAll(ENVIRONMENT);
            builder.redirectInput(
                    ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
            builder.redirectOutput(output.toFile());
            builder.redirectError(errors.toFile());
            Process process = builder.start();
            boolean ended = process.waitFor(limitSeconds, TimeUnit.SECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            ProgramResult result = new ProgramResult(
                    ended ? process.exitValue() : -1,
                    Files.readString(output, StandardCharsets.ISO_8859_1),
                    Files.readString(errors, StandardCharsets.ISO_8859_1));
            if (!ended) {
                throw new IOException(name + ": not done after " + limitSeconds + " s: " + result);
            }
            return result;
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }
}
