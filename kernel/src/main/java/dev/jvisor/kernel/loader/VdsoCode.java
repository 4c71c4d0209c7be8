// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.kernel.time.Clocks;
import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.Reg;

/**
 * The functions of the vDSO. They compute time from the time stamp counter and the data page, and
 * make the system call when the page says so: for other clocks, and when its numbers have expired.
 *
 * <pre>
 *   data page, one page before the image (Vdso writes it, guests read it)
 *     0  int   sequence: odd while it changes
 *     8  long  counter base
 *    16  long  last counter value the numbers hold for; 0: never
 *    24  long  multiplier, 32 bits behind the point
 *    32  long  clocks served, a bit for each CLOCK_*
 *    64  long  [12] time of each clock at the base, nanoseconds
 * </pre>
 */
final class VdsoCode {

    static final int SEQUENCE = 0;
    static final int COUNTER_BASE = 8;
    static final int COUNTER_LIMIT = 16;
    static final int MULTIPLIER = 24;
    static final int CLOCKS = 32;
    static final int BASES = 64;
    static final int CLOCKS_COUNT = 12;

    private static final int PAGE_SIZE = 4096;
    private static final int SYS_GETTIMEOFDAY = 96;
    private static final int SYS_TIME = 201;
    private static final int SYS_CLOCK_GETTIME = 228;
    private static final int SYS_CLOCK_GETRES = 229;
    private static final int SYS_GETCPU = 309;
    private static final int CARRY_CLEAR = Assembler.ABOVE_EQUAL;

    /** Names of the functions, in the order of {@link #offsets}. */
    static final String[] NAMES = {
        "__vdso_clock_gettime",
        "__vdso_gettimeofday",
        "__vdso_time",
        "__vdso_getcpu",
        "__vdso_clock_getres",
    };

    private final Assembler a = new Assembler();
    private final int codeOffset;
    private final int[] offsets = new int[NAMES.length];

    /** @param codeOffset where the code starts in the image, in bytes */
    VdsoCode(int codeOffset) {
        this.codeOffset = codeOffset;
        clockGettime();
        gettimeofday();
        time();
        begin(3);
        systemCall(SYS_GETCPU);
        begin(4);
        systemCall(SYS_CLOCK_GETRES);
    }

    /** Offsets of the functions in the code. */
    int[] offsets() {
        return offsets;
    }

    byte[] bytes() {
        return a.toBytes();
    }

    private void begin(int function) {
        a.align(16);
        offsets[function] = a.position();
    }

    private void systemCall(int number) {
        a.mov(Reg.RAX, number).syscall().ret();
    }

    /**
     * {@code rax} becomes the time of the clock in {@code rdx}, in nanoseconds. Clobbers rcx, rdx,
     * r8-r11.
     */
    private void now(Label fallback) {
        Label retry = new Label();
        Label read = new Label();
        a.movReg(Reg.R10, Reg.RDX);
        // lea r8, [rip + data page]
        a.db(0x4c).db(0x8d).db(0x05).dd(-PAGE_SIZE - (codeOffset + a.position() + 4));
        a.jmp(read);
        a.bind(retry);
        a.pause();
        a.bind(read);
        a.load32(Reg.R9, Reg.R8, SEQUENCE);
        a.db(0x41).db(0xf6).db(0xc1).db(1); // test r9b, 1
        a.jcc(Assembler.NOT_EQUAL, retry);
        a.load(Reg.RAX, Reg.R8, CLOCKS);
        a.db(0x4c).db(0x0f).db(0xa3).db(0xd0); // bt rax, r10
        a.jcc(CARRY_CLEAR, fallback);
        a.db(0x0f).db(0xae).db(0xe8); // lfence
        a.db(0x0f).db(0x31); // rdtsc
        a.db(0x48).db(0xc1).db(0xe2).db(32); // shl rdx, 32
        a.db(0x48).db(0x09).db(0xd0); // or rax, rdx
        a.load(Reg.R11, Reg.R8, COUNTER_LIMIT);
        a.cmpReg(Reg.RAX, Reg.R11);
        a.jcc(Assembler.ABOVE, fallback);
        a.load(Reg.R11, Reg.R8, COUNTER_BASE);
        a.db(0x4c).db(0x29).db(0xd8); // sub rax, r11
        a.jcc(Assembler.BELOW, fallback);
        a.db(0x49).db(0xf7).db(0x60).db(MULTIPLIER); // mul qword [r8 + MULTIPLIER]
        a.db(0x48).db(0x0f).db(0xac).db(0xd0).db(32); // shrd rax, rdx, 32
        a.db(0x4b).db(0x03).db(0x44).db(0xd0).db(BASES); // add rax, [r8 + r10 * 8 + BASES]
        a.load32(Reg.RCX, Reg.R8, SEQUENCE);
        a.db(0x41).db(0x39).db(0xc9); // cmp r9d, ecx
        a.jcc(Assembler.NOT_EQUAL, retry);
    }

    /** rdx:rax becomes remainder and quotient of rax by a constant. */
    private void divide(long divisor) {
        a.xor32(Reg.RDX, Reg.RDX);
        a.mov(Reg.RCX, divisor);
        a.db(0x48).db(0xf7).db(0xf1); // div rcx
    }

    private void clockGettime() {
        begin(0);
        Label fallback = new Label();
        a.db(0x83).db(0xff).db(CLOCKS_COUNT - 1); // cmp edi, imm8
        a.jcc(Assembler.ABOVE, fallback);
        a.db(0x89).db(0xfa); // mov edx, edi
        now(fallback);
        divide(Clocks.NANOS_PER_SECOND);
        a.store(Reg.RSI, 0, Reg.RAX);
        a.store(Reg.RSI, 8, Reg.RDX);
        a.xor32(Reg.RAX, Reg.RAX).ret();
        a.bind(fallback);
        systemCall(SYS_CLOCK_GETTIME);
    }

    private void gettimeofday() {
        begin(1);
        Label fallback = new Label();
        Label zone = new Label();
        Label done = new Label();
        a.test(Reg.RDI);
        a.jcc(Assembler.EQUAL, zone);
        a.xor32(Reg.RDX, Reg.RDX); // CLOCK_REALTIME
        now(fallback);
        divide(Clocks.NANOS_PER_SECOND);
        a.store(Reg.RDI, 0, Reg.RAX);
        a.movReg(Reg.RAX, Reg.RDX);
        divide(1000);
        a.store(Reg.RDI, 8, Reg.RAX);
        a.bind(zone);
        a.xor32(Reg.RAX, Reg.RAX);
        a.test(Reg.RSI);
        a.jcc(Assembler.EQUAL, done);
        a.store(Reg.RSI, 0, Reg.RAX);
        a.bind(done);
        a.ret();
        a.bind(fallback);
        systemCall(SYS_GETTIMEOFDAY);
    }

    private void time() {
        begin(2);
        Label fallback = new Label();
        Label done = new Label();
        a.xor32(Reg.RDX, Reg.RDX);
        now(fallback);
        divide(Clocks.NANOS_PER_SECOND);
        a.test(Reg.RDI);
        a.jcc(Assembler.EQUAL, done);
        a.store(Reg.RDI, 0, Reg.RAX);
        a.bind(done);
        a.ret();
        a.bind(fallback);
        systemCall(SYS_TIME);
    }
}
