// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.GuestContext.CloneMode;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.Reg;
import dev.jvisor.platform.memory.MemoryFile;
import dev.jvisor.platform.testing.GuestProgram;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Threads, forks, execs, interrupts and mapping changes at the same time. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PtraceStressTests {

    private static final int PAGE = MemoryFile.PAGE_SIZE;
    private static final int THREADS_COUNT = 6;
    private static final int STEPS_COUNT = 200;
    /** More contexts at a time than this only fight for the CPUs. */
    private static final int LIVE_MAX = 30;

    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<GuestContext> live = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final AtomicLong traps = new AtomicLong();
    private volatile boolean stop;

    /** A guest that counts in rbx, computes a little and calls. */
    private static Assembler program() {
        Assembler a = new Assembler();
        Label loop = a.here();
        a.mov(Reg.RCX, 2000);
        Label burn = a.here();
        a.dec(Reg.RCX).jcc(Assembler.NOT_EQUAL, burn);
        a.inc(Reg.RBX).mov(Reg.RAX, 110).syscall().jmp(loop);
        return a;
    }

    /** Runs until the guest's next call; its counter shows that none was lost or made twice. */
    private void step(GuestContext context) throws Exception {
        Registers r = context.registers();
        long before = r.rbx;
        do {
            context.run();
            traps.incrementAndGet();
        } while (context.trap().kind == Trap.Kind.INTERRUPT);
        assertThat(context.trap().kind).isEqualTo(Trap.Kind.SYSCALL);
        assertThat(r.rbx).isEqualTo(before + 1);
    }

    private void task(Platform platform, GuestContext context, long seed, int depth)
            throws Exception {
        Random random = new Random(seed);
        long mine = 0x10_0000_0000L + Math.floorMod(seed, 1000) * 0x100000L;
        long page = platform.memory().allocate(4 * PAGE);
        live.add(context);
        for (int i = 0; i < STEPS_COUNT >> depth && !stop; i++) {
            AddressSpace space = context.addressSpace();
            switch (random.nextInt(depth < 2 && live.size() < LIVE_MAX ? 24 : 20)) {
                case 0, 1 -> space.map(mine, 4 * PAGE, page, 3);
                case 2 -> space.unmap(mine + PAGE, PAGE);
                case 3 -> space.protect(mine, 4 * PAGE, 1);
                case 4 -> {
                    space.unmap(mine, 4 * PAGE);
                    space.commit();
                }
                case 20 -> context.cloneContext(CloneMode.COPY_ADDRESS_SPACE).discard();
                case 21 ->
                    spawn(platform, context, CloneMode.SHARE_ADDRESS_SPACE, seed * 31 + i, depth);
                case 22 ->
                    spawn(platform, context, CloneMode.COPY_ADDRESS_SPACE, seed * 31 + i, depth);
                case 23 -> {
                    context.resetAddressSpace();
                    GuestProgram.load(platform, context, program());
                }
                default -> {}
            }
            step(context);
        }
    }

    private void spawn(Platform platform, GuestContext parent, CloneMode mode, long seed, int depth)
            throws Exception {
        GuestContext.Seed child = parent.cloneContext(mode);
        start(() -> {
            try (GuestContext context = child.attach()) {
                try {
                    task(platform, context, seed, depth + 1);
                } finally {
                    live.remove(context);
                }
            }
        });
    }

    private interface Body {
        void run() throws Exception;
    }

    private void start(Body body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (Throwable e) {
                failures.add(e);
                stop = true;
            }
        });
        threads.add(thread);
        thread.start();
    }

    @Test
    void everythingAtOnce() throws Exception {
        List<Thread> helpers = new ArrayList<>();
        try (Platform platform = PtracePlatform.create(MemoryFile.create())) {
            for (int i = 0; i < THREADS_COUNT; i++) {
                long seed = 4711 + i;
                start(() -> {
                    try (GuestContext context = platform.newContext()) {
                        GuestProgram.load(platform, context, program());
                        try {
                            task(platform, context, seed, 0);
                        } finally {
                            live.remove(context);
                        }
                    }
                });
            }
            helpers.add(new Thread(this::interruptSome));
            helpers.add(new Thread(this::commitSome));
            helpers.forEach(Thread::start);
            for (Thread thread = threads.poll(); thread != null; thread = threads.poll()) {
                thread.join();
            }
            stop = true;
            for (Thread helper : helpers) {
                helper.join();
            }
            assertThat(failures).isEmpty();
            assertThat(traps.get()).isGreaterThan(THREADS_COUNT * STEPS_COUNT);
            assertThat(stubsOfThisProcess()).isZero();
        }
    }

    private void interruptSome() {
        while (!stop) {
            for (GuestContext context : live) {
                context.interrupt();
            }
            pause();
        }
    }

    /**
     * Queues a change that no guest notices, and waits for it, as a thread that owns no context.
     */
    private void commitSome() {
        while (!stop) {
            for (GuestContext context : live) {
                try {
                    AddressSpace space = context.addressSpace();
                    space.unmap(0x7000_0000_0000L, PAGE);
                    space.protect(GuestProgram.DATA, PAGE, 3);
                    space.commit();
                } catch (Exception e) {
                    failures.add(e);
                    stop = true;
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(3);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long stubsOfThisProcess() throws Exception {
        long count = 0;
        long self = ProcessHandle.current().pid();
        try (var processes = Files.list(Path.of("/proc"))) {
            for (Path process : (Iterable<Path>) processes::iterator) {
                if (!process.getFileName().toString().matches("\\d+")) {
                    continue;
                }
                try {
                    String stat = Files.readString(process.resolve("stat"));
                    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                    if (stat.contains("(jvisor-stub)") && Long.parseLong(fields[1]) == self) {
                        count++;
                    }
                } catch (java.io.IOException ended) {
                    // Gone between the listing and the look.
                }
            }
        }
        return count;
    }
}
