// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.runsc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.conformance.harness.ProgramResult;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.Reg;
import dev.jvisor.platform.asm.StaticElf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

final class DoTests {

    private static final int ELF_MACHINE_OFFSET = 18;
    private static final int ELF_PHOFF_OFFSET = 32;
    private static final int ELF_MEMSZ_OFFSET = 64 + 40;
    private static final int EM_AARCH64 = 183;
    private static final int GETPID = 39;
    private static final int MKDIR = 83;
    private static final int EXIT_GROUP = 231;

    @TempDir
    Path root;

    private ProgramResult run(String... program) throws Exception {
        String[] line = new String[program.length + 3];
        line[0] = "do";
        line[1] = "--root";
        line[2] = root.toString();
        System.arraycopy(program, 0, line, 3, program.length);
        return Launcher.runsc(line);
    }

    @Test
    void outputAndStatusAreTheProgramsOwn() throws Exception {
        GuestFiles.install(root, "hello", GuestFiles.printing("hello, world\n", 42));
        ProgramResult result = run("/hello");
        assertThat(result.output()).isEqualTo("hello, world\n");
        assertThat(result.errors()).isEmpty();
        assertThat(result.status()).isEqualTo(42);
    }

    @Test
    void theFirstProcessIsNumberOne() throws Exception {
        GuestFiles.install(root, "pid", GuestFiles.calling(GETPID, 0));
        assertThat(run("/pid").status()).isEqualTo(1);
    }

    @Test
    void aCallThatIsNotServedAnswersEnosys() throws Exception {
        GuestFiles.install(root, "call", GuestFiles.calling(511, 0));
        assertThat(run("/call").status()).isEqualTo(-38 & 0xff);
    }

    @Test
    void aFatalSignalGives128PlusItsNumber() throws Exception {
        GuestFiles.install(root, "crash", GuestFiles.crashing());
        assertThat(run("/crash").status()).isEqualTo(128 + 4);
    }

    @Test
    void theHostTreeIsNotWritten() throws Exception {
        GuestFiles.install(root, "mkdir", mkdir("/made"));
        assertThat(run("/mkdir").status()).isZero();
        assertThat(root.resolve("made")).doesNotExist();
        try (var files = Files.list(root)) {
            assertThat(files.map(p -> p.getFileName().toString())).containsExactly("mkdir");
        }
    }

    private static byte[] mkdir(String path) {
        Assembler a = new Assembler();
        Label text = new Label();
        a.lea(Reg.RDI, text).mov(Reg.RSI, 0755);
        a.mov(Reg.RAX, MKDIR).syscall();
        a.movReg(Reg.RDI, Reg.RAX);
        a.mov(Reg.RAX, EXIT_GROUP).syscall();
        a.bind(text);
        for (char c : path.toCharArray()) {
            a.db(c);
        }
        a.db(0);
        return StaticElf.image(a.toBytes());
    }

    @Test
    void aMissingProgramGives127() throws Exception {
        expectComplaint(run("/nonexistent"), 127);
    }

    @Test
    void aFileWithoutExecutePermissionGives126() throws Exception {
        Files.write(root.resolve("plain"), GuestFiles.printing("", 0));
        expectComplaint(run("/plain"), 126);
    }

    @Test
    void aDirectoryGives126() throws Exception {
        Files.createDirectory(root.resolve("directory"));
        expectComplaint(run("/directory"), 126);
    }

    @Test
    void aTextWithoutInterpreterGives126() throws Exception {
        GuestFiles.install(root, "text", "just text\n".getBytes());
        expectComplaint(run("/text"), 126);
    }

    @Test
    void anElfOfAnotherArchitectureGives126() throws Exception {
        byte[] image = GuestFiles.printing("", 0);
        image[ELF_MACHINE_OFFSET] = (byte) EM_AARCH64;
        GuestFiles.install(root, "arm", image);
        expectComplaint(run("/arm"), 126);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 20, 63, 64, 100, 119})
    void aTruncatedElfGives126(int length) throws Exception {
        GuestFiles.install(root, "short", Arrays.copyOf(GuestFiles.printing("", 0), length));
        expectComplaint(run("/short"), 126);
    }

    @ParameterizedTest
    @ValueSource(ints = {ELF_PHOFF_OFFSET, ELF_PHOFF_OFFSET + 7, 54, 56, 57})
    void anElfWithABrokenHeaderGives126(int offset) throws Exception {
        byte[] image = GuestFiles.printing("", 0);
        image[offset] = (byte) 0x7f;
        GuestFiles.install(root, "broken", image);
        expectComplaint(run("/broken"), 126);
    }

    @Test
    void anElfThatWantsAllMemoryIsRefusedOrKilled() throws Exception {
        byte[] image = GuestFiles.printing("", 0);
        image[ELF_MEMSZ_OFFSET + 6] = 0x7f;
        GuestFiles.install(root, "huge", image);
        ProgramResult result = run("/huge");
        assertThat(result.status()).as(result.toString()).isIn(126, 128 + 9, 128 + 11);
        assertThat(result.errors()).doesNotContain("internal error");
    }

    private static void expectComplaint(ProgramResult result, int status) {
        assertThat(result.status()).as(result.toString()).isEqualTo(status);
        assertThat(result.errors()).startsWith("runsc: cannot run ").hasLineCount(1);
        assertThat(result.output()).isEmpty();
    }
}
