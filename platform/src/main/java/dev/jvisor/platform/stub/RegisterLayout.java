// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import dev.jvisor.platform.Registers;

/**
 * {@code struct user_regs_struct} (sys/user.h) and its offsets, in bytes. Registers travel as an
 * array of its words: one bulk copy costs less than 27 single ones as long as code is not compiled
 * yet.
 */
public final class RegisterLayout {

    public static final int R15 = 0;
    public static final int R14 = 8;
    public static final int R13 = 16;
    public static final int R12 = 24;
    public static final int RBP = 32;
    public static final int RBX = 40;
    public static final int R11 = 48;
    public static final int R10 = 56;
    public static final int R9 = 64;
    public static final int R8 = 72;
    public static final int RAX = 80;
    public static final int RCX = 88;
    public static final int RDX = 96;
    public static final int RSI = 104;
    public static final int RDI = 112;
    public static final int ORIG_RAX = 120;
    public static final int RIP = 128;
    public static final int CS = 136;
    public static final int EFLAGS = 144;
    public static final int RSP = 152;
    public static final int SS = 160;
    public static final int FS_BASE = 168;
    public static final int GS_BASE = 176;
    public static final int DS = 184;
    public static final int ES = 192;
    public static final int FS = 200;
    public static final int GS = 208;

    /** Interrupts on and the bit that is always set. */
    public static final long EFLAGS_FIXED = 0x202;

    private RegisterLayout() {}

    /** Copies words in the order of the structure into registers. */
    public static void unpack(long[] words, Registers to) {
        to.r15 = words[0];
        to.r14 = words[1];
        to.r13 = words[2];
        to.r12 = words[3];
        to.rbp = words[4];
        to.rbx = words[5];
        to.r11 = words[6];
        to.r10 = words[7];
        to.r9 = words[8];
        to.r8 = words[9];
        to.rax = words[10];
        to.rcx = words[11];
        to.rdx = words[12];
        to.rsi = words[13];
        to.rdi = words[14];
        to.origRax = words[15];
        to.rip = words[16];
        to.cs = words[17];
        to.eflags = words[18];
        to.rsp = words[19];
        to.ss = words[20];
        to.fsBase = words[21];
        to.gsBase = words[22];
        to.ds = words[23];
        to.es = words[24];
        to.fs = words[25];
        to.gs = words[26];
    }

    /**
     * Copies registers into words, but rax and orig_rax.
     *
     * @return whether one of them had another value before
     */
    public static boolean pack(Registers from, long[] words) {
        long difference = (words[0] ^ from.r15)
                | (words[1] ^ from.r14)
                | (words[2] ^ from.r13)
                | (words[3] ^ from.r12)
                | (words[4] ^ from.rbp)
                | (words[5] ^ from.rbx)
                | (words[6] ^ from.r11)
                | (words[7] ^ from.r10)
                | (words[8] ^ from.r9)
                | (words[9] ^ from.r8)
                | (words[11] ^ from.rcx)
                | (words[12] ^ from.rdx)
                | (words[13] ^ from.rsi)
                | (words[14] ^ from.rdi)
                | (words[16] ^ from.rip)
                | (words[17] ^ from.cs)
                | (words[18] ^ from.eflags)
                | (words[19] ^ from.rsp)
                | (words[20] ^ from.ss)
                | (words[21] ^ from.fsBase)
                | (words[22] ^ from.gsBase)
                | (words[23] ^ from.ds)
                | (words[24] ^ from.es)
                | (words[25] ^ from.fs)
                | (words[26] ^ from.gs);
        if (difference != 0) {
            words[0] = from.r15;
            words[1] = from.r14;
            words[2] = from.r13;
            words[3] = from.r12;
            words[4] = from.rbp;
            words[5] = from.rbx;
            words[6] = from.r11;
            words[7] = from.r10;
            words[8] = from.r9;
            words[9] = from.r8;
            words[11] = from.rcx;
            words[12] = from.rdx;
            words[13] = from.rsi;
            words[14] = from.rdi;
            words[16] = from.rip;
            words[17] = from.cs;
            words[18] = from.eflags;
            words[19] = from.rsp;
            words[20] = from.ss;
            words[21] = from.fsBase;
            words[22] = from.gsBase;
            words[23] = from.ds;
            words[24] = from.es;
            words[25] = from.fs;
            words[26] = from.gs;
        }
        return difference != 0;
    }
}
