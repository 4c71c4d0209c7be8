// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Lays out what {@code bin/runsc} starts; Maven runs this file at {@code package}.
 *
 * <p>Usage: {@code AssembleRuntime RUNTIME MAIN_JAR CLASS_PATH}. The result is
 *
 * <pre>
 * RUNTIME/current           the hash of the image to start, one line
 * RUNTIME/HASH/lib/*.jar    the main jar as runsc.jar, and the jars its manifest names
 * RUNTIME/HASH/native/      libjffi, so that no start has to unpack it
 * </pre>
 *
 * <p>An image is never changed once {@code current} names it, and the image before it stays: a
 * sandbox that runs from it may still have classes to load. The launcher adds the AOT cache to the
 * image. The hash covers the jars' bytes, so a build that changes nothing keeps the image and its
 * cache.
 */
final class AssembleRuntime {
    private static final String CURRENT = "current";
    private static final String JFFI_NATIVE = "jni/x86_64-Linux/";

    public static void main(String[] args) throws IOException {
        Path runtime = Path.of(args[0]);
        Path mainJar = Path.of(args[1]);
        List<Path> jars = new ArrayList<>();
        for (String entry : args[2].split(":", -1)) {
            if (entry.endsWith(".jar")) {
                jars.add(Path.of(entry));
            } else if (!Path.of(entry).startsWith(mainJar.getParent())) {
                throw new IOException(entry + ": not a jar; run the phase 'package'");
            }
        }

        String hash = hash(mainJar, jars);
        Files.createDirectories(runtime);
        String previous = readCurrent(runtime);
        if (!hash.equals(previous)) {
            Path image = runtime.resolve(hash);
            if (!Files.isDirectory(image)) {
                Path draft = runtime.resolve("draft-" + ProcessHandle.current().pid());
                fill(draft, mainJar, jars);
                Files.move(draft, image, StandardCopyOption.ATOMIC_MOVE);
            }
            Path draft = runtime.resolve(CURRENT + "-" + ProcessHandle.current().pid());
            Files.writeString(draft, hash + "\n");
            Files.move(draft, runtime.resolve(CURRENT), StandardCopyOption.ATOMIC_MOVE);
            removeAllBut(runtime, hash, previous);
        }
    }

    private static String hash(Path mainJar, List<Path> jars) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing);
        }
        digest.update(Files.readAllBytes(mainJar));
        for (Path jar : jars) {
            digest.update(jar.getFileName().toString().getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(jar));
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 8);
    }

    private static String readCurrent(Path runtime) throws IOException {
        Path current = runtime.resolve(CURRENT);
        return Files.exists(current) ? Files.readString(current).trim() : "";
    }

    private static void fill(Path image, Path mainJar, List<Path> jars) throws IOException {
        Path lib = Files.createDirectories(image.resolve("lib"));
        Files.copy(mainJar, lib.resolve("runsc.jar"));
        for (Path jar : jars) {
            Files.copy(jar, lib.resolve(jar.getFileName()));
            if (jar.getFileName().toString().startsWith("jffi-")) {
                unpackNative(jar, image.resolve("native"));
            }
        }
    }

    private static void unpackNative(Path jar, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            List<? extends ZipEntry> libraries = zip.stream()
                    .filter(entry -> !entry.isDirectory())
                    .filter(entry -> entry.getName().startsWith(JFFI_NATIVE))
                    .toList();
            for (ZipEntry library : libraries) {
                Files.createDirectories(target);
                String name = library.getName().substring(JFFI_NATIVE.length());
                try (InputStream in = zip.getInputStream(library)) {
                    Files.copy(in, target.resolve(name));
                }
            }
        }
    }

    private static void removeAllBut(Path runtime, String current, String previous)
            throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(runtime)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                boolean keep =
                        name.equals(CURRENT) || name.equals(current) || name.equals(previous);
                if (!keep) {
                    removeTree(entry);
                }
            }
        }
    }

    private static void removeTree(Path root) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> tree = Files.walk(root)) {
            deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.deleteIfExists(path);
        }
    }

    private AssembleRuntime() {}
}
