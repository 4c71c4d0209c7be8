// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Reg;

import java.nio.charset.StandardCharsets;

/**
 * The processor's time stamp counter, read by a few machine instructions on a page of their own.
 * The page is made when the class is first used, which has to come before the Sentry forbids itself
 * new executable mappings.
 */
public final class HostTsc {

    private static final int CODE_SIZE = 4096;
    private static final int PROT_READ_WRITE = 3;
    private static final int PROT_READ_EXEC = 5;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final long O_RDONLY_CLOEXEC = 0x80000;
    private static final int TRIES = 6;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    // Offsets in the block that sample fills.
    private static final int BEFORE = 0;
    private static final int BETWEEN = 8;
    private static final int AFTER = 16;
    private static final int MONOTONIC = 24;
    private static final int REALTIME = 40;

    private static final long CLOCK_GETTIME = Native.symbol("clock_gettime");
    private static final long READ;
    private static final long SAMPLE;

    static {
        Assembler a = new Assembler();
        readCounter(a);
        a.ret();
        a.align(16);
        int sampleOffset = a.position();
        sampleCode(a);
        byte[] code = a.toBytes();
        long page =
                Host.syscall(Sys.MMAP, 0, CODE_SIZE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
        if (Host.isError(page)) {
            throw new SentryBug("no memory for the counter's code result=" + page);
        }
        RawMemory.put(page, code, 0, code.length);
        long protect = Host.syscall(Sys.MPROTECT, page, CODE_SIZE, PROT_READ_EXEC);
        if (protect != 0) {
            throw new SentryBug("the host forbids executable memory result=" + protect);
        }
        READ = page;
        SAMPLE = page + sampleOffset;
    }

    private HostTsc() {}

    /** Counter in rax, after everything before it (Intel SDM vol. 2, RDTSC). */
    private static void readCounter(Assembler a) {
        a.db(0x0f).db(0xae).db(0xe8); // lfence
        a.db(0x0f).db(0x31); // rdtsc
        a.db(0x48).db(0xc1).db(0xe2).db(32); // shl rdx, 32
        a.db(0x48).db(0x09).db(0xd0); // or rax, rdx
    }

    /** {@code sample(block, clock_gettime)}: counter, monotonic, counter, realtime, counter. */
    private static void sampleCode(Assembler a) {
        a.push(Reg.RBX).push(Reg.RBP).push(Reg.R12); // and the stack is aligned
        a.movReg(Reg.RBX, Reg.RDI).movReg(Reg.RBP, Reg.RSI);
        readCounter(a);
        a.store(Reg.RBX, BEFORE, Reg.RAX);
        a.mov(Reg.RDI, 1).movReg(Reg.RSI, Reg.RBX).add(Reg.RSI, MONOTONIC).callReg(Reg.RBP);
        readCounter(a);
        a.store(Reg.RBX, BETWEEN, Reg.RAX);
        a.mov(Reg.RDI, 0).movReg(Reg.RSI, Reg.RBX).add(Reg.RSI, REALTIME).callReg(Reg.RBP);
        readCounter(a);
        a.store(Reg.RBX, AFTER, Reg.RAX);
        a.pop(Reg.R12).pop(Reg.RBP).pop(Reg.RBX).xor32(Reg.RAX, Reg.RAX).ret();
    }

    /** Returns the counter. */
    public static long read() {
        return Native.call(READ, 0, 0, 0, 0, 0, 0);
    }

    /** The counter and the clocks at one moment. */
    public static final class Sample {
        public long counter;
        public long monotonicNanos;

        /** CLOCK_REALTIME minus CLOCK_MONOTONIC. */
        public long realtimeOffsetNanos;

        /**
         * Counter steps that reading the monotonic clock took: the moment is known to half of it.
         */
        public long window;
    }

    /** Takes the best of a few samples. */
    public static Sample sample() {
        NativeBuffer b = NativeBuffer.scratch();
        Sample best = new Sample();
        best.window = Long.MAX_VALUE;
        long offsetWindow = Long.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            Native.call(SAMPLE, b.address(), CLOCK_GETTIME, 0, 0, 0, 0);
            long before = b.getLong(BEFORE);
            long between = b.getLong(BETWEEN);
            long after = b.getLong(AFTER);
            long monotonic = nanos(b, MONOTONIC);
            if (between - before < best.window) {
                best.window = between - before;
                best.counter = before + (between - before) / 2;
                best.monotonicNanos = monotonic;
            }
            if (after - before < offsetWindow) {
                offsetWindow = after - before;
                // The second reading comes half of the whole window later; not corrected: below 50
                // ns.
                best.realtimeOffsetNanos = nanos(b, REALTIME) - monotonic;
            }
        }
        return best;
    }

    private static long nanos(NativeBuffer b, int at) {
        return b.getLong(at) * NANOS_PER_SECOND + b.getLong(at + 8);
    }

    /**
     * Whether the host's kernel keeps its own time by this counter, so that it is constant, runs on
     * in idle states and agrees on all processors.
     */
    public static boolean isClockSource() {
        NativeBuffer b = NativeBuffer.scratch();
        byte[] path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
                .getBytes(StandardCharsets.ISO_8859_1);
        long fd = Host.syscall(Sys.OPEN, b.putCString(0, path), O_RDONLY_CLOEXEC, 0);
        if (fd < 0) {
            return false;
        }
        long n = Host.syscall(Sys.READ, fd, b.address(), 16);
        Host.syscall(Sys.CLOSE, fd, 0, 0);
        return n == 4 && b.getByte(0) == 't' && b.getByte(1) == 's' && b.getByte(2) == 'c';
    }
}
