// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import static dev.jvisor.platform.asm.Reg.R10;
import static dev.jvisor.platform.asm.Reg.R12;
import static dev.jvisor.platform.asm.Reg.R13;
import static dev.jvisor.platform.asm.Reg.R14;
import static dev.jvisor.platform.asm.Reg.RAX;
import static dev.jvisor.platform.asm.Reg.RBP;
import static dev.jvisor.platform.asm.Reg.RBX;
import static dev.jvisor.platform.asm.Reg.RDI;
import static dev.jvisor.platform.asm.Reg.RDX;
import static dev.jvisor.platform.asm.Reg.RSI;
import static dev.jvisor.runsc.bench.GuestCode.BUFFER;
import static dev.jvisor.runsc.bench.GuestCode.CLOSE;
import static dev.jvisor.runsc.bench.GuestCode.FORK;
import static dev.jvisor.runsc.bench.GuestCode.PIPE_FDS;
import static dev.jvisor.runsc.bench.GuestCode.READ;
import static dev.jvisor.runsc.bench.GuestCode.STATUS;
import static dev.jvisor.runsc.bench.GuestCode.WRITE;
import static dev.jvisor.runsc.bench.GuestCode.call;
import static dev.jvisor.runsc.bench.GuestCode.enter;
import static dev.jvisor.runsc.bench.GuestCode.exitGroup;
import static dev.jvisor.runsc.bench.GuestCode.loop;
import static dev.jvisor.runsc.bench.GuestCode.map;
import static dev.jvisor.runsc.bench.GuestCode.oneByte;
import static dev.jvisor.runsc.bench.GuestCode.open;
import static dev.jvisor.runsc.bench.GuestCode.repeat;
import static dev.jvisor.runsc.bench.GuestCode.string;

import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.StaticElf;

import java.util.List;

/**
 * The guest programs of the benchmark, as machine code of our own: nothing but the system calls
 * that are measured, no C library and no compiler.
 */
final class GuestPrograms {

    private static final int STAT = 4;
    private static final int MUNMAP = 11;
    private static final int PREAD64 = 17;
    private static final int PWRITE64 = 18;
    private static final int PIPE = 22;
    private static final int PAUSE = 34;
    private static final int EXECVE = 59;
    private static final int WAIT4 = 61;
    private static final int GETPPID = 110;

    private static final int O_RDWR_CREAT = 0102;
    private static final int PAGE_SIZE = 4096;
    private static final int MAPPED_PAGES = 16;

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
                pageFaults(50_000),
                FilePrograms.write(),
                FilePrograms.read(),
                ThreadPrograms.futexPingPong(),
                ThreadPrograms.cloneJoin(),
                SocketPrograms.pingPong(),
                SocketPrograms.throughput());
    }

    /** Ends at once with status 0. */
    static byte[] exit() {
        Assembler a = new Assembler();
        exitGroup(a, 0);
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

    private static void getppid(Assembler a) {
        call(a, GETPPID);
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
        exitGroup(a, 1);
        a.bind(parent);
        a.movReg(RDI, RAX).movReg(RSI, RBP).add(RSI, STATUS).mov(RDX, 0).mov(R10, 0);
        call(a, WAIT4);
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
        GuestCode.Body store = a -> a.store(R14, 0, RBX).add(R14, PAGE_SIZE);
        GuestCode.Body mapping = a -> {
            map(a, (long) count * PAGE_SIZE);
            a.movReg(R14, R13);
        };
        return loop("page_fault", count, mapping, store);
    }

    /** Sends a byte to a child and back through two pipes. */
    private static GuestWorkload pingPong(int count) {
        GuestCode.Body setUp = a -> {
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
            exitGroup(a, 0);
            a.bind(parent);
        };
        return loop("pipe_pingpong", count, setUp, a -> {
            oneByte(a, WRITE, PIPE_FDS + 4);
            oneByte(a, READ, PIPE_FDS + 8);
        });
    }
}
