// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.conformance.program.Argument;
import dev.jvisor.conformance.program.Call;
import dev.jvisor.conformance.program.Outcome;
import dev.jvisor.conformance.program.Output;
import dev.jvisor.conformance.program.Program;
import dev.jvisor.conformance.program.Step;

import org.junit.jupiter.api.Test;

import java.util.List;

final class KnownDifferencesTests {

    private static Difference difference(String expected, String actual) {
        Step close = new Step(Call.CLOSE, List.of(Argument.constant(1)), Output.NONE);
        Program program = new Program("test:1", List.of(close, close), new byte[0]);
        return new Difference(
                program,
                new Outcome(List.of("0", expected), "status 0"),
                new Outcome(List.of("0", actual), "status 0"));
    }

    @Test
    void callAndBothAnswersMustMatch() {
        KnownDifferences known =
                KnownDifferences.parse("# comment\n\nclose | 0 | -E(IO|BADF) | a reason\n");
        assertThat(known.reason(difference("0", "-EIO"))).isEqualTo("a reason");
        assertThat(known.reason(difference("0", "-EPERM"))).isNull();
        assertThat(known.reason(difference("-EIO", "0"))).isNull();
        assertThat(KnownDifferences.parse("dup | 0 | -EIO | no").reason(difference("0", "-EIO")))
                .isNull();
    }

    @Test
    void aLineWithoutAReasonIsRefused() {
        assertThatThrownBy(() -> KnownDifferences.parse("close | 0 | -EIO"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theListCanBeRead() throws Exception {
        assertThat(KnownDifferences.load().reason(difference("0", "-EIO"))).isNull();
    }
}
