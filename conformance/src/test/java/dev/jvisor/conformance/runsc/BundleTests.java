// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.runsc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.conformance.harness.ProgramResult;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;

final class BundleTests {

    @TempDir
    Path bundle;

    @TempDir
    Path state;

    private Path config;

    @BeforeEach
    void makeRootFilesystem() throws Exception {
        Path rootfs = Files.createDirectory(bundle.resolve("rootfs"));
        GuestFiles.install(rootfs, "hello", GuestFiles.printing("from a bundle\n", 3));
        config = bundle.resolve("config.json");
    }

    private ProgramResult run() throws Exception {
        return Launcher.runsc(
                "--root", state.toString(), "run", "--bundle", bundle.toString(), "id");
    }

    private void writeSpec() throws Exception {
        ProgramResult result =
                Launcher.runsc("spec", "--bundle", bundle.toString(), "--", "/hello");
        assertThat(result.status()).as(result.toString()).isZero();
    }

    @Test
    void specWritesABundleThatRuns() throws Exception {
        writeSpec();
        ProgramResult result = run();
        // The specification asks for a terminal, which ends lines as terminals do.
        assertThat(result.output()).isEqualTo("from a bundle\r\n");
        assertThat(result.status()).isEqualTo(3);
        assertThat(state).isEmptyDirectory();
    }

    @Test
    void specDoesNotOverwrite() throws Exception {
        writeSpec();
        ProgramResult again = Launcher.runsc("spec", "--bundle", bundle.toString());
        assertThat(again.status()).isEqualTo(128);
        assertThat(again.errors()).contains("exists").hasLineCount(1);
    }

    @Test
    void aMissingConfigIsExplained() throws Exception {
        expectComplaint("runsc spec");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"ociVersion\": \"1.1.0\" | \"ociVersion\": \"9.0\" | ociVersion",
                "\"ociVersion\": \"1.1.0\" | \"ociVersion\": 7 | ociVersion",
                "\"path\": \"rootfs\" | \"path\": \"missing\" | root.path",
                "\"cwd\": \"/\" | \"cwd\": \"relative\" | process.cwd",
                "\"uid\": 0 | \"uid\": -5 | process.user.uid",
                "\"uid\": 0 | \"uid\": \"root\" | process.user.uid",
                "\"CAP_CHOWN\" | \"CAP_FLY\" | CAP_FLY",
                "RLIMIT_NOFILE | RLIMIT_WISHES | RLIMIT_WISHES",
                "\"/hello\" | \"/missing\" | /missing",
                "\"type\": \"proc\" | \"type\": \"ntfs\" | ntfs",
                "\"process\": | \"proces\": | process",
                "{ | [ | not valid JSON",
            })
    void aBrokenConfigIsExplainedByItsPath(String from, String to, String named) throws Exception {
        writeSpec();
        String text = Files.readString(config);
        assertThat(text).contains(from);
        Files.writeString(
                config,
                text.replaceFirst(
                        java.util.regex.Pattern.quote(from),
                        java.util.regex.Matcher.quoteReplacement(to)));
        expectComplaint(named);
    }

    private void expectComplaint(String named) throws Exception {
        ProgramResult result = run();
        assertThat(result.status()).as(result.toString()).isIn(127, 128);
        assertThat(result.errors()).startsWith("runsc: ").contains(named).hasLineCount(1);
        assertThat(result.output()).isEmpty();
        assertThat(state).isEmptyDirectory();
    }
}
