// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.jvisor.runsc.oci.DefaultSpec;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An OCI bundle with one workload's program. */
final class BenchBundle implements AutoCloseable {

    private static final String NATIVE_SET_UP = """
            mount -t proc proc "$0/proc"
            mount --bind /dev "$0/dev"
            mount -t tmpfs tmpfs "$0/tmp"
            ip link set lo up 2>/dev/null || busybox ip link set lo up
            exec chroot "$0" "$@"
            """;

    private final Path root;
    private final @Nullable GuestRoot made;
    private final Path directory;
    private final List<String> nativeCommand;

    private BenchBundle(Path root, @Nullable GuestRoot made, List<String> arguments)
            throws IOException {
        this.root = root;
        this.made = made;
        this.directory = Files.createTempDirectory("runsc-bundle");
        this.nativeCommand = made != null ? List.of(made.program().toString()) : inRoot(arguments);
        JsonObject spec =
                JsonParser.parseString(DefaultSpec.json(arguments, "/")).getAsJsonObject();
        spec.getAsJsonObject("process").addProperty("terminal", false);
        spec.getAsJsonObject("root").addProperty("readonly", made == null);
        spec.getAsJsonObject("root").addProperty("path", root.toString());
        Files.writeString(directory.resolve("config.json"), spec.toString());
    }

    /** A bundle of a program of our own in a root file system made for it. */
    static BenchBundle create(byte[] program) throws IOException {
        GuestRoot root = GuestRoot.create(program);
        return new BenchBundle(root.directory(), root, List.of("/program"));
    }

    /** A bundle of a shell's script in a root file system that exists and is not written to. */
    static BenchBundle script(Path root, String script) throws IOException {
        return new BenchBundle(root, null, List.of("/bin/sh", "-ec", script));
    }

    /** What a container has, natively: namespaces, /proc, an empty /tmp, a loopback device. */
    private List<String> inRoot(List<String> arguments) {
        List<String> line = new ArrayList<>();
        line.addAll(List.of("unshare", "--mount", "--pid", "--net", "--fork"));
        line.addAll(List.of("sh", "-ec", NATIVE_SET_UP, root.toString()));
        line.addAll(arguments);
        return line;
    }

    Path directory() {
        return directory;
    }

    Path rootfs() {
        return root;
    }

    /** The command line that runs its program without a container runtime. */
    List<String> nativeCommand() {
        return nativeCommand;
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
        if (made != null) {
            made.close();
        }
    }
}
