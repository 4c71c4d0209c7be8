// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import static dev.jvisor.platform.asm.Reg.R10;
import static dev.jvisor.platform.asm.Reg.R12;
import static dev.jvisor.platform.asm.Reg.R13;
import static dev.jvisor.platform.asm.Reg.R14;
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

import java.util.List;

/**
 * The guest programs of the benchmark, as machine code of our own: nothing but the system calls
 * that are measured, no C library and no compiler.
 *
 * <p>Frame of each program, from RBP up: two timespecs (0, 16), result (32), descriptors (48, 56),
 * status (64), 4 KiB buffer (128). The loop counter is RBX.
 */
final class GuestPrograms {

    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int OPEN = 2;
    private static final int CLOSE = 3;
    private static final int STAT = 4;
    private static final int MMAP = 9;
    private static final int MUNMAP = 11;
    private static final int PREAD64 = 17;
    private static final int PWRITE64 = 18;
    private static final int PIPE = 22;
    private static final int PAUSE = 34;
    private static final int FORK = 57;
    private static final int EXECVE = 59;
    private static final int EXIT_GROUP = 231;
    private static final int WAIT4 = 61;
    private static final int GETPPID = 110;
    private static final int CLOCK_GETTIME = 228;

    private static final int FRAME_SIZE = 8192;
    private static final int END_TIME = 16;
    private static final int RESULT = 32;
    private static final int PIPE_FDS = 48;
    private static final int STATUS = 64;
    private static final int BUFFER = 128;

    private static final int CLOCK_MONOTONIC = 1;
    private static final int O_RDWR_CREAT = 0102;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int NANOS_PER_SECOND = 1_000_000_000;
    private static final int PAGE_SIZE = 4096;
    private static final int MAPPED_PAGES = 16;

    /** The repeated part of a program; the loop counter RBX must survive. */
    private interface Body {
        void emit(Assembler a);
    }

    private GuestPrograms() {}

    /** All workloads in the order of the table. */
    static List<GuestWorkload> workloads() {
        return List.of(
                loop("getppid", 50_000, a -> {}, GuestPrograms::getppid),
                loop("read_4k", 50_000, a -> open(a, "data", 0, 0), a -> transfer(a, PREAD64)),
                loop(
                        "write_4k",
                        50_000,
                        a -> open(a, "tmp/f", O_RDWR_CREAT, 0600),
                        a -> transfer(a, PWRITE64)),
                loop("open_close", 50_000, a -> {}, GuestPrograms::openClose),
                loop("stat", 50_000, a -> {}, GuestPrograms::stat),
                pingPong(5_000),
                loop("fork_exec_wait", 500, a -> {}, GuestPrograms::forkExecWait),
                loop("mmap_touch_munmap", 5_000, a -> {}, GuestPrograms::mapTouchUnmap),
                pageFaults(50_000));
    }

    /** Ends at once with status 0. */
    static byte[] exit() {
        Assembler a = new Assembler();
        exit(a, 0);
        return StaticElf.image(a.toBytes());
    }

    /** Prints one byte and sleeps until a signal ends it. */
    static byte[] sleep() {
        Assembler a = new Assembler();
        enter(a);
        a.mov(RDI, 1).movReg(RSI, RBP).mov(RDX, 1);
        call(a, WRITE);
        Label again = a.here();
        call(a, PAUSE);
        a.jmp(again);
        return StaticElf.image(a.toBytes());
    }

    private static GuestWorkload loop(String name, int count, Body setUp, Body body) {
        Assembler a = new Assembler();
        enter(a);
        setUp.emit(a);
        readClock(a, 0);
        repeat(a, count, body);
        finish(a);
        return new GuestWorkload(name, count, StaticElf.image(a.toBytes()));
    }

    private static void enter(Assembler a) {
        a.sub(RSP, FRAME_SIZE).movReg(RBP, RSP);
    }

    private static void call(Assembler a, int number) {
        a.mov(RAX, number).syscall();
    }

    private static void exit(Assembler a, int status) {
        a.mov(RDI, status);
        call(a, EXIT_GROUP);
    }

    private static void repeat(Assembler a, int count, Body body) {
        a.mov(RBX, count);
        Label again = a.here();
        body.emit(a);
        a.dec(RBX).jcc(Assembler.NOT_EQUAL, again);
    }

    private static void readClock(Assembler a, int offset) {
        a.mov(RDI, CLOCK_MONOTONIC).movReg(RSI, RBP).add(RSI, offset);
        call(a, CLOCK_GETTIME);
    }

    /** Prints the nanoseconds since the first clock reading, and ends. */
    private static void finish(Assembler a) {
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
        exit(a, 0);
    }

    /** {@code to -= from}, of registers R8 and R9 only. */
    private static void subtract(Assembler a, int to, int from) {
        a.db(0x4d).db(0x29).db(0xc0 | (from & 7) << 3 | to & 7);
    }

    /** Emits a NUL-terminated string in the code and loads its address. */
    private static void string(Assembler a, int register, String text) {
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

    private static void getppid(Assembler a) {
        call(a, GETPPID);
    }

    /** Opens a file and keeps its descriptor in R12. */
    private static void open(Assembler a, String path, int flags, int mode) {
        string(a, RDI, path);
        a.mov(RSI, flags).mov(RDX, mode);
        call(a, OPEN);
        a.movReg(R12, RAX);
    }

    private static void transfer(Assembler a, int number) {
        a.movReg(RDI, R12).movReg(RSI, RBP).add(RSI, BUFFER).mov(RDX, PAGE_SIZE).mov(R10, 0);
        call(a, number);
    }

    private static void openClose(Assembler a) {
        open(a, "data", 0, 0);
        a.movReg(RDI, R12);
        call(a, CLOSE);
    }

    private static void stat(Assembler a) {
        string(a, RDI, "data");
        a.movReg(RSI, RBP).add(RSI, BUFFER);
        call(a, STAT);
    }

    private static void forkExecWait(Assembler a) {
        Label parent = new Label();
        call(a, FORK);
        a.test(RAX).jcc(Assembler.NOT_EQUAL, parent);
        string(a, RDI, "exit");
        // argv = {"exit", NULL}, envp = {NULL}
        a.store(RBP, BUFFER, RDI).mov(RAX, 0).store(RBP, BUFFER + 8, RAX);
        a.movReg(RSI, RBP).add(RSI, BUFFER).movReg(RDX, RSI).add(RDX, 8);
        call(a, EXECVE);
        exit(a, 1);
        a.bind(parent);
        a.movReg(RDI, RAX).movReg(RSI, RBP).add(RSI, STATUS).mov(RDX, 0).mov(R10, 0);
        call(a, WAIT4);
    }

    private static void map(Assembler a, long length) {
        a.mov(RDI, 0).mov(RSI, length).mov(RDX, PROT_READ_WRITE);
        a.mov(R10, MAP_PRIVATE_ANONYMOUS).mov(R8, -1).mov(R9, 0);
        call(a, MMAP);
        a.movReg(R13, RAX);
    }

    /** Maps 64 KiB, stores to each page, and unmaps it. */
    private static void mapTouchUnmap(Assembler a) {
        map(a, MAPPED_PAGES * PAGE_SIZE);
        for (int i = 0; i < MAPPED_PAGES; i++) {
            a.store(R13, i * PAGE_SIZE, R13);
        }
        a.movReg(RDI, R13).mov(RSI, MAPPED_PAGES * PAGE_SIZE);
        call(a, MUNMAP);
    }

    /** Stores once to each page of fresh memory. */
    private static GuestWorkload pageFaults(int count) {
        Body store = a -> a.store(R14, 0, RBX).add(R14, PAGE_SIZE);
        Body mapping = a -> {
            map(a, (long) count * PAGE_SIZE);
            a.movReg(R14, R13);
        };
        return loop("page_fault", count, mapping, store);
    }

    /** Sends a byte to a child and back through two pipes. */
    private static GuestWorkload pingPong(int count) {
        Body setUp = a -> {
            Label parent = new Label();
            for (int pipe = 0; pipe < 2; pipe++) {
                a.movReg(RDI, RBP).add(RDI, PIPE_FDS + 8 * pipe);
                call(a, PIPE);
            }
            call(a, FORK);
            a.test(RAX).jcc(Assembler.NOT_EQUAL, parent);
            repeat(a, count, child -> {
                oneByte(child, READ, PIPE_FDS);
                oneByte(child, WRITE, PIPE_FDS + 12);
            });
            exit(a, 0);
            a.bind(parent);
        };
        return loop("pipe_pingpong", count, setUp, a -> {
            oneByte(a, WRITE, PIPE_FDS + 4);
            oneByte(a, READ, PIPE_FDS + 8);
        });
    }

    private static void oneByte(Assembler a, int number, int descriptor) {
        a.load32(RDI, RBP, descriptor).movReg(RSI, RBP).add(RSI, BUFFER).mov(RDX, 1);
        call(a, number);
    }
}
