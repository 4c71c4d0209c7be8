// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.SIGABRT;
import static dev.jvisor.platform.abi.Signals.SIGBUS;
import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGCONT;
import static dev.jvisor.platform.abi.Signals.SIGFPE;
import static dev.jvisor.platform.abi.Signals.SIGILL;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGQUIT;
import static dev.jvisor.platform.abi.Signals.SIGSEGV;
import static dev.jvisor.platform.abi.Signals.SIGSTOP;
import static dev.jvisor.platform.abi.Signals.SIGSYS;
import static dev.jvisor.platform.abi.Signals.SIGTRAP;
import static dev.jvisor.platform.abi.Signals.SIGTSTP;
import static dev.jvisor.platform.abi.Signals.SIGTTIN;
import static dev.jvisor.platform.abi.Signals.SIGTTOU;
import static dev.jvisor.platform.abi.Signals.SIGURG;
import static dev.jvisor.platform.abi.Signals.SIGWINCH;
import static dev.jvisor.platform.abi.Signals.SIGXCPU;
import static dev.jvisor.platform.abi.Signals.SIGXFSZ;

/** Signal sets as the kernel has them: one long, bit 0 is signal 1 (Linux: {@code sigset_t}). */
public final class SignalSet {

    /** Size in guest memory, in bytes: what the {@code sigsetsize} argument must be. */
    public static final int SIZE = 8;

    /** SIGKILL and SIGSTOP, which cannot be blocked, ignored or caught. */
    public static final long UNBLOCKABLE = bit(SIGKILL) | bit(SIGSTOP);

    /** Signals whose default is to stop (Linux: SIG_KERNEL_STOP_MASK). */
    public static final long STOP = bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);

    /** Signals whose default is to be ignored (Linux: SIG_KERNEL_IGNORE_MASK). */
    public static final long DEFAULT_IGNORE =
            bit(SIGCONT) | bit(SIGCHLD) | bit(SIGWINCH) | bit(SIGURG);

    /** Signals whose default is to end with a core dump (Linux: SIG_KERNEL_COREDUMP_MASK). */
    public static final long CORE = bit(SIGQUIT)
            | bit(SIGILL)
            | bit(SIGTRAP)
            | bit(SIGABRT)
            | bit(SIGFPE)
            | bit(SIGSEGV)
            | bit(SIGBUS)
            | bit(SIGSYS)
            | bit(SIGXCPU)
            | bit(SIGXFSZ);

    /** Signals that an exception of the thread itself causes: taken first (SYNCHRONOUS_MASK). */
    public static final long SYNCHRONOUS =
            bit(SIGSEGV) | bit(SIGBUS) | bit(SIGILL) | bit(SIGTRAP) | bit(SIGFPE) | bit(SIGSYS);

    private SignalSet() {}

    /** The set with one signal (1..64). */
    public static long bit(int signal) {
        return 1L << (signal - 1);
    }

    public static boolean contains(long set, int signal) {
        return (set >>> (signal - 1) & 1) != 0;
    }

    /** The lowest signal of a set that is not empty. */
    public static int first(long set) {
        return Long.numberOfTrailingZeros(set) + 1;
    }
}
