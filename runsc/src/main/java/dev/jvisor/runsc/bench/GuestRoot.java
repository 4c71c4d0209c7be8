// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The root file system of one workload, in a temporary directory: its program and what that opens.
 */
final class GuestRoot implements AutoCloseable {

    private static final String[] DIRECTORIES = {"proc", "dev", "sys", "tmp"};
    private static final int DATA_SIZE = 4096;

    private final Path directory;

    private GuestRoot(Path directory) {
        this.directory = directory;
    }

    static GuestRoot create(byte[] program) throws IOException {
        GuestRoot root = new GuestRoot(Files.createTempDirectory("runsc-bench"));
        for (String name : DIRECTORIES) {
            Files.createDirectory(root.directory.resolve(name));
        }
        Files.write(root.directory.resolve("data"), new byte[DATA_SIZE]);
        root.install("program", program);
        root.install("exit", GuestPrograms.exit());
        return root;
    }

    private void install(String name, byte[] image) throws IOException {
        File file = Files.write(directory.resolve(name), image).toFile();
        if (!file.setExecutable(true)) {
            throw new IOException("cannot make executable: " + file);
        }
    }

    Path directory() {
        return directory;
    }

    Path program() {
        return directory.resolve("program");
    }

    @Override
    public void close() throws IOException {
        delete(directory.toFile());
    }

    private static void delete(File file) throws IOException {
        File[] children = file.listFiles();
        if (children != null) {
            for (File child : children) {
                delete(child);
            }
        }
        Files.delete(file.toPath());
    }
}
