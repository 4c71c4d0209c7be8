// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.conformance.harness.ProgramRunner;
import dev.jvisor.conformance.harness.RootFilesystems;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Programs that people use at a terminal: after each step the screen in the sandbox becomes what it
 * is natively. A step waits natively until a text is there and nothing changes any more, and in the
 * sandbox until the screen is the same: no step depends on how fast it is.
 */
@Tag("apps")
final class InteractiveTests {

    private static final int LIMIT_SECONDS = 30;
    private static final int QUIET_MILLIS = 400;
    private static final String ESCAPE = "\u001b";

    /** Keys to type, or if there are rows a new size, and the text that the screen shows then. */
    private record Step(String keys, int rows, int columns, String shows) {}

    private final List<Step> steps = new ArrayList<>();

    private InteractiveTests shows(String text) {
        steps.add(new Step("", 0, 0, text));
        return this;
    }

    private InteractiveTests type(String keys, String shows) {
        steps.add(new Step(keys, 0, 0, shows));
        return this;
    }

    private InteractiveTests resize(int rows, int columns, String shows) {
        steps.add(new Step("", rows, columns, shows));
        return this;
    }

    /** Plays the steps natively and in the sandbox; both end with a status. */
    private void compare(int status, String... program) throws Exception {
        Path root = RootFilesystems.require("bookworm");
        List<String> screens = new ArrayList<>();
        try (TerminalProgram natively = start(RootFilesystems.natively(), root, program)) {
            for (Step step : steps) {
                play(step, natively);
                String screen = natively.settled(step.shows, QUIET_MILLIS, LIMIT_SECONDS);
                assertThat(screen).as("natively after %s", step).contains(step.shows);
                screens.add(screen);
            }
            assertThat(natively.status(LIMIT_SECONDS)).as("native status").isEqualTo(status);
        }
        try (TerminalProgram inSandbox = start(RootFilesystems.sandbox(), root, program)) {
            for (int i = 0; i < steps.size(); i++) {
                play(steps.get(i), inSandbox);
                assertThat(inSandbox.becomes(screens.get(i), LIMIT_SECONDS))
                        .as("after %s", steps.get(i))
                        .isEqualTo(screens.get(i));
            }
            assertThat(inSandbox.status(LIMIT_SECONDS)).as("status").isEqualTo(status);
            assertThat(inSandbox.hasInitialSettings())
                    .as("settings are restored")
                    .isTrue();
        }
    }

    private static TerminalProgram start(ProgramRunner runner, Path root, String... program)
            throws Exception {
        Map<String, String> environment = new HashMap<>(ProgramRunner.ENVIRONMENT);
        environment.put("TERM", "xterm");
        environment.put("LC_ALL", "C.UTF-8");
        List<String> line = new ArrayList<>(runner.commandLine(root));
        line.addAll(List.of(program));
        return new TerminalProgram(line, environment);
    }

    private static void play(Step step, TerminalProgram program) throws Exception {
        if (step.rows > 0) {
            program.resize(step.rows, step.columns);
        } else if (!step.keys.isEmpty()) {
            program.type(step.keys);
        }
    }

    @Test
    void bashControlsJobs() throws Exception {
        shows("5.2#")
                .type("PS1='ready> '\n", "\nready>")
                .type("sh -c 'echo began; exec cat'\n", "\nbegan\n")
                .type("one\n", "one\none\n")
                .type("\u001a", "Stopped")
                .type("fg\n", "fg\nsh -c")
                .type("two\n", "two\ntwo\n")
                .type("\u001a", "two\n^Z\n[1]+  Stopped")
                .type("sh -c 'echo began; exec sleep 100'\n", "\nbegan\n")
                .type("\u001a", "[2]+  Stopped")
                .type("bg\n", "100' &")
                .type("jobs\n", "Running")
                .type("kill %2; wait %2\n", "Terminated")
                .type("fg %1\n", "fg %1\nsh -c")
                .type("three\n", "three\nthree\n")
                .type("\u0003", "^C\nready>")
                .type("echo $?\n", "130")
                .type("sh -c 'echo began; exec sleep 100'\n", "130\nready> sh")
                .type("\u001c", "^\\Quit")
                .type("stty size; stty -a\n", "24 80")
                .type("typo\b\b\u0017echo a \u007fb\u0001\u001b[C\n", "ab")
                .type("exit 7\n", "exit\n")
                .compare(7, "bash", "--norc", "-i");
    }

    @Test
    void bashEditsLinesAndSeesTheWindowChange() throws Exception {
        shows("5.2#")
                .type("PS1='ready> '\n", "\nready>")
                .type("trap 'echo window; stty size' WINCH\n", "WINCH\nready>")
                .resize(30, 100, "ready>")
                .type("\n", "window\n30 100")
                .type("echo " + "long ".repeat(30), "long long")
                .type("\u0001\u000b", "ready>")
                .type("echo \u00e9\u00e8\u007f\u007fx\n", "\nx\n")
                .type("\u001b[A\u001b[A", "ready>")
                .type("\u0005\u0015\u0012WIN", "WIN")
                .type("\u0007\u0004", "exit")
                .compare(0, "bash", "--norc", "-i");
    }

    @Test
    void viDrawsAndEdits() throws Exception {
        shows("services")
                .type("G", "cursor 22 0")
                .type("ggOinserted line" + ESCAPE, "inserted line")
                .type("/ssh\n", "ssh")
                .type("dd:set number\n", ":set number")
                .resize(15, 60, "  ")
                .type("\u0006\u0006", "cursor 0 8")
                .resize(30, 90, "  ")
                .type(":%s/tcp/TCP/g\n", "TCP")
                .type("u:w! /tmp/copy\n", "written")
                .type(":!wc -l /tmp/copy\n", "ENTER")
                .type("\n", "inserted line")
                .type(":q!\n", "")
                .compare(0, "vi", "-u", "NONE", "-N", "-i", "NONE", "/etc/services");
    }

    @Test
    void lessPagesWhatComesThroughAPipe() throws Exception {
        shows(":")
                .type(" ", ":")
                .type("/77\n", "77")
                .type("G", "(END)")
                .type("g", "1\n")
                .resize(12, 40, ":")
                .type("-N", "line numbers")
                .type("\n", ":")
                .type("50p", ":")
                .type("q", "done")
                .compare(0, "sh", "-c", "seq 1 500 | less; echo done");
    }

    @Test
    void pythonsPromptIsInterrupted() throws Exception {
        shows(">>>")
                .type("1+1\n", "\n2\n")
                .type("import time\n", "time\n>>>")
                .type("print('sleeps'); time.sleep(100)\n", "\nsleeps\n")
                .type("\u0003", "KeyboardInterrupt")
                .type("import os; os.get_terminal_size()\n", "lines=24")
                .type("input('what? ')\n", "what? ")
                .type("wrong\u0015right\n", "'right'")
                .type("\u0004", "")
                .compare(0, "python3", "-q");
    }

    @Test
    void plainTerminalEditsAndFlows() throws Exception {
        shows("began")
                .type("abc\u007f\u007fX\tY\u007f\u007f-\n", "aX-\n")
                .type("one two\u0017three\n", "one three")
                .type("gone\u0015kept\u0016\u0003!\n", "^C!")
                .type("\u00e9\u007fe\u0012", "^R\n")
                .type("\n", "^R\ne\ne\n")
                .type("\u0013stopped\u0011\n", "stopped\nstopped\n")
                .type("end\u0004\u0004\u0004", "done")
                .compare(0, "sh", "-c", "stty iutf8; echo began; cat; stty sane; echo; echo done");
    }

    @Test
    void quitKeyEndsTheProgram() throws Exception {
        shows("began").type("\u001c", "^\\").compareEnd("sh", "-c", "echo began; exec sleep 100");
    }

    /** The first process natively is immune where the sandbox's is not: only the screen counts. */
    private void compareEnd(String... program) throws Exception {
        Path root = RootFilesystems.require("bookworm");
        try (TerminalProgram inSandbox = start(RootFilesystems.sandbox(), root, program)) {
            for (Step step : steps) {
                play(step, inSandbox);
                assertThat(inSandbox.settled(step.shows, 0, LIMIT_SECONDS)).contains(step.shows);
            }
            assertThat(inSandbox.status(LIMIT_SECONDS)).isEqualTo(128 + 3);
            assertThat(inSandbox.hasInitialSettings()).isTrue();
        }
    }
}
