// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.executor;

import static dev.jvisor.platform.asm.Reg.R10;
import static dev.jvisor.platform.asm.Reg.R12;
import static dev.jvisor.platform.asm.Reg.R13;
import static dev.jvisor.platform.asm.Reg.R14;
import static dev.jvisor.platform.asm.Reg.R15;
import static dev.jvisor.platform.asm.Reg.R8;
import static dev.jvisor.platform.asm.Reg.R9;
import static dev.jvisor.platform.asm.Reg.RAX;
import static dev.jvisor.platform.asm.Reg.RBX;
import static dev.jvisor.platform.asm.Reg.RCX;
import static dev.jvisor.platform.asm.Reg.RDI;
import static dev.jvisor.platform.asm.Reg.RDX;
import static dev.jvisor.platform.asm.Reg.RSI;

import dev.jvisor.platform.asm.Assembler;
import dev.jvisor.platform.asm.Label;
import dev.jvisor.platform.asm.StaticElf;

/**
 * The guest side: a static executable that takes programs from its standard input, runs each in a
 * forked child, and writes what they did to its standard output.
 *
 * <p>A message to it is: number of steps (8 bytes), length of the steps (8), the steps and what
 * belongs to them, and the whole arena. A step is {@value #STEP_SIZE} bytes: call number, kinds of
 * the arguments, six arguments, address and length of the memory to be reported. Bit <i>i</i> of
 * the kinds makes argument <i>i</i> the result of the step of that index, bit 8 + <i>i</i> the
 * 32-bit word at that address.
 *
 * <p>An answer is the memory from {@link #RESULTS} on: steps done (8), length of the reported
 * memory (8), number of signals handled (8) and their numbers (8 each), wait status at
 * {@link #STATUS}, results (8 each) at {@link #VALUES}, reported memory at {@link #REPORTED}. It is
 * shared with the child, so that the steps before a fatal signal are known too.
 */
public final class GuestExecutor {

    /** Memory of a program's strings and buffers; nothing is mapped before and behind it. */
    public static final long ARENA = 0x2000_0000L;

    public static final int ARENA_SIZE = 0x4000;

    /** Where nothing is mapped: for the mappings that programs make. */
    public static final long FREE_MEMORY = 0x5000_0000L;

    public static final int STEPS_MAX = 400;

    /** Bytes that the outputs of all steps may have together. */
    public static final int REPORTED_MAX = 0xf0000;

    static final long PROGRAM = 0x1000_0000L;
    static final int PROGRAM_SIZE = 0x10000;
    static final int PROGRAM_HEADER_SIZE = 16;
    static final int STEP_SIZE = 80;

    static final int SIGNALS = 16;
    static final int SIGNALS_MAX = 200;
    static final int STATUS = 2176;
    static final int VALUES = 4096;
    static final int REPORTED = 8192;

    private static final long RESULTS = 0x3000_0000L;
    private static final int RESULTS_SIZE = REPORTED + REPORTED_MAX;

    private static final int COMMAND_FD = 100;
    private static final int ANSWER_FD = 101;

    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int CLOSE = 3;
    private static final int MMAP = 9;
    private static final int RT_SIGRETURN = 15;
    private static final int DUP2 = 33;
    private static final int FORK = 57;
    private static final int WAIT4 = 61;
    private static final int EXIT_GROUP = 231;

    private static final int[] ARGUMENTS = {RDI, RSI, RDX, R10, R8, R9};
    private static final int ARGUMENTS_OFFSET = 16;
    private static final int OUTPUT_ADDRESS = 64;
    private static final int OUTPUT_LENGTH = 72;

    private static final int HANDLER_POSITION = 16;
    private static final int RESTORER_POSITION = 96;

    /** A signal handler that notes the number of its signal. */
    public static final long HANDLER = StaticElf.ENTRY + HANDLER_POSITION;

    /** What {@code sa_restorer} must be. */
    public static final long RESTORER = StaticElf.ENTRY + RESTORER_POSITION;

    private final Assembler a = new Assembler();

    private GuestExecutor() {}

    /** Returns the executable. */
    public static byte[] image() {
        GuestExecutor executor = new GuestExecutor();
        executor.emit();
        return StaticElf.image(executor.a.toBytes());
    }

    private void emit() {
        Label start = new Label();
        a.jmp(start);
        emitSignalHandler();
        a.bind(start);
        map(PROGRAM, PROGRAM_SIZE, 0x32); // MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS
        map(ARENA, ARENA_SIZE, 0x32);
        map(RESULTS, RESULTS_SIZE, 0x31); // MAP_SHARED
        moveDescriptor(0, COMMAND_FD);
        moveDescriptor(1, ANSWER_FD);
        close(2);
        Label next = a.here();
        readProgram();
        a.mov(R14, RESULTS).mov(RAX, 0);
        a.store(R14, 0, RAX).store(R14, 8, RAX).store(R14, SIGNALS, RAX);
        call(FORK);
        Label child = new Label();
        a.test(RAX).jcc(Assembler.EQUAL, child);
        a.movReg(RDI, RAX).lea(RSI, R14, STATUS).mov(RDX, 0).mov(R10, 0);
        call(WAIT4);
        a.movReg(RSI, R14).load(RDX, R14, 8).add(RDX, REPORTED);
        transfer(WRITE, ANSWER_FD);
        a.jmp(next);
        a.bind(child);
        runSteps();
        exit();
    }

    private void emitSignalHandler() {
        fillTo(HANDLER_POSITION);
        Label full = new Label();
        a.mov(RAX, RESULTS + SIGNALS).load(RCX, RAX, 0);
        a.cmp(RCX, SIGNALS_MAX).jcc(Assembler.ABOVE_EQUAL, full);
        a.inc(RCX).store(RAX, 0, RCX);
        a.shiftLeft(RCX, 3).addReg(RCX, RAX).store(RCX, 0, RDI);
        a.bind(full);
        a.ret();
        fillTo(RESTORER_POSITION);
        call(RT_SIGRETURN);
    }

    private void fillTo(int position) {
        while (a.position() < position) {
            a.int3();
        }
    }

    private void map(long address, int length, int flags) {
        a.mov(RDI, address)
                .mov(RSI, length)
                .mov(RDX, 3)
                .mov(R10, flags)
                .mov(R8, -1)
                .mov(R9, 0);
        call(MMAP);
    }

    private void moveDescriptor(int from, int to) {
        a.mov(RDI, from).mov(RSI, to);
        call(DUP2);
        close(from);
    }

    private void close(int descriptor) {
        a.mov(RDI, descriptor);
        call(CLOSE);
    }

    private void readProgram() {
        a.mov(RSI, PROGRAM).mov(RDX, PROGRAM_HEADER_SIZE);
        transfer(READ, COMMAND_FD);
        a.mov(RBX, PROGRAM).lea(RSI, RBX, PROGRAM_HEADER_SIZE).load(RDX, RBX, 8);
        transfer(READ, COMMAND_FD);
        a.mov(RSI, ARENA).mov(RDX, ARENA_SIZE);
        transfer(READ, COMMAND_FD);
    }

    /** Moves all of RDX bytes at RSI; ends the executor when the other side has gone. */
    private void transfer(int number, int descriptor) {
        Label done = new Label();
        Label on = new Label();
        Label again = a.here();
        a.mov(RDI, descriptor);
        call(number);
        a.cmp(RAX, 0).jcc(Assembler.LESS_EQUAL, done);
        a.addReg(RSI, RAX).subReg(RDX, RAX).jcc(Assembler.NOT_EQUAL, again);
        a.jmp(on);
        a.bind(done);
        exit();
        a.bind(on);
    }

    private void runSteps() {
        close(COMMAND_FD);
        close(ANSWER_FD);
        a.mov(RBX, PROGRAM).load(R12, RBX, 0).add(RBX, PROGRAM_HEADER_SIZE);
        a.mov(R13, 0).lea(R15, R14, REPORTED);
        Label done = new Label();
        Label step = a.here();
        a.test(R12).jcc(Assembler.EQUAL, done);
        for (int i = 0; i < ARGUMENTS.length; i++) {
            loadArgument(i);
        }
        a.load(RAX, RBX, 0).syscall();
        a.movReg(RCX, R13).shiftLeft(RCX, 3).addReg(RCX, R14).store(RCX, VALUES, RAX);
        a.inc(R13);
        reportMemory();
        a.store(R14, 0, R13);
        a.add(RBX, STEP_SIZE).dec(R12).jmp(step);
        a.bind(done);
    }

    private void loadArgument(int index) {
        int register = ARGUMENTS[index];
        Label notResult = new Label();
        Label notWord = new Label();
        a.load(register, RBX, ARGUMENTS_OFFSET + 8 * index);
        a.load(RAX, RBX, 8).and(RAX, 1 << index).jcc(Assembler.EQUAL, notResult);
        a.shiftLeft(register, 3).addReg(register, R14).load(register, register, VALUES);
        a.bind(notResult);
        a.load(RAX, RBX, 8).and(RAX, 0x100 << index).jcc(Assembler.EQUAL, notWord);
        a.load32(register, register, 0);
        a.bind(notWord);
    }

    /** Lengths are multiples of 8. */
    private void reportMemory() {
        Label done = new Label();
        a.load(RSI, RBX, OUTPUT_ADDRESS).load(RDX, RBX, OUTPUT_LENGTH);
        Label again = a.here();
        a.test(RDX).jcc(Assembler.EQUAL, done);
        a.load(RAX, RSI, 0).store(R15, 0, RAX);
        a.add(RSI, 8).add(R15, 8).sub(RDX, 8).jmp(again);
        a.bind(done);
        a.movReg(RAX, R15).subReg(RAX, R14).sub(RAX, REPORTED).store(R14, 8, RAX);
    }

    private void exit() {
        a.mov(RDI, 0);
        call(EXIT_GROUP);
    }

    private void call(int number) {
        a.mov(RAX, number).syscall();
    }
}
