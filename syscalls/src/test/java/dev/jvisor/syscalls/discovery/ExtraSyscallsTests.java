// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.kernel.dispatch.SyscallHandler;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import javax.tools.ToolProvider;

/** Handlers of a course lab, compiled elsewhere and named with {@code --syscalls-path}. */
final class ExtraSyscallsTests {

    private static final String LAB = """
            package lab;
            import dev.jvisor.kernel.task.Task;
            import dev.jvisor.syscalls.annotation.*;
            @SyscallHandlers
            class LabSyscalls {
                @Syscall(number = 450, name = "set_mempolicy_home_node",
                         support = Support.PARTIAL, note = "a lab")
                static long lab(Task task, int a, long b) { return a + b; }
                @Syscall(number = 0, name = "read")
                static long read(Task task) { return 4711; }
                @Syscall(number = 1, name = "wrong_name")
                static long wrong(Task task) { return 0; }
            }
            """;

    @TempDir
    Path directory;

    private Path compile() throws IOException {
        Path source = directory.resolve("LabSyscalls.java");
        Files.writeString(source, LAB);
        Path classes = Files.createDirectory(directory.resolve("classes"));
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        InputStream.nullInputStream(),
                        null,
                        null,
                        "-proc:none",
                        "-d",
                        classes.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        source.toString());
        assertThat(status).isZero();
        return classes;
    }

    @Test
    void addsAndReplacesCallsFromADirectory() throws Exception {
        assertExtended(SyscallTables.withExtra(List.of(compile())));
    }

    @Test
    void addsAndReplacesCallsFromAJar() throws Exception {
        Path jar = directory.resolve("lab.jar");
        Path classes = compile();
        try (FileSystem zip = FileSystems.newFileSystem(
                URI.create("jar:" + jar.toUri()), Map.of("create", "true"))) {
            Files.createDirectory(zip.getPath("lab"));
            Files.copy(
                    classes.resolve("lab/LabSyscalls.class"), zip.getPath("lab/LabSyscalls.class"));
        }
        assertExtended(SyscallTables.withExtra(List.of(jar)));
    }

    private static void assertExtended(SyscallTables.Extended extended) throws Exception {
        assertThat(extended.issues()).hasSize(1);
        assertThat(extended.issues().get(0).line())
                .isEqualTo("LabSyscalls#wrong: number 1 is write, not wrong_name");
        SyscallHandler added = extended.table().get(450);
        assertThat(added).isNotNull();
        assertThat(added.invoke(null, 0x1_0000_0001L, 41, 0, 0, 0, 0)).isEqualTo(42);
        SyscallHandler replaced = extended.table().get(0);
        assertThat(replaced).isNotNull();
        assertThat(replaced.invoke(null, 0, 0, 0, 0, 0, 0)).isEqualTo(4711);
        assertThat(extended.table().get(1)).isNotNull();
        List<SyscallDescriptor> all = SyscallTables.descriptors(extended);
        assertThat(all.get(0).source()).isEqualTo("LabSyscalls#read");
        assertThat(all.get(1).source()).isEqualTo("ReadWriteSyscalls#write");
        assertThat(all).extracting(SyscallDescriptor::number).contains(450).doesNotHaveDuplicates();
    }

    @Test
    void missingPathIsAnIssueAndTheTableIsWhole() {
        SyscallTables.Extended extended = SyscallTables.withExtra(List.of(Path.of("/no/lab.jar")));
        assertThat(extended.issues())
                .extracting(DiscoveryIssue::line)
                .containsExactly("/no/lab.jar: cannot be read");
        assertThat(extended.extra()).isEmpty();
        assertThat(extended.table().get(0)).isNotNull();
    }

    @Test
    void fileThatIsNoJarIsHarmless() throws IOException {
        Path junk = directory.resolve("junk.jar");
        Files.writeString(junk, "this is no jar");
        SyscallTables.Extended extended = SyscallTables.withExtra(List.of(junk));
        assertThat(extended.extra()).isEmpty();
        assertThat(extended.table().get(0)).isNotNull();
    }
}
