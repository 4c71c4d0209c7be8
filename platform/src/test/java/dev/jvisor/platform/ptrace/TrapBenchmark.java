// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.Reg;
import dev.jvisor.platform.memory.MemoryFile;
import dev.jvisor.platform.testing.GuestProgram;

/** Prints the cost of one trap: a guest that calls getppid in a loop, answered here. */
public final class TrapBenchmark {

    private TrapBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20_000;
        Assembler a = new Assembler();
        Label loop = a.here();
        a.mov(Reg.RAX, 110).syscall().jmp(loop);
        long t0 = System.nanoTime();
        try (Platform platform = PtracePlatform.create(MemoryFile.create())) {
            long t1 = System.nanoTime();
            try (GuestContext context = platform.newContext()) {
                long t2 = System.nanoTime();
                GuestProgram.load(platform, context, a);
                context.run();
                long t3 = System.nanoTime();
                System.out.println("platform us " + (t1 - t0) / 1000 + ", context us "
                        + (t2 - t1) / 1000 + ", first trap us " + (t3 - t2) / 1000);
                for (int round = 0; round < 10; round++) {
                    long start = System.nanoTime();
                    for (int i = 0; i < count; i++) {
                        if (context.trap().kind != Trap.Kind.SYSCALL
                                || context.registers().origRax != 110) {
                            throw new IllegalStateException("trap " + context.trap().kind);
                        }
                        context.registers().rax = 42;
                        context.run();
                    }
                    System.out.println((System.nanoTime() - start) / count + " ns per getppid");
                }
            }
        }
    }
}
