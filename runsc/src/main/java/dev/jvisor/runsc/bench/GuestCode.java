// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import static dev.jvisor.platform.asm.Reg.R10;
import static dev.jvisor.platform.asm.Reg.R12;
import static dev.jvisor.platform.asm.Reg.R13;
import static dev.jvisor.platform.asm.Reg.R8;
import static dev.jvisor.platform.asm.Reg.R9;
import static dev.jvisor.platform.asm.Reg.RAX;
import static dev.jvisor.platform.asm.Reg.RBP;
import static dev.jvisor.platform.asm.Reg.RBX;
import static dev.jvisor.platform.asm.Reg.RDI;
import static dev.jvisor.platform.asm.Reg.RDX;
import static dev.jvisor.platform.asm.Reg.RSI;
import static dev.jvisor.platform.asm.Reg.RSP;

import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.StaticElf;

/**
 * What the benchmark's guest programs are put together from.
 *
 * <p>Frame of each program, from RBP up: two timespecs (0, 16), result (32), descriptors (48, 56),
 * status (64), words and lengths (72, 80), 4 KiB buffer (128), and from 4224 on the stack of a
 * second thread. The loop counter is RBX.
 */
final class GuestCode {

    static final int READ = 0;
    static final int WRITE = 1;
    static final int OPEN = 2;
    static final int CLOSE = 3;
    static final int MMAP = 9;
    static final int EXIT_GROUP = 231;
    static final int CLOCK_GETTIME = 228;
    static final int FORK = 57;

    static final int FRAME_SIZE = 8192;
    static final int END_TIME = 16;
    static final int RESULT = 32;
    static final int PIPE_FDS = 48;
    static final int STATUS = 64;
    static final int WORDS = 72;
    static final int BUFFER = 128;
    static final int BLOCK = 65536;

    private static final int CLOCK_MONOTONIC = 1;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int NANOS_PER_SECOND = 1_000_000_000;

    /** The repeated part of a program; the loop counter RBX must survive. */
    interface Body {
        void emit(Assembler a);
    }

    private GuestCode() {}

    static GuestWorkload loop(String name, int count, Body setUp, Body body) {
        Assembler a = new Assembler();
        enter(a);
        setUp.emit(a);
        readClock(a, 0);
        repeat(a, count, body);
        finish(a);
        return new GuestWorkload(name, count, StaticElf.image(a.toBytes()));
    }

    static void enter(Assembler a) {
        a.sub(RSP, FRAME_SIZE).movReg(RBP, RSP);
    }

    static void call(Assembler a, int number) {
        a.mov(RAX, number).syscall();
    }

    static void exitGroup(Assembler a, int status) {
        a.mov(RDI, status);
        call(a, EXIT_GROUP);
    }

    static void repeat(Assembler a, int count, Body body) {
        a.mov(RBX, count);
        Label again = a.here();
        body.emit(a);
        a.dec(RBX).jcc(Assembler.NOT_EQUAL, again);
    }

    static void readClock(Assembler a, int offset) {
        a.mov(RDI, CLOCK_MONOTONIC).movReg(RSI, RBP).add(RSI, offset);
        call(a, CLOCK_GETTIME);
    }

    /** Prints the nanoseconds since the first clock reading, and ends. */
    static void finish(Assembler a) {
        readClock(a, END_TIME);
        // nanos = (s1 - s0) * 1e9 + n1 - n0; the difference of seconds is small: add in a loop
        a.load(RAX, RBP, END_TIME).load(RDX, RBP, 0);
        a.load(R8, RBP, END_TIME + 8).load(R9, RBP, 8);
        subtract(a, R8, R9);
        Label done = new Label();
        Label second = a.here();
        a.cmpReg(RAX, RDX).jcc(Assembler.EQUAL, done);
        a.add(R8, NANOS_PER_SECOND).dec(RAX).jmp(second);
        a.bind(done);
        a.store(RBP, RESULT, R8);
        a.mov(RDI, 1).movReg(RSI, RBP).add(RSI, RESULT).mov(RDX, 8);
        call(a, WRITE);
        exitGroup(a, 0);
    }

    /** {@code to -= from}, of registers R8 and R9 only. */
    private static void subtract(Assembler a, int to, int from) {
        a.db(0x4d).db(0x29).db(0xc0 | (from & 7) << 3 | to & 7);
    }

    /** Emits a NUL-terminated string in the code and loads its address. */
    static void string(Assembler a, int register, String text) {
        Label data = new Label();
        Label behind = new Label();
        a.jmp(behind);
        a.bind(data);
        for (int i = 0; i < text.length(); i++) {
            a.db(text.charAt(i));
        }
        a.db(0);
        a.bind(behind);
        a.lea(register, data);
    }

    /** Opens a file and keeps its descriptor in R12. */
    static void open(Assembler a, String path, int flags, int mode) {
        string(a, RDI, path);
        a.mov(RSI, flags).mov(RDX, mode);
        call(a, OPEN);
        a.movReg(R12, RAX);
    }

    /** Maps anonymous memory; its address is in R13. */
    static void map(Assembler a, long length) {
        a.mov(RDI, 0).mov(RSI, length).mov(RDX, PROT_READ_WRITE);
        a.mov(R10, MAP_PRIVATE_ANONYMOUS).mov(R8, -1).mov(R9, 0);
        call(a, MMAP);
        a.movReg(R13, RAX);
    }

    static void oneByte(Assembler a, int number, int descriptor) {
        a.load32(RDI, RBP, descriptor).movReg(RSI, RBP).add(RSI, BUFFER).mov(RDX, 1);
        call(a, number);
    }
}
