// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.strace;

import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Signals;

/** Signals, sets of them, actions and wait statuses. */
final class SignalPrinter {

    private static final int SIGNALS = 64;
    private static final int RT_MIN = 32;

    private static final Names SEGV_CODES =
            Names.of(Signals.class, "SEGV_MAPERR SEGV_ACCERR SEGV_BNDERR SEGV_PKUERR");
    private static final Names BUS_CODES =
            Names.of(Signals.class, "BUS_ADRALN BUS_ADRERR BUS_OBJERR");
    private static final Names FPE_CODES = Names.of(
            Signals.class,
            "FPE_INTDIV FPE_INTOVF FPE_FLTDIV FPE_FLTOVF FPE_FLTUND FPE_FLTRES FPE_FLTINV"
                    + " FPE_FLTSUB");
    private static final Names ILL_CODES = Names.of(
            Signals.class,
            "ILL_ILLOPC ILL_ILLOPN ILL_ILLADR ILL_ILLTRP ILL_PRVOPC ILL_PRVREG ILL_COPROC"
                    + " ILL_BADSTK");
    private static final Names TRAP_CODES =
            Names.of(Signals.class, "TRAP_BRKPT TRAP_TRACE TRAP_BRANCH TRAP_HWBKPT");
    private static final Names CHILD_CODES = Names.of(
            Signals.class,
            "CLD_EXITED CLD_KILLED CLD_DUMPED CLD_TRAPPED CLD_STOPPED CLD_CONTINUED");
    private static final Names CODES = Names.of(
            Signals.class,
            "SI_USER SI_KERNEL SI_QUEUE SI_TIMER SI_MESGQ SI_ASYNCIO SI_SIGIO SI_TKILL");

    private SignalPrinter() {}

    /** The name with or without SIG; real-time ones as SIGRT_n. */
    static String name(int signal, boolean prefix) {
        if (signal == RT_MIN) {
            return prefix ? "SIGRTMIN" : "RTMIN";
        }
        if (signal > RT_MIN && signal <= SIGNALS) {
            return (prefix ? "SIGRT_" : "RT_") + (signal - RT_MIN);
        }
        String name = NameTables.SIGNAL.nameOf(signal);
        if (name == null) {
            return Integer.toString(signal);
        }
        return prefix ? name : name.substring(3);
    }

    /** A set as names; with more than half of all, the ones that are missing. */
    static void set(StringBuilder out, long set) {
        boolean inverse = Long.bitCount(set) > SIGNALS / 2;
        long shown = inverse ? ~set : set;
        out.append(inverse ? "~[" : "[");
        String separator = "";
        for (int signal = 1; signal <= SIGNALS; signal++) {
            if ((shown >>> signal - 1 & 1) != 0) {
                out.append(separator).append(name(signal, false));
                separator = " ";
            }
        }
        out.append(']');
    }

    /** The kernel's {@code struct sigaction}: handler, flags, restorer, mask, 8 bytes each. */
    static void action(StringBuilder out, byte[] struct) {
        long handler = LittleEndian.getLong(struct, 0);
        long flags = LittleEndian.getLong(struct, 8);
        out.append("{sa_handler=");
        if (handler == 0) {
            out.append("SIG_DFL");
        } else if (handler == 1) {
            out.append("SIG_IGN");
        } else {
            GuestReader.pointer(out, handler);
        }
        out.append(", sa_mask=");
        set(out, LittleEndian.getLong(struct, 24));
        out.append(", sa_flags=");
        NameTables.SIGACTION_FLAGS.flags(out, flags);
        if ((flags & Signals.SA_RESTORER) != 0) {
            out.append(", sa_restorer=");
            GuestReader.pointer(out, LittleEndian.getLong(struct, 16));
        }
        out.append('}');
    }

    /** A status of wait(2) by its macros. */
    static void waitStatus(StringBuilder out, int status) {
        int signal = status & 0x7f;
        if (signal == 0) {
            out.append("{WIFEXITED(s) && WEXITSTATUS(s) == ").append(status >> 8 & 0xff);
        } else if (status == 0xffff) {
            out.append("{WIFCONTINUED(s)");
        } else if (signal == 0x7f) {
            out.append("{WIFSTOPPED(s) && WSTOPSIG(s) == ").append(name(status >> 8 & 0xff, true));
        } else {
            out.append("{WIFSIGNALED(s) && WTERMSIG(s) == ").append(name(signal, true));
            out.append((status & 0x80) != 0 ? " && WCOREDUMP(s)" : "");
        }
        out.append('}');
    }

    /** A delivered signal: {@code --- SIGSEGV {si_signo=SIGSEGV, ...} ---}. */
    static void delivery(StringBuilder out, int signal, int code, long address) {
        String name = name(signal, true);
        out.append("--- ").append(name).append(" {si_signo=").append(name).append(", si_code=");
        Names codes = code <= 0 || code == Signals.SI_KERNEL
                ? CODES
                : switch (signal) {
                    case Signals.SIGSEGV -> SEGV_CODES;
                    case Signals.SIGBUS -> BUS_CODES;
                    case Signals.SIGFPE -> FPE_CODES;
                    case Signals.SIGILL -> ILL_CODES;
                    case Signals.SIGTRAP -> TRAP_CODES;
                    case Signals.SIGCHLD -> CHILD_CODES;
                    default -> CODES;
                };
        codes.value(out, code);
        boolean fault = switch (signal) {
            case Signals.SIGSEGV, Signals.SIGBUS, Signals.SIGFPE, Signals.SIGILL -> true;
            default -> false;
        };
        if (fault && code > 0) {
            out.append(", si_addr=");
            GuestReader.pointer(out, address);
        }
        out.append("} ---");
    }
}
