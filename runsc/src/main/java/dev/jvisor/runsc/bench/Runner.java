// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A way to run a guest program of the benchmark: natively, or as the container of a bundle under an
 * OCI runtime.
 *
 * @param name what the table calls it
 * @param command the runtime's command line up to its own command; empty for native
 */
record Runner(String name, List<String> command) {

    static final Runner NATIVE = new Runner("native", List.of());

    boolean isNative() {
        return command.isEmpty();
    }

    /** Splits a command line given by the user at blanks; quotes are not interpreted. */
    static Runner of(String commandLine) {
        return new Runner(commandLine, List.of(commandLine.trim().split("\\s+")));
    }

    /** The process that runs the bundle's program. */
    ProcessBuilder process(BenchBundle bundle, String id) {
        List<String> line = new ArrayList<>(command);
        Path directory = bundle.directory();
        if (isNative()) {
            line.addAll(bundle.nativeCommand());
        } else {
            line.add("run");
            line.add("--bundle");
            line.add(directory.toString());
            line.add(id);
        }
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.directory(bundle.rootfs().toFile());
        builder.redirectError(bundle.errors().toFile());
        return builder;
    }
}
