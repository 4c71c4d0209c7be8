// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** First lines of scripts; the expectations were compared with Linux. */
class ScriptLineTests {

    private static ScriptLine parse(String line) throws ErrnoException {
        return ScriptLine.parse(
                Arrays.copyOf(line.getBytes(StandardCharsets.ISO_8859_1), ScriptLine.BUFFER_SIZE));
    }

    private static void assertParsed(String line, String interpreter, @Nullable String argument)
            throws ErrnoException {
        ScriptLine parsed = parse(line);
        assertThat(new String(parsed.interpreter(), StandardCharsets.ISO_8859_1))
                .isEqualTo(interpreter);
        byte @Nullable [] got = parsed.argument();
        assertThat(got == null ? null : new String(got, StandardCharsets.ISO_8859_1))
                .isEqualTo(argument);
    }

    private static void assertRefused(String line) {
        assertThatThrownBy(() -> parse(line)).isSameAs(Errno.ENOEXEC.exception());
    }

    @Test
    void interpreterAndOneArgumentWithBlanksInside() throws ErrnoException {
        assertParsed("#!/bin/sh\n", "/bin/sh", null);
        assertParsed("#! \t/bin/sh  -e  -x \t\nrest", "/bin/sh", "-e  -x");
        assertParsed("#!/bin/sh -x", "/bin/sh", "-x");
        assertParsed("#!/bin/echo\0x\n", "/bin/echo", null);
    }

    @Test
    void lineWithoutInterpreterIsRefused() {
        assertRefused("#!\n");
        assertRefused("#! \t \n/bin/sh\n");
        assertRefused("#!" + " ".repeat(300));
    }

    @Test
    void argumentIsCutAtTheBufferButANameIsNot() throws ErrnoException {
        String longArgument = "#!/bin/echo " + "x".repeat(300);
        assertParsed(longArgument, "/bin/echo", "x".repeat(255 - "#!/bin/echo ".length()));
        assertRefused("#!/bin/" + "x".repeat(300));
    }

    @Test
    void fileThatEndsBehindTheMarkHasAnEmptyName() throws ErrnoException {
        assertParsed("#!", "", null);
    }
}
