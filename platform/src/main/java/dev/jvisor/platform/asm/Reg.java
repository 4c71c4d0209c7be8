// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.asm;

/**
 * The general registers of x86-64 by their numbers in instruction encodings (Intel SDM vol. 2,
 * 2.1.5).
 */
public final class Reg {

    public static final int RAX = 0;
    public static final int RCX = 1;
    public static final int RDX = 2;
    public static final int RBX = 3;
    public static final int RSP = 4;
    public static final int RBP = 5;
    public static final int RSI = 6;
    public static final int RDI = 7;
    public static final int R8 = 8;
    public static final int R9 = 9;
    public static final int R10 = 10;
    public static final int R11 = 11;
    public static final int R12 = 12;
    public static final int R13 = 13;
    public static final int R14 = 14;
    public static final int R15 = 15;

    private Reg() {}
}
