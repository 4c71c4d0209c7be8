// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jvisor.conformance.program.Argument;
import dev.jvisor.conformance.program.Call;
import dev.jvisor.conformance.program.Format;
import dev.jvisor.conformance.program.Outcome;
import dev.jvisor.conformance.program.Output;
import dev.jvisor.conformance.program.Program;
import dev.jvisor.conformance.program.Step;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The executor on this machine's kernel. */
final class ConnectionTests {

    private static final Output NONE = Output.NONE;
    private static final long PAIR = GuestExecutor.ARENA;
    private static final long BUFFER = GuestExecutor.ARENA + 64;

    private Connection connection;
    private final byte[] arena = new byte[GuestExecutor.ARENA_SIZE];

    @BeforeEach
    void connect() throws Exception {
        assumeTrue(Machine.canRunNatively(), "this user cannot make namespaces");
        connection = Machine.natively().connect();
    }

    @AfterEach
    void close() throws Exception {
        if (connection != null) {
            connection.close();
        }
    }

    private static Argument of(long value) {
        return Argument.constant(value);
    }

    private static Step step(Call call, Output output, Argument... arguments) {
        return new Step(call, List.of(arguments), output);
    }

    private Outcome run(Step... steps) throws Exception {
        return connection.run(new Program("test:1", List.of(steps), arena));
    }

    @Test
    void argumentsComeFromMemoryAndResultsAndOutputsComeBack() throws Exception {
        arena[64] = 'x';
        Outcome outcome = run(
                step(Call.PIPE, new Output(PAIR, 8, Format.BYTES), of(PAIR)),
                step(Call.WRITE, NONE, Argument.word(PAIR + 4, "fds[1]"), of(BUFFER), of(1)),
                step(Call.DUP, NONE, Argument.word(PAIR, "fds[0]")),
                step(
                        Call.READ,
                        new Output(BUFFER + 8, 8, Format.BYTES),
                        Argument.result(2),
                        of(BUFFER + 8),
                        of(5)),
                step(Call.CLOSE, NONE, of(50)));
        assertThat(outcome.results())
                .containsExactly("0  0000000001000000", "1", "2", "1  7800..", "-EBADF");
        assertThat(outcome.end()).isEqualTo("status 0");
    }

    @Test
    void eachProgramBeginsWithoutTheTracesOfTheOneBefore() throws Exception {
        arena[64] = 'f';
        Step create = step(Call.CREAT, NONE, of(BUFFER), of(0600));
        Step exists = step(Call.ACCESS, NONE, of(BUFFER), of(0));
        assertThat(run(exists, create, exists).results()).containsExactly("-ENOENT", "0", "0");
        assertThat(run(exists, create, exists).results()).containsExactly("-ENOENT", "0", "0");
    }

    @Test
    void stepsBeforeAFatalSignalAreKnown() throws Exception {
        Outcome outcome = run(
                step(Call.GETPID, NONE),
                step(Call.KILL, NONE, Argument.result(0), of(9)),
                step(Call.GETPID, NONE));
        assertThat(outcome.results()).containsExactly("pid");
        assertThat(outcome.end()).isEqualTo("status 9");
    }

    @Test
    void handledSignalsAreListedInTheirOrder() throws Exception {
        ByteBuffer action = ByteBuffer.wrap(arena).order(ByteOrder.LITTLE_ENDIAN);
        action.putLong(64, GuestExecutor.HANDLER).putLong(72, 0x04000000L);
        action.putLong(80, GuestExecutor.RESTORER);
        Outcome outcome = run(
                step(Call.RT_SIGACTION, NONE, of(12), of(BUFFER), of(0), of(8)),
                step(Call.RT_SIGACTION, NONE, of(10), of(BUFFER), of(0), of(8)),
                step(Call.GETPID, NONE),
                step(Call.KILL, NONE, Argument.result(2), of(12)),
                step(Call.KILL, NONE, Argument.result(2), of(10)));
        assertThat(outcome.results()).containsExactly("0", "0", "pid", "0", "0");
        assertThat(outcome.end()).isEqualTo("status 0, handled signals 12 10");
    }
}
