// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.runsc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.conformance.harness.ProgramResult;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Syscall;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** {@code --syscalls-path}: how a course lab adds a system call or replaces one. */
final class SyscallsPathTests {

    private static final int OUR_NUMBER = 500;
    private static final int GETPID = 39;

    @TempDir
    Path directory;

    private Path compile(String method) throws Exception {
        Path source = Files.writeString(directory.resolve("Lab.java"), """
                package lab;
                import dev.jvisor.kernel.task.Task;
                import dev.jvisor.syscalls.annotation.*;
                @SyscallHandlers
                final class Lab {
                    %s
                }
                """.formatted(method));
        Path classes = Files.createDirectory(directory.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int status = compiler.run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                classPath(),
                "-d",
                classes.toString(),
                source.toString());
        assertThat(status).isZero();
        return classes;
    }

    private static String classPath() throws Exception {
        StringBuilder path = new StringBuilder();
        Class<?>[] ofEachModule = {
            Syscall.class, Task.class, Vfs.class, MemoryManager.class, ErrnoException.class
        };
        for (Class<?> c : ofEachModule) {
            path.append(Path.of(c.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI()))
                    .append(File.pathSeparatorChar);
        }
        return path.toString();
    }

    private ProgramResult run(Path classes, int number) throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        GuestFiles.install(root, "call", GuestFiles.calling(number, 5));
        return Launcher.runsc(
                "--syscalls-path", classes.toString(), "do", "--root", root.toString(), "/call");
    }

    @Test
    void addsACall() throws Exception {
        Path classes = compile("@Syscall(number = 500, name = \"lab_square\")"
                + " static long square(Task task, int n) { return n * n; }");
        assertThat(run(classes, OUR_NUMBER).status()).isEqualTo(25);
    }

    @Test
    void replacesACall() throws Exception {
        Path classes = compile("@Syscall(number = 39, name = \"getpid\")"
                + " static long pid(Task task) { return 77; }");
        assertThat(run(classes, GETPID).status()).isEqualTo(77);
    }

    @Test
    void saysWhatIsWrongWithAHandler() throws Exception {
        Path classes = compile("@Syscall(number = 500, name = \"lab_text\")"
                + " static long text(Task task, String text) { return 0; }");
        ProgramResult result = run(classes, OUR_NUMBER);
        assertThat(result.status()).isEqualTo(128);
        assertThat(result.errors()).contains("Lab#text").hasLineCount(1);
    }
}
