// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The habits of the source tree that a machine can check and a formatter does not. */
final class TidyTests {
    private static final Path ROOT = Path.of(System.getProperty("jvisor.root", ".."));
    private static final int COLUMNS_MAX = 100;
    private static final int LINES_MAX = 800;
    private static final String LICENCE = "// SPDX-License-Identifier: Apache-2.0";

    private static final Set<String> TEXT_SUFFIXES =
            Set.of("java", "xml", "adoc", "md", "json", "yml", "properties", "sh", "txt");

    /** Scripts have no suffix: they are known by their folder. */
    private static final List<String> SCRIPT_FOLDERS = List.of("bin", ".ci", "rootfs");

    /** Written so that they do not match themselves. */
    private static final Pattern LEFTOVER = Pattern.compile("\\b(FIX" + "ME|X" + "XX)\\b");

    private static final Pattern REGISTRY = Pattern.compile(
            "repo1?[.]maven|central[.]sonatype|deb[.]debian|registry[.]npmjs|pypi[.]org"
                    + "|proxy[.]golang|crates[.]io|maven[.]google|/tmp/j[v]/");

    private record TextFile(Path path, List<String> lines) {
        boolean isJava() {
            return path.toString().endsWith(".java");
        }
    }

    private static List<TextFile> files = List.of();

    @BeforeAll
    static void readTree() throws IOException {
        files = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                String name = dir.getFileName().toString();
                boolean skip = name.equals("target")
                        || name.equals("node_modules")
                        || name.startsWith(".") && !isRootOrCi(dir, name);
                return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                    throws IOException {
                if (attributes.isRegularFile() && isText(file)) {
                    files.add(new TextFile(ROOT.relativize(file), Files.readAllLines(file)));
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static boolean isRootOrCi(Path dir, String name) {
        return dir.equals(ROOT) || name.equals(".ci");
    }

    private static boolean isText(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0
                ? TEXT_SUFFIXES.contains(name.substring(dot + 1))
                : SCRIPT_FOLDERS.contains(file.getParent().getFileName().toString());
    }

    @Test
    void treeWasFound() {
        assertThat(files).extracting(file -> file.path().toString()).contains("pom.xml");
        assertThat(files).filteredOn(TextFile::isJava).hasSizeGreaterThan(10);
    }

    @Test
    void javaLinesAreNoLongerThan100Columns() {
        assertNoLine(TextFile::isJava, line -> line.codePointCount(0, line.length()) > COLUMNS_MAX);
    }

    @Test
    void noTabs() {
        assertNoLine(file -> true, line -> line.indexOf('\t') >= 0);
    }

    @Test
    void noTrailingBlanks() {
        assertNoLine(file -> true, line -> !line.equals(line.stripTrailing()));
    }

    @Test
    void nothingIsLeftForLater() {
        assertNoLine(file -> true, line -> LEFTOVER.matcher(line).find());
    }

    @Test
    void noPackageRegistryAndNoMachineIsNamed() {
        assertNoLine(file -> true, line -> REGISTRY.matcher(line).find());
    }

    @Test
    void javaFilesAreNoLongerThan800Lines() {
        assertNoFile(file -> file.isJava() && file.lines().size() > LINES_MAX
                ? file.lines().size() + " lines: split it"
                : null);
    }

    @Test
    void javaFilesBeginWithTheLicenceLine() {
        assertNoFile(file -> file.isJava()
                        && (file.lines().isEmpty() || !file.lines().getFirst().equals(LICENCE))
                ? "first line is not: " + LICENCE
                : null);
    }

    @Test
    void everyPackageExplainsItself() {
        assertNoFile(file -> {
            String path = file.path().toString();
            boolean inModule = path.contains("/src/main/java/");
            boolean explained =
                    Files.exists(ROOT.resolve(file.path()).resolveSibling("package-info.java"));
            return file.isJava() && inModule && !explained
                    ? "no package-info.java beside it"
                    : null;
        });
    }

    private static void assertNoLine(Predicate<TextFile> where, Predicate<String> bad) {
        List<String> found = new ArrayList<>();
        for (TextFile file : files) {
            for (int i = 0; where.test(file) && i < file.lines().size(); i++) {
                if (bad.test(file.lines().get(i))) {
                    found.add(file.path() + ":" + (i + 1) + ": "
                            + file.lines().get(i).strip());
                }
            }
        }
        assertThat(found).isEmpty();
    }

    private static void assertNoFile(Function<TextFile, @Nullable String> problemOf) {
        List<String> found = new ArrayList<>();
        for (TextFile file : files) {
            String problem = problemOf.apply(file);
            if (problem != null) {
                found.add(file.path() + ": " + problem);
            }
        }
        assertThat(found).isEmpty();
    }
}
