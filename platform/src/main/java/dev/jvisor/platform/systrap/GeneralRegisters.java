// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.Registers;

/**
 * General registers as a signal frame has them: {@code struct sigcontext_64} of
 * arch/x86/include/uapi/asm/sigcontext.h up to {@code cr2}. Offsets in bytes.
 */
final class GeneralRegisters {

    static final int R8 = 0;
    static final int R10 = 16;
    static final int R11 = 24;
    static final int RDI = 64;
    static final int RSI = 72;
    static final int RBP = 80;
    static final int RBX = 88;
    static final int RDX = 96;
    static final int RAX = 104;
    static final int RCX = 112;
    static final int RSP = 120;
    static final int RIP = 128;
    static final int FLAGS = 136;
    /** cs, gs, fs, ss: 16 bits each. */
    static final int SELECTORS = 144;

    static final int ERROR = 152;
    static final int TRAP_NUMBER = 160;
    static final int SIZE = 184;

    static final int WORDS = SIZE / Long.BYTES;

    /** Words that are restored: up to the selectors. */
    static final int RESTORED_WORDS = SELECTORS / Long.BYTES + 1;

    private GeneralRegisters() {}

    /** Copies words into registers. */
    static void unpack(long[] words, Registers to) {
        to.r8 = words[0];
        to.r9 = words[1];
        to.r10 = words[2];
        to.r11 = words[3];
        to.r12 = words[4];
        to.r13 = words[5];
        to.r14 = words[6];
        to.r15 = words[7];
        to.rdi = words[8];
        to.rsi = words[9];
        to.rbp = words[10];
        to.rbx = words[11];
        to.rdx = words[12];
        to.rax = words[13];
        to.rcx = words[14];
        to.rsp = words[15];
        to.rip = words[16];
        to.eflags = words[17];
        to.cs = words[18] & 0xffff;
    }

    /**
     * Copies registers into words.
     *
     * @return whether one of them, but rax, had another value before
     */
    static boolean pack(Registers from, long[] words) {
        long difference = (words[0] ^ from.r8)
                | (words[1] ^ from.r9)
                | (words[2] ^ from.r10)
                | (words[3] ^ from.r11)
                | (words[4] ^ from.r12)
                | (words[5] ^ from.r13)
                | (words[6] ^ from.r14)
                | (words[7] ^ from.r15)
                | (words[8] ^ from.rdi)
                | (words[9] ^ from.rsi)
                | (words[10] ^ from.rbp)
                | (words[11] ^ from.rbx)
                | (words[12] ^ from.rdx)
                | (words[14] ^ from.rcx)
                | (words[15] ^ from.rsp)
                | (words[16] ^ from.rip)
                | (words[17] ^ from.eflags)
                | ((words[18] & 0xffff) ^ from.cs);
        words[13] = from.rax;
        if (difference != 0) {
            words[0] = from.r8;
            words[1] = from.r9;
            words[2] = from.r10;
            words[3] = from.r11;
            words[4] = from.r12;
            words[5] = from.r13;
            words[6] = from.r14;
            words[7] = from.r15;
            words[8] = from.rdi;
            words[9] = from.rsi;
            words[10] = from.rbp;
            words[11] = from.rbx;
            words[12] = from.rdx;
            words[14] = from.rcx;
            words[15] = from.rsp;
            words[16] = from.rip;
            words[17] = from.eflags;
            words[18] = from.cs;
        }
        return difference != 0;
    }
}
