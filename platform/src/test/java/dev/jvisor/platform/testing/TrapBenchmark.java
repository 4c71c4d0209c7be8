// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.testing;

import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.Reg;
import dev.jvisor.platform.memory.MemoryFile;
import dev.jvisor.platform.ptrace.PtracePlatform;
import dev.jvisor.platform.systrap.SystrapPlatform;

/**
 * Prints what traps, mapping changes and processes cost on this host, in the Sentry's own calls.
 */
public final class TrapBenchmark {

    private TrapBenchmark() {}

    /** Usage: [iterations [platform]]. */
    public static void main(String[] arguments) throws Exception {
        int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20_000;
        long t0 = System.nanoTime();
        boolean ptrace = arguments.length > 1 && arguments[1].equals("ptrace");
        try (Platform platform = ptrace
                ? PtracePlatform.create(MemoryFile.create())
                : SystrapPlatform.create(MemoryFile.create())) {
            long t1 = System.nanoTime();
            try (GuestContext context = platform.newContext()) {
                long t2 = System.nanoTime();
                load(platform, context);
                context.run();
                long t3 = System.nanoTime();
                System.out.println("platform us " + (t1 - t0) / 1000 + ", context us "
                        + (t2 - t1) / 1000 + ", first trap us " + (t3 - t2) / 1000);
                for (int round = 0; round < 5; round++) {
                    System.out.println("getppid ns " + getppid(context, count)
                            + ", signal return ns " + allRegisters(context, count / 4)
                            + ", map+unmap ns " + mapUnmap(platform, context, count / 20)
                            + ", fault+map ns " + fault(platform, context, count / 20));
                    System.out.println("  " + processes(platform, context, count / 200));
                }
            }
        }
    }

    private static void load(Platform platform, GuestContext context) throws Exception {
        Assembler a = new Assembler();
        Label loop = a.here();
        a.mov(Reg.RAX, 110).syscall().jmp(loop);
        GuestProgram.load(platform, context, a);
    }

    private static long getppid(GuestContext context, int count) throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            if (context.trap().kind != Trap.Kind.SYSCALL || context.registers().origRax != 110) {
                throw new IllegalStateException("trap " + context.trap().kind);
            }
            context.registers().rax = 42;
            context.run();
        }
        return (System.nanoTime() - start) / count;
    }

    private static long allRegisters(GuestContext context, int count) throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            context.registers().r15 = i;
            context.run();
        }
        return (System.nanoTime() - start) / count;
    }

    private static long mapUnmap(Platform platform, GuestContext context, int count)
            throws Exception {
        long page = platform.memory().allocate(4096);
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            context.addressSpace().map(0x900000, 4096, page, 3);
            context.run();
            context.addressSpace().unmap(0x900000, 4096);
            context.run();
        }
        platform.memory().free(page, 4096);
        return (System.nanoTime() - start) / count;
    }

    private static long fault(Platform platform, GuestContext context, int count) throws Exception {
        long page = platform.memory().allocate(4096);
        platform.memory().putInt(page, 0x050f); // syscall
        Registers saved = new Registers();
        saved.copyFrom(context.registers());
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            context.registers().rip = 0x900000;
            context.run();
            if (context.trap().kind != Trap.Kind.FAULT) {
                throw new IllegalStateException("trap " + context.trap().kind);
            }
            context.addressSpace().map(0x900000, 4096, page, 5);
            context.run();
            context.addressSpace().unmap(0x900000, 4096);
        }
        long nanos = (System.nanoTime() - start) / count;
        context.registers().copyFrom(saved);
        context.run();
        platform.memory().free(page, 4096);
        return nanos;
    }

    /** A fork, an exec and an exit on a thread of its own, in a process with 100 mappings. */
    private static String processes(Platform platform, GuestContext context, int count)
            throws Exception {
        long page = platform.memory().allocate(4096);
        for (int i = 0; i < 100; i++) {
            context.addressSpace().map(0x10_0000_0000L + i * 8192L, 4096, page, 3);
        }
        context.run();
        long[] sum = new long[5];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            GuestContext.Seed seed =
                    context.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
            long forked = System.nanoTime();
            Thread thread = new Thread(() -> {
                try {
                    long begun = System.nanoTime();
                    GuestContext child = seed.attach();
                    long attached = System.nanoTime();
                    child.run();
                    long ran = System.nanoTime();
                    child.resetAddressSpace();
                    load(platform, child);
                    child.run();
                    long executed = System.nanoTime();
                    child.close();
                    sum[0] += forked - start;
                    sum[1] += attached - begun;
                    sum[2] += ran - attached;
                    sum[3] += executed - ran;
                    sum[4] += System.nanoTime() - executed;
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            thread.start();
            thread.join();
        }
        for (int i = 0; i < 100; i++) {
            context.addressSpace().unmap(0x10_0000_0000L + i * 8192L, 4096);
        }
        context.run();
        platform.memory().free(page, 4096);
        return "fork ns " + sum[0] / count + ", attach ns " + sum[1] / count + ", first run ns "
                + sum[2] / count + ", exec ns " + sum[3] / count + ", exit ns " + sum[4] / count;
    }
}
