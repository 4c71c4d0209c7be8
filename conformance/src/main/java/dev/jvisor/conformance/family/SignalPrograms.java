// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.family;

import static dev.jvisor.conformance.family.ProgramBuilder.UNMAPPED;
import static dev.jvisor.conformance.family.ProgramBuilder.buffer;
import static dev.jvisor.conformance.family.ProgramBuilder.bytes;
import static dev.jvisor.conformance.family.ProgramBuilder.of;

import dev.jvisor.conformance.executor.GuestExecutor;
import dev.jvisor.conformance.program.Argument;
import dev.jvisor.conformance.program.Call;

/** Programs about signals that a process sends to itself. */
final class SignalPrograms {

    private static final int STEPS = 20;
    private static final int SA_RESTORER = 0x04000000;
    private static final int SIGALRM = 14;
    private static final Argument SET_SIZE = of(8);

    private SignalPrograms() {}

    static void signals(ProgramBuilder p) {
        Argument self = p.step(Call.GETPID);
        for (int i = 0; i < 3; i++) {
            handle(p, signal(p));
        }
        long old = p.reserve(8);
        for (int i = 0; i < STEPS; i++) {
            switch (p.random.nextInt(9)) {
                case 0, 1 ->
                    p.step(
                            Call.RT_SIGPROCMASK,
                            bytes(old, 8),
                            of(p.pickLong(0, 0, 1, 2, 3)),
                            set(p),
                            buffer(old),
                            p.oneIn(15) ? of(4) : SET_SIZE);
                case 2, 3 ->
                    p.step(Call.KILL, self, of(p.oneIn(12) ? p.pickLong(65, -1, 0) : signal(p)));
                case 4 -> p.step(Call.TKILL, self, of(signal(p)));
                case 5 ->
                    p.step(
                            Call.RT_SIGPENDING,
                            bytes(old, 8),
                            buffer(old),
                            p.oneIn(10) ? of(9) : SET_SIZE);
                case 6 -> waitFor(p);
                case 7 -> handle(p, signal(p));
                default -> action(p);
            }
        }
        p.step(Call.RT_SIGPROCMASK, bytes(old, 8), of(2), of(0), buffer(old), SET_SIZE);
        p.step(Call.RT_SIGPENDING, bytes(old, 8), buffer(old), SET_SIZE);
    }

    /** Not SIGALRM: it ends programs that block. Not SIGKILL and SIGSTOP mostly. */
    private static int signal(ProgramBuilder p) {
        return (int) p.pickLong(1, 2, 3, 10, 12, 17, 18, 23, 28, 34, 35, 64);
    }

    /** Lets a signal be noted by the executor's handler. */
    static void handle(ProgramBuilder p, int signal) {
        long action = p.reserve(32);
        p.poke(action, GuestExecutor.HANDLER);
        Argument flags = p.flags(
                5,
                "SA_NODEFER",
                0x40000000,
                "SA_RESTART",
                0x10000000,
                "SA_RESETHAND",
                0x80000000L,
                "SA_SIGINFO",
                4);
        p.poke(action + 8, flags.value() | SA_RESTORER);
        p.poke(action + 16, GuestExecutor.RESTORER);
        p.poke(action + 24, mask(p));
        p.step(
                Call.RT_SIGACTION,
                of(signal),
                Argument.constant(action, "{handler, " + flags + "}"),
                of(0),
                SET_SIZE);
    }

    private static void action(ProgramBuilder p) {
        long old = p.reserve(32);
        long action = p.reserve(32);
        long disposition = p.pickLong(0, 1);
        p.poke(action, disposition);
        p.step(
                Call.RT_SIGACTION,
                bytes(old, 32),
                of(p.oneIn(8) ? p.pickLong(0, 9, 19, 65) : signal(p)),
                p.oneIn(3)
                        ? of(0)
                        : Argument.constant(action, disposition == 0 ? "{DFL}" : "{IGN}"),
                p.oneIn(15) ? UNMAPPED : buffer(old),
                p.oneIn(15) ? of(16) : SET_SIZE);
    }

    private static void waitFor(ProgramBuilder p) {
        long timeout = p.reserve(16);
        p.step(Call.RT_SIGTIMEDWAIT, set(p), of(0), buffer(timeout), SET_SIZE);
    }

    private static long mask(ProgramBuilder p) {
        long mask = 0;
        for (int i = p.random.nextInt(5); i > 0; i--) {
            mask |= 1L << signal(p) - 1;
        }
        return mask & ~(1L << SIGALRM - 1);
    }

    private static Argument set(ProgramBuilder p) {
        if (p.oneIn(15)) {
            return p.pick(of(0), UNMAPPED);
        }
        long address = p.reserve(8);
        long mask = mask(p);
        p.poke(address, mask);
        return Argument.constant(address, "&0x" + Long.toHexString(mask));
    }
}
