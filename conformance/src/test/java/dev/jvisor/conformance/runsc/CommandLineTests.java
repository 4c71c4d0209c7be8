// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.runsc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.conformance.harness.ProgramResult;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandLineTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "frobnicate",
                "--frobnicate",
                "do --frobnicate true",
                "do",
                "--platform=quantum do true",
                "--platform",
                "--network=sandbox do true",
                "run",
                "run a b",
                "run .. ",
                "bench --rounds 0",
                "help nonsense",
                "help syscalls --format xml",
                "do --env nonsense true",
                "--syscalls-path /nonexistent.jar do true",
                "do --root /nonexistent true",
                "do --cwd /nonexistent true",
                "--strace-syscalls nonsense do true"
            })
    void badCommandLinesGetOneLineAndStatus128(String line) throws Exception {
        ProgramResult result = Launcher.runsc(line.trim().split(" +"));
        assertThat(result.status()).as(result.toString()).isEqualTo(128);
        assertThat(result.output()).isEmpty();
        assertThat(result.errors()).startsWith("runsc: ").hasLineCount(1);
    }

    @Test
    void versionNamesTheProjectAndTheSpecification() throws Exception {
        ProgramResult result = Launcher.runsc("--version");
        assertThat(result.status()).isZero();
        assertThat(result.output()).contains("jvisor", "spec: 1.");
    }

    @Test
    void helpListsEveryCommand() throws Exception {
        ProgramResult result = Launcher.runsc("help");
        assertThat(result.status()).isZero();
        assertThat(result.output()).contains("do ", "run ", "spec ", "bench ", "--strace");
    }

    @Test
    void helpSyscallsHasACsvRowForEachCall() throws Exception {
        ProgramResult result = Launcher.runsc("help", "syscalls", "--format", "csv");
        assertThat(result.status()).isZero();
        assertThat(result.output()).containsPattern("(?m)^39,getpid,full,");
    }
}
