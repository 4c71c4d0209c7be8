// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform;

/** Why guest code stopped. Mutable and reused: read it before the next run. */
public final class Trap {

    /** The kinds of stop. */
    public enum Kind {
        /** {@code syscall} instruction; number and arguments are in the registers. */
        SYSCALL,
        /** System call through a 32-bit door (int 0x80, sysenter): not served. */
        SYSCALL_COMPAT,
        /**
         * An exception of the processor: {@link Trap#signal}, {@link Trap#code},
         * {@link Trap#address}.
         */
        FAULT,
        /** {@link GuestContext#interrupt} was called. */
        INTERRUPT,
        /** One instruction was executed by {@link GuestContext#step}. */
        STEP
    }

    public Kind kind = Kind.INTERRUPT;

    /** For FAULT: the signal Linux gives for it (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP). */
    public int signal;

    /** For FAULT: {@code si_code}. */
    public int code;

    /** For FAULT: {@code si_addr}. */
    public long address;

    /**
     * For FAULT by SIGSEGV/SIGBUS: the processor's page fault error code (bit 0 protection, bit 1
     * write, bit 4 instruction fetch) or -1 if the platform does not know it.
     */
    public long errorCode = -1;

    /** For FAULT: the instruction's address, which the kernel copies from the registers. */
    public long instructionAddress;

    /** For SYSCALL: {@link GuestContext#patchCallSite} may be worth its while. */
    public boolean hotSite;

    /** Makes it a FAULT. */
    public void setFault(int faultSignal, int faultCode, long faultAddress) {
        kind = Kind.FAULT;
        signal = faultSignal;
        code = faultCode;
        address = faultAddress;
        errorCode = -1;
    }
}
