// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.family;

import static dev.jvisor.conformance.family.ProgramBuilder.buffer;
import static dev.jvisor.conformance.family.ProgramBuilder.bytes;
import static dev.jvisor.conformance.family.ProgramBuilder.of;

import dev.jvisor.conformance.program.Argument;
import dev.jvisor.conformance.program.Call;

/** Programs about pipes and event counters. Nothing blocks: there is nobody to wake it. */
final class PipePrograms {

    private static final int STEPS = 20;
    private static final int BUFFER_SIZE = 64;
    private static final int POLL_COUNT = 3;
    private static final Argument NONBLOCK = Argument.constant(0x800, "O_NONBLOCK");
    private static final Argument SPLICE_F_NONBLOCK = Argument.constant(2, "SPLICE_F_NONBLOCK");

    private PipePrograms() {}

    static void pipes(ProgramBuilder p) {
        SignalPrograms.handle(p, 13); // SIGPIPE
        for (int i = 0; i < 2; i++) {
            long pair = p.reserve(8);
            p.poke(pair, -1L);
            p.step(
                    Call.PIPE2,
                    bytes(pair, 8),
                    buffer(pair),
                    p.oneIn(6)
                            ? ProgramBuilder.or(
                                    NONBLOCK,
                                    p.flags(
                                            2,
                                            "O_CLOEXEC",
                                            0x80000,
                                            "O_DIRECT",
                                            0x4000,
                                            "0x1",
                                            p.oneIn(4) ? 1 : 0))
                            : NONBLOCK);
            p.addDescriptor(Argument.word(pair, "pipe" + i + "[0]"));
            p.addDescriptor(Argument.word(pair + 4, "pipe" + i + "[1]"));
        }
        p.openFile("a", 0, "");
        long content = p.filled(BUFFER_SIZE);
        long read = p.reserve(BUFFER_SIZE);
        for (int i = 0; i < STEPS; i++) {
            one(p, content, read);
        }
    }

    private static void one(ProgramBuilder p, long content, long read) {
        Argument length = of(p.random.nextInt(BUFFER_SIZE));
        switch (p.random.nextInt(14)) {
            case 0, 1, 2 -> p.step(Call.WRITE, p.descriptor(), buffer(content), length);
            case 3, 4 ->
                p.step(Call.READ, bytes(read, BUFFER_SIZE), p.descriptor(), buffer(read), length);
            case 5 -> p.step(Call.WRITEV, p.descriptor(), FilePrograms.vector(p, content), of(2));
            case 6 ->
                p.step(
                        Call.READV,
                        bytes(read, BUFFER_SIZE),
                        p.descriptor(),
                        FilePrograms.vector(p, read),
                        of(3));
            case 7 -> p.step(Call.TEE, p.descriptor(), p.descriptor(), length, SPLICE_F_NONBLOCK);
            case 8 ->
                p.step(
                        Call.SPLICE,
                        p.descriptor(),
                        of(0),
                        p.descriptor(),
                        of(0),
                        length,
                        SPLICE_F_NONBLOCK);
            case 9 -> p.step(Call.FCNTL, p.descriptor(), Argument.constant(1032, "F_GETPIPE_SZ"));
            case 10 ->
                p.step(
                        Call.FCNTL,
                        p.descriptor(),
                        Argument.constant(1031, "F_SETPIPE_SZ"),
                        of(p.pickLong(0, 1, 4096, 5000, 65536, 1 << 20, 1L << 31, -1)));
            case 11 ->
                p.step(
                        Call.IOCTL,
                        bytes(read, 8),
                        p.descriptor(),
                        Argument.constant(0x541b, "FIONREAD"),
                        buffer(read));
            case 12 -> p.step(p.oneIn(3) ? Call.CLOSE : Call.LSEEK, p.descriptor(), of(0), of(0));
            default -> poll(p);
        }
    }

    private static void poll(ProgramBuilder p) {
        long set = p.reserve(8 * POLL_COUNT);
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < POLL_COUNT; i++) {
            int descriptor = p.random.nextInt(6) - 1;
            int events = (int) p.pickLong(1, 4, 5, 0, 0x2000, 0x345);
            p.pokeInt(set + 8L * i, descriptor);
            p.pokeInt(set + 8L * i + 4, events);
            text.append(i == 0 ? "{" : ", {")
                    .append(descriptor)
                    .append(", 0x")
                    .append(Integer.toHexString(events))
                    .append("}");
        }
        p.step(
                Call.POLL,
                bytes(set, 8 * POLL_COUNT),
                Argument.constant(set, text + "}"),
                of(p.pickLong(POLL_COUNT, POLL_COUNT, 1, 0)),
                of(0));
    }

    static void eventfd(ProgramBuilder p) {
        for (int i = 0; i < 2; i++) {
            p.opening(
                    Call.EVENTFD2,
                    of(p.pickLong(0, 0, 1, 5, 0xffffffffL)),
                    ProgramBuilder.or(
                            NONBLOCK,
                            p.flags(
                                    4,
                                    "EFD_SEMAPHORE",
                                    1,
                                    "EFD_CLOEXEC",
                                    0x80000,
                                    "0x2",
                                    p.oneIn(10) ? 2 : 0)));
        }
        long read = p.reserve(16);
        for (int i = 0; i < STEPS; i++) {
            switch (p.random.nextInt(5)) {
                case 0, 1 ->
                    p.step(
                            Call.READ,
                            bytes(read, 16),
                            p.descriptor(),
                            buffer(read),
                            of(p.pickLong(8, 8, 8, 16, 7, 0)));
                case 2, 3 -> {
                    long value = p.reserve(8);
                    long number = p.pickLong(0, 1, 2, 1000, -1, -2, Long.MAX_VALUE, -3);
                    p.poke(value, number);
                    p.step(
                            Call.WRITE,
                            p.descriptor(),
                            Argument.constant(value, "&{" + number + "}"),
                            of(p.pickLong(8, 8, 8, 12, 4)));
                }
                default -> poll(p);
            }
        }
    }
}
