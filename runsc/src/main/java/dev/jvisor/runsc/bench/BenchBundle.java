// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.jvisor.runsc.oci.DefaultSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A bundle with one workload's program, in a temporary directory. */
final class BenchBundle implements AutoCloseable {

    private final Path directory;

    private BenchBundle(Path directory) {
        this.directory = directory;
    }

    static BenchBundle create(byte[] program) throws IOException {
        BenchBundle bundle = new BenchBundle(Files.createTempDirectory("runsc-bench"));
        Path rootfs = bundle.rootfs();
        for (String name : List.of("proc", "dev", "sys", "tmp")) {
            Files.createDirectories(rootfs.resolve(name));
        }
        Files.write(bundle.program(), program);
        Files.write(rootfs.resolve("exit"), GuestPrograms.exit());
        Files.write(rootfs.resolve("data"), new byte[4096]);
        for (String name : List.of("program", "exit")) {
            if (!rootfs.resolve(name).toFile().setExecutable(true)) {
                throw new IOException("cannot make " + name + " executable");
            }
        }
        JsonObject spec = JsonParser.parseString(DefaultSpec.json(List.of("/program"), "/"))
                .getAsJsonObject();
        spec.getAsJsonObject("process").addProperty("terminal", false);
        spec.getAsJsonObject("root").addProperty("readonly", false);
        Files.writeString(bundle.directory.resolve("config.json"), spec.toString());
        return bundle;
    }

    Path directory() {
        return directory;
    }

    Path rootfs() {
        return directory.resolve("rootfs");
    }

    Path program() {
        return rootfs().resolve("program");
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
