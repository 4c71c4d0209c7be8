// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.jvisor.runsc.oci.DefaultSpec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An OCI bundle with one workload's program. */
final class BenchBundle implements AutoCloseable {

    private final GuestRoot root;
    private final Path directory;

    private BenchBundle(GuestRoot root, Path directory) {
        this.root = root;
        this.directory = directory;
    }

    static BenchBundle create(byte[] program) throws IOException {
        GuestRoot root = GuestRoot.create(program);
        Path directory = Files.createTempDirectory("runsc-bundle");
        JsonObject spec = JsonParser.parseString(DefaultSpec.json(List.of("/program"), "/"))
                .getAsJsonObject();
        spec.getAsJsonObject("process").addProperty("terminal", false);
        spec.getAsJsonObject("root").addProperty("readonly", false);
        spec.getAsJsonObject("root").addProperty("path", root.directory().toString());
        Files.writeString(directory.resolve("config.json"), spec.toString());
        return new BenchBundle(root, directory);
    }

    Path directory() {
        return directory;
    }

    Path rootfs() {
        return root.directory();
    }

    Path program() {
        return root.program();
    }

    /** Where a run's standard error goes. */
    Path errors() {
        return directory.resolve("stderr");
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(errors());
        Files.delete(directory.resolve("config.json"));
        Files.delete(directory);
        root.close();
    }
}
