// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform;

/**
 * The general registers of an x86-64 guest.
 *
 * <p>The field order is that of {@code struct user_regs_struct} (sys/user.h), 27 words of 8 bytes.
 */
public final class Registers {

    /** Size of {@code struct user_regs_struct}, in bytes. */
    public static final int SIZE = 27 * 8;

    public long r15;
    public long r14;
    public long r13;
    public long r12;
    public long rbp;
    public long rbx;
    public long r11;
    public long r10;
    public long r9;
    public long r8;
    public long rax;
    public long rcx;
    public long rdx;
    public long rsi;
    public long rdi;
    public long origRax;
    public long rip;
    public long cs;
    public long eflags;
    public long rsp;
    public long ss;
    public long fsBase;
    public long gsBase;
    public long ds;
    public long es;
    public long fs;
    public long gs;

    /** Returns a set of its own with the same contents. */
    public Registers copy() {
        Registers copy = new Registers();
        copy.copyFrom(this);
        return copy;
    }

    /** Copies all registers from another set. */
    public void copyFrom(Registers other) {
        r15 = other.r15;
        r14 = other.r14;
        r13 = other.r13;
        r12 = other.r12;
        rbp = other.rbp;
        rbx = other.rbx;
        r11 = other.r11;
        r10 = other.r10;
        r9 = other.r9;
        r8 = other.r8;
        rax = other.rax;
        rcx = other.rcx;
        rdx = other.rdx;
        rsi = other.rsi;
        rdi = other.rdi;
        origRax = other.origRax;
        rip = other.rip;
        cs = other.cs;
        eflags = other.eflags;
        rsp = other.rsp;
        ss = other.ss;
        fsBase = other.fsBase;
        gsBase = other.gsBase;
        ds = other.ds;
        es = other.es;
        fs = other.fs;
        gs = other.gs;
    }

    /** End of user addresses with four-level page tables ({@code TASK_SIZE_MAX}). */
    public static final long USER_END = 0x7fff_ffff_f000L;

    /** Flags that user code may set itself: FIX_EFLAGS of arch/x86/kernel/signal_64.c. */
    private static final long EFLAGS_USER = 0x5_0dd5;

    private static final long EFLAGS_ALWAYS = 0x202;
    private static final long USER32_CS = 0x23;
    private static final long USER_CS = 0x33;
    private static final long USER_DS = 0x2b;

    /**
     * Makes registers that a guest gave (sigreturn(2), PTRACE_SETREGS) such that user code can have
     * them: flags limited to what user code may change, segments to the ones Linux gives out.
     * Addresses are left alone: those that do not exist become faults.
     */
    public void sanitize() {
        eflags = (eflags & EFLAGS_USER) | EFLAGS_ALWAYS;
        if (cs != USER32_CS) {
            cs = USER_CS;
        }
        ss = USER_DS;
        ds = ds == USER_DS ? ds : 0;
        es = es == USER_DS ? es : 0;
        fs = fs == USER_DS ? fs : 0;
        gs = gs == USER_DS ? gs : 0;
    }

    /** Whether an address can be a TLS base: arch_prctl(2) answers EPERM to any other. */
    public static boolean isUserAddress(long address) {
        return address >= 0 && address < USER_END;
    }

    /** Whether a processor can be in this state in user mode, as far as the host checks it. */
    public boolean isLoadable() {
        return isUserAddress(fsBase) && isUserAddress(gsBase);
    }

    /** Returns the system call number as the guest gave it. */
    public long syscallNumber() {
        return origRax;
    }
}
