// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.trace;

import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * A tracee's general registers as words of {@code struct user_regs_struct} (sys/user.h), with the
 * rules for what a tracer may set (Linux: arch/x86/kernel/ptrace.c, getreg and putreg).
 */
final class TraceeRegisters {

    /** Words of the structure. */
    static final int COUNT = Registers.SIZE / Long.BYTES;

    /** CF PF AF ZF SF TF DF OF NT RF AC. */
    private static final long FLAGS_SETTABLE = 0x5_4dd5;

    private static final int FIRST_SEGMENT = 23;
    private static final int CS = 17;
    private static final int EFLAGS = 18;
    private static final int SS = 20;
    private static final int FS_BASE = 21;
    private static final int GS_BASE = 22;
    private static final int RPL = 3;

    private TraceeRegisters() {}

    static long get(Registers r, int index) {
        return switch (index) {
            case 0 -> r.r15;
            case 1 -> r.r14;
            case 2 -> r.r13;
            case 3 -> r.r12;
            case 4 -> r.rbp;
            case 5 -> r.rbx;
            case 6 -> r.r11;
            case 7 -> r.r10;
            case 8 -> r.r9;
            case 9 -> r.r8;
            case 10 -> r.rax;
            case 11 -> r.rcx;
            case 12 -> r.rdx;
            case 13 -> r.rsi;
            case 14 -> r.rdi;
            case 15 -> r.origRax;
            case 16 -> r.rip;
            case CS -> r.cs;
            case EFLAGS -> r.eflags;
            case 19 -> r.rsp;
            case SS -> r.ss;
            case FS_BASE -> r.fsBase;
            case GS_BASE -> r.gsBase;
            case FIRST_SEGMENT -> r.ds;
            case 24 -> r.es;
            case 25 -> r.fs;
            default -> r.gs;
        };
    }

    /** Sets a word; EIO for a value that user code cannot have. */
    static void set(Registers r, int index, long value) throws ErrnoException {
        switch (index) {
            case 0 -> r.r15 = value;
            case 1 -> r.r14 = value;
            case 2 -> r.r13 = value;
            case 3 -> r.r12 = value;
            case 4 -> r.rbp = value;
            case 5 -> r.rbx = value;
            case 6 -> r.r11 = value;
            case 7 -> r.r10 = value;
            case 8 -> r.r9 = value;
            case 9 -> r.r8 = value;
            case 10 -> r.rax = value;
            case 11 -> r.rcx = value;
            case 12 -> r.rdx = value;
            case 13 -> r.rsi = value;
            case 14 -> r.rdi = value;
            case 15 -> r.origRax = value;
            case 16 -> r.rip = value;
            case EFLAGS -> r.eflags = r.eflags & ~FLAGS_SETTABLE | value & FLAGS_SETTABLE;
            case 19 -> r.rsp = value;
            case FS_BASE -> r.fsBase = base(value);
            case GS_BASE -> r.gsBase = base(value);
            default -> setSegment(r, index, (int) value & 0xffff);
        }
    }

    private static long base(long value) throws ErrnoException {
        if (!Registers.isUserAddress(value)) {
            throw Errno.EIO.exception();
        }
        return value;
    }

    /** Checked as Linux does, then limited to the selectors that Linux gives out. */
    private static void setSegment(Registers r, int index, int value) throws ErrnoException {
        boolean needed = index == CS || index == SS;
        if (value == 0 ? needed : (value & RPL) != RPL) {
            throw Errno.EIO.exception();
        }
        long flags = r.eflags;
        switch (index) {
            case CS -> r.cs = value;
            case SS -> r.ss = value;
            case FIRST_SEGMENT -> r.ds = value;
            case 24 -> r.es = value;
            case 25 -> r.fs = value;
            default -> r.gs = value;
        }
        r.sanitize();
        r.eflags = flags;
    }
}
