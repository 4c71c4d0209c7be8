// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.Registers;
import dev.jvisor.platform.host.RawMemory;

/** {@code struct user_regs_struct} (sys/user.h) in native memory. Offsets in bytes. */
final class RegisterLayout {

    static final int R15 = 0;
    static final int R14 = 8;
    static final int R13 = 16;
    static final int R12 = 24;
    static final int RBP = 32;
    static final int RBX = 40;
    static final int R11 = 48;
    static final int R10 = 56;
    static final int R9 = 64;
    static final int R8 = 72;
    static final int RAX = 80;
    static final int RCX = 88;
    static final int RDX = 96;
    static final int RSI = 104;
    static final int RDI = 112;
    static final int ORIG_RAX = 120;
    static final int RIP = 128;
    static final int CS = 136;
    static final int EFLAGS = 144;
    static final int RSP = 152;
    static final int SS = 160;
    static final int FS_BASE = 168;
    static final int GS_BASE = 176;
    static final int DS = 184;
    static final int ES = 192;
    static final int FS = 200;
    static final int GS = 208;

    /** Interrupts on and the bit that is always set. */
    static final long EFLAGS_FIXED = 0x202;

    private RegisterLayout() {}

    /** Reads all registers. */
    static void read(long at, Registers to) {
        to.r15 = RawMemory.getLong(at + R15);
        to.r14 = RawMemory.getLong(at + R14);
        to.r13 = RawMemory.getLong(at + R13);
        to.r12 = RawMemory.getLong(at + R12);
        to.rbp = RawMemory.getLong(at + RBP);
        to.rbx = RawMemory.getLong(at + RBX);
        to.r11 = RawMemory.getLong(at + R11);
        to.r10 = RawMemory.getLong(at + R10);
        to.r9 = RawMemory.getLong(at + R9);
        to.r8 = RawMemory.getLong(at + R8);
        to.rax = RawMemory.getLong(at + RAX);
        to.rcx = RawMemory.getLong(at + RCX);
        to.rdx = RawMemory.getLong(at + RDX);
        to.rsi = RawMemory.getLong(at + RSI);
        to.rdi = RawMemory.getLong(at + RDI);
        to.origRax = RawMemory.getLong(at + ORIG_RAX);
        to.rip = RawMemory.getLong(at + RIP);
        to.cs = RawMemory.getLong(at + CS);
        to.eflags = RawMemory.getLong(at + EFLAGS);
        to.rsp = RawMemory.getLong(at + RSP);
        to.ss = RawMemory.getLong(at + SS);
        to.fsBase = RawMemory.getLong(at + FS_BASE);
        to.gsBase = RawMemory.getLong(at + GS_BASE);
        to.ds = RawMemory.getLong(at + DS);
        to.es = RawMemory.getLong(at + ES);
        to.fs = RawMemory.getLong(at + FS);
        to.gs = RawMemory.getLong(at + GS);
    }

    /**
     * Writes all registers but rax; orig_rax becomes -1 (not in a system call).
     *
     * @return whether one of them (orig_rax apart) had another value before
     */
    static boolean write(long at, Registers from) {
        long difference = put(at + R15, from.r15)
                | put(at + R14, from.r14)
                | put(at + R13, from.r13)
                | put(at + R12, from.r12)
                | put(at + RBP, from.rbp)
                | put(at + RBX, from.rbx)
                | put(at + R11, from.r11)
                | put(at + R10, from.r10)
                | put(at + R9, from.r9)
                | put(at + R8, from.r8)
                | put(at + RCX, from.rcx)
                | put(at + RDX, from.rdx)
                | put(at + RSI, from.rsi)
                | put(at + RDI, from.rdi)
                | put(at + RIP, from.rip)
                | put(at + CS, from.cs)
                | put(at + EFLAGS, from.eflags)
                | put(at + RSP, from.rsp)
                | put(at + SS, from.ss)
                | put(at + FS_BASE, from.fsBase)
                | put(at + GS_BASE, from.gsBase)
                | put(at + DS, from.ds)
                | put(at + ES, from.es)
                | put(at + FS, from.fs)
                | put(at + GS, from.gs);
        RawMemory.putLong(at + ORIG_RAX, -1);
        return difference != 0;
    }

    private static long put(long address, long value) {
        long difference = RawMemory.getLong(address) ^ value;
        if (difference != 0) {
            RawMemory.putLong(address, value);
        }
        return difference;
    }
}
