// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import static dev.jvisor.platform.asm.Reg.R10;
import static dev.jvisor.platform.asm.Reg.R12;
import static dev.jvisor.platform.asm.Reg.R13;
import static dev.jvisor.platform.asm.Reg.R8;
import static dev.jvisor.platform.asm.Reg.RAX;
import static dev.jvisor.platform.asm.Reg.RBX;
import static dev.jvisor.platform.asm.Reg.RDI;
import static dev.jvisor.platform.asm.Reg.RDX;
import static dev.jvisor.platform.asm.Reg.RSI;

import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;

/**
 * Machine code that starts a program: what posix_spawn(3) does, but the program may be a descriptor
 * (execveat(2) with AT_EMPTY_PATH), which needs no /proc.
 *
 * <p>A function of one argument, the address of a block. The child shares the JVM's memory until it
 * has executed the program, and the calling thread waits that long (CLONE_VM and CLONE_VFORK), so
 * everything between is done here, without the C library. All signals are blocked meanwhile: no
 * handler of the JVM may run in the child.
 */
final class SpawnCode {

    /** Offsets in the block, in bytes. */
    static final int DIRECTORY_OFFSET = 0;

    static final int PATH_OFFSET = 8;
    static final int ARGV_OFFSET = 16;
    static final int ENVP_OFFSET = 24;
    static final int FLAGS_OFFSET = 32;
    /** Pairs of ints (descriptor here, descriptor there), and how many of them. */
    static final int PAIRS_OFFSET = 40;

    static final int PAIRS_COUNT_OFFSET = 48;
    /** End of the memory that the child takes for its stack. */
    static final int STACK_OFFSET = 56;
    /** Where the child leaves the negated error number of what failed; 0 before. */
    static final int ERROR_OFFSET = 64;

    private static final int OLD_MASK_OFFSET = 72;
    /** The caller fills this with ones, and leaves zeroes behind. */
    static final int FULL_MASK_OFFSET = 80;

    private static final int EMPTY_MASK_OFFSET = 88;
    /** {@code struct sigaction} of the kernel: SIG_DFL, no flags. */
    private static final int DEFAULT_ACTION_OFFSET = 96;

    static final int SIZE = 128;

    private static final int SIG_SETMASK = 2;
    private static final int SIGSET_BYTES = 8;
    private static final int SIGNALS_END = 65;
    private static final int F_SETFD = 2;
    private static final int EXIT_FAILED = 127;
    /** CLONE_VM, CLONE_VFORK, SIGCHLD. */
    private static final int CLONE_FLAGS = 0x4100 | 17;

    private SpawnCode() {}

    static byte[] assemble() {
        Assembler a = new Assembler();
        Label child = new Label();
        a.push(RBX).push(R12).push(R13).movReg(RBX, RDI);
        mask(a, FULL_MASK_OFFSET, OLD_MASK_OFFSET);
        a.mov(RAX, Sys.CLONE).mov(RDI, CLONE_FLAGS).load(RSI, RBX, STACK_OFFSET);
        a.xor32(RDX, RDX).xor32(R10, R10).xor32(R8, R8).syscall();
        a.test(RAX).jcc(Assembler.EQUAL, child);
        a.movReg(R12, RAX);
        mask(a, OLD_MASK_OFFSET, -1);
        a.movReg(RAX, R12).pop(R13).pop(R12).pop(RBX).ret();
        a.bind(child);
        child(a);
        return a.toBytes();
    }

    /** rt_sigprocmask(SIG_SETMASK) from and to offsets in the block. */
    private static void mask(Assembler a, int set, int old) {
        a.movReg(RSI, RBX).add(RSI, set);
        if (old >= 0) {
            a.movReg(RDX, RBX).add(RDX, old);
        } else {
            a.xor32(RDX, RDX);
        }
        a.mov(RAX, Sys.RT_SIGPROCMASK)
                .mov(RDI, SIG_SETMASK)
                .mov(R10, SIGSET_BYTES)
                .syscall();
    }

    private static void child(Assembler a) {
        Label failed = new Label();
        a.mov(R12, 1);
        Label signals = a.here();
        a.movReg(RSI, RBX).add(RSI, DEFAULT_ACTION_OFFSET);
        a.mov(RAX, Sys.RT_SIGACTION).movReg(RDI, R12).xor32(RDX, RDX).mov(R10, SIGSET_BYTES);
        a.syscall().inc(R12).cmp(R12, SIGNALS_END).jcc(Assembler.NOT_EQUAL, signals);
        a.mov(RAX, Sys.SETSID).syscall();

        Label pairs = new Label();
        Label same = new Label();
        Label next = new Label();
        Label execute = new Label();
        a.load(R12, RBX, PAIRS_OFFSET).load(R13, RBX, PAIRS_COUNT_OFFSET);
        a.bind(pairs);
        a.test(R13).jcc(Assembler.EQUAL, execute);
        a.load32(RDI, R12, 0).load32(RSI, R12, 4).cmpReg(RDI, RSI).jcc(Assembler.EQUAL, same);
        a.mov(RAX, Sys.DUP2).syscall().jmp(next);
        a.bind(same);
        a.mov(RAX, Sys.FCNTL).mov(RSI, F_SETFD).xor32(RDX, RDX).syscall();
        a.bind(next);
        a.test(RAX).jcc(Assembler.LESS, failed);
        a.add(R12, 8).dec(R13).jmp(pairs);

        a.bind(execute);
        mask(a, EMPTY_MASK_OFFSET, -1);
        a.mov(RAX, Sys.EXECVEAT).load(RDI, RBX, DIRECTORY_OFFSET).load(RSI, RBX, PATH_OFFSET);
        a.load(RDX, RBX, ARGV_OFFSET).load(R10, RBX, ENVP_OFFSET).load(R8, RBX, FLAGS_OFFSET);
        a.syscall();
        a.bind(failed);
        a.store(RBX, ERROR_OFFSET, RAX)
                .mov(RDI, EXIT_FAILED)
                .mov(RAX, Sys.EXIT)
                .syscall()
                .ud2();
    }
}
