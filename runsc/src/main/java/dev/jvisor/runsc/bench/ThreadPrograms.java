// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

import static dev.jvisor.platform.asm.Reg.R10;
import static dev.jvisor.platform.asm.Reg.R8;
import static dev.jvisor.platform.asm.Reg.RAX;
import static dev.jvisor.platform.asm.Reg.RBP;
import static dev.jvisor.platform.asm.Reg.RBX;
import static dev.jvisor.platform.asm.Reg.RDI;
import static dev.jvisor.platform.asm.Reg.RDX;
import static dev.jvisor.platform.asm.Reg.RSI;
import static dev.jvisor.runsc.bench.GuestCode.FRAME_SIZE;
import static dev.jvisor.runsc.bench.GuestCode.WORDS;
import static dev.jvisor.runsc.bench.GuestCode.call;
import static dev.jvisor.runsc.bench.GuestCode.loop;
import static dev.jvisor.runsc.bench.GuestCode.repeat;

import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;

/** Two threads of one process that wait for each other. */
final class ThreadPrograms {

    private static final int CLONE = 56;
    private static final int EXIT = 60;
    private static final int FUTEX = 202;
    private static final int FUTEX_WAIT = 0;
    private static final int FUTEX_WAKE = 1;

    /** CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM: a thread as pthread_create makes it. */
    private static final int THREAD_FLAGS = 0x50f00;

    private static final int CLONE_CHILD_CLEARTID = 0x200000;

    private ThreadPrograms() {}

    /**
     * Two words of memory: each side stores its round's number to its own, wakes the other, and
     * sleeps until the other's word has the number.
     */
    static GuestWorkload futexPingPong() {
        int count = 5_000;
        GuestCode.Body setUp = a -> {
            Label parent = new Label();
            a.mov(RAX, 0).store(RBP, WORDS, RAX);
            cloneThread(a, THREAD_FLAGS);
            a.test(RAX).jcc(Assembler.NOT_EQUAL, parent);
            repeat(a, count, child -> {
                await(child, WORDS);
                post(child, WORDS + 4);
            });
            exit(a);
            a.bind(parent);
        };
        return loop("futex_pingpong", count, setUp, a -> {
            post(a, WORDS);
            await(a, WORDS + 4);
        });
    }

    /** Starts a thread that ends at once, and waits for its end as pthread_join does. */
    static GuestWorkload cloneJoin() {
        return loop("clone_join", 2_000, a -> {}, a -> {
            Label parent = new Label();
            Label ended = new Label();
            a.mov(RAX, 1).store(RBP, WORDS, RAX);
            cloneThread(a, THREAD_FLAGS | CLONE_CHILD_CLEARTID);
            a.test(RAX).jcc(Assembler.NOT_EQUAL, parent);
            exit(a);
            a.bind(parent);
            Label again = a.here();
            a.load32(RDX, RBP, WORDS).test(RDX).jcc(Assembler.EQUAL, ended);
            futex(a, WORDS, FUTEX_WAIT);
            a.jmp(again);
            a.bind(ended);
        });
    }

    /** Stores the round's number to a word and wakes who waits for it. */
    private static void post(Assembler a, int word) {
        a.store32(RBP, word, RBX).mov(RDX, 1);
        futex(a, word, FUTEX_WAKE);
    }

    /** Sleeps until a word has the round's number. */
    private static void await(Assembler a, int word) {
        Label done = new Label();
        Label again = a.here();
        a.load32(RDX, RBP, word).cmpReg(RDX, RBX).jcc(Assembler.EQUAL, done);
        futex(a, word, FUTEX_WAIT);
        a.jmp(again);
        a.bind(done);
    }

    /** futex(word, operation, RDX, NULL). */
    private static void futex(Assembler a, int word, int operation) {
        a.movReg(RDI, RBP).add(RDI, word).mov(RSI, operation).mov(R10, 0);
        call(a, FUTEX);
    }

    private static void cloneThread(Assembler a, int flags) {
        a.mov(RDI, flags).movReg(RSI, RBP).add(RSI, FRAME_SIZE).mov(RDX, 0);
        a.movReg(R10, RBP).add(R10, WORDS).mov(R8, 0);
        call(a, CLONE);
    }

    private static void exit(Assembler a) {
        a.mov(RDI, 0);
        call(a, EXIT);
    }
}
