// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import static dev.jvisor.platform.asm.Reg.R10;
import static dev.jvisor.platform.asm.Reg.R11;
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

/**
 * Machine code for {@link Handover}: the waiting is done here, in native state, so that it neither
 * depends on how well the caller is compiled nor holds up a safepoint.
 */
final class HandoverCode {

    private static final int FUTEX_WAKE = 1;

    /** The functions, each with the C calling convention. */
    final byte[] bytes;

    final int resume;
    final int awaitStop;
    final int await;
    final int extendedStateSize;
    final int extendedStateFeatures;
    final int saveExtendedState;
    final int processorFeatures;

    HandoverCode() {
        Assembler a = new Assembler();
        Label wait = new Label();
        awaitStop = a.position();
        a.movReg(R8, RDI).movReg(R9, RSI).movReg(R10, RDX).jmp(wait);
        a.align(16);
        resume = a.position();
        resume(a, wait);
        a.align(16);
        await = a.position();
        await(a);
        a.align(16);
        extendedStateSize = a.position();
        a.push(RBX)
                .mov(RAX, 0xd)
                .xor32(RCX, RCX)
                .cpuid()
                .movReg32(RAX, RBX)
                .pop(RBX)
                .ret();
        a.align(16);
        extendedStateFeatures = a.position();
        a.xor32(RCX, RCX).xgetbv().shiftLeft(RDX, 32).orReg(RAX, RDX).ret();
        a.align(16);
        saveExtendedState = a.position();
        a.mov(RAX, -1).mov(RDX, -1).xsave(RDI).ret();
        a.align(16);
        processorFeatures = a.position();
        a.push(RBX)
                .mov(RAX, 7)
                .xor32(RCX, RCX)
                .cpuid()
                .movReg32(RAX, RBX)
                .pop(RBX)
                .ret();
        bytes = a.toBytes();
    }

    /** (word, spins, timeout): see {@link Handover#resume}. */
    private static void resume(Assembler a, Label wait) {
        Label sleep = new Label();
        Label done = new Label();
        Label still = new Label();
        a.movReg(R8, RDI).movReg(R9, RSI).movReg(R10, RDX);
        a.mov(RAX, Handover.RUNNING).exchange32(R8, 0, RAX);
        a.cmp32(RAX, Handover.STOPPED_ASLEEP).jcc(Assembler.NOT_EQUAL, wait);
        a.mov(RAX, Sys.FUTEX).mov(RSI, FUTEX_WAKE).mov(RDX, 1).syscall();
        a.bind(wait);
        a.load32(RAX, R8, 0).cmp32(RAX, Handover.RUNNING).jcc(Assembler.NOT_EQUAL, done);
        a.test(R9).jcc(Assembler.EQUAL, sleep);
        a.pause().dec(R9).jmp(wait);
        a.bind(sleep);
        a.mov(RAX, Handover.RUNNING).mov(RDX, Handover.RUNNING_AWAITED);
        a.compareExchange32(R8, 0, RDX).jcc(Assembler.NOT_EQUAL, done);
        a.movReg(RDI, R8).xor32(RSI, RSI).mov(RAX, Sys.FUTEX).syscall();
        a.mov(RAX, Handover.RUNNING_AWAITED).mov(RDX, Handover.RUNNING);
        a.compareExchange32(R8, 0, RDX).jcc(Assembler.EQUAL, still);
        a.bind(done);
        a.ret();
        a.bind(still);
        a.mov(RAX, Handover.RUNNING).ret();
    }

    /** (word, value, spins, timeout): see {@link Handover#await}. */
    private static void await(Assembler a) {
        Label sleep = new Label();
        Label done = new Label();
        a.movReg(R8, RDI).movReg(R9, RDX).movReg(R10, RCX).movReg(R11, RSI);
        Label wait = a.here();
        a.load32(RAX, R8, 0).cmpReg32(RAX, R11).jcc(Assembler.NOT_EQUAL, done);
        a.test(R9).jcc(Assembler.EQUAL, sleep);
        a.pause().dec(R9).jmp(wait);
        a.bind(sleep);
        a.movReg(RDX, R11).xor32(RSI, RSI).mov(RAX, Sys.FUTEX).syscall();
        a.load32(RAX, R8, 0);
        a.bind(done);
        a.ret();
    }
}
