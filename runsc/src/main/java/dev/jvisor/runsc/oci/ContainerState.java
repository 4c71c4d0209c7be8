// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.oci;

import com.google.gson.JsonObject;

import dev.jvisor.runsc.cli.RunscException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The record of a container under the state directory, as long as {@code runsc run} waits for it.
 *
 * <p>{@code ROOT/ID/state.json} is locked by the running process, so the record of one that was
 * killed is recognised and replaced.
 */
public final class ContainerState implements AutoCloseable {

    private static final int ID_LENGTH_MAX = 1024;

    private final Path directory;
    private final FileChannel channel;

    private ContainerState(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /** Registers a container; throws if the id is not valid or in use. */
    public static ContainerState create(Path root, String id, Path bundle) throws RunscException {
        checkId(id);
        Path directory = root.resolve(id);
        Path file = directory.resolve("state.json");
        FileChannel channel = null;
        try {
            Files.createDirectories(directory);
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new RunscException(
                        "container '" + id + "' exists already; choose another ID");
            }
            JsonObject state = new JsonObject();
            state.addProperty("ociVersion", "1.1.0");
            state.addProperty("id", id);
            state.addProperty("status", "running");
            state.addProperty("pid", ProcessHandle.current().pid());
            state.addProperty("bundle", bundle.toString());
            channel.truncate(0);
            channel.write(java.nio.ByteBuffer.wrap(
                    state.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            return new ContainerState(directory, channel);
        } catch (IOException e) {
            throw new RunscException("cannot write the state of the container in " + directory
                    + " (" + e.getMessage() + "); choose another directory with --root");
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static void checkId(String id) throws RunscException {
        boolean valid = !id.isEmpty()
                && id.length() <= ID_LENGTH_MAX
                && !id.equals(".")
                && !id.equals("..");
        for (int i = 0; valid && i < id.length(); i++) {
            char c = id.charAt(i);
            valid = c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || "_+-.".indexOf(c) >= 0;
        }
        if (!valid) {
            throw new RunscException(
                    "'" + id + "' is no container ID; use letters, digits, and _ + - .");
        }
    }

    /** Removes the record. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(directory.resolve("state.json"));
            Files.deleteIfExists(directory);
            channel.close();
        } catch (IOException e) {
            System.err.println("runsc: cannot remove " + directory + ": " + e.getMessage());
        }
    }
}
