// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.SIGBUS;
import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGFPE;
import static dev.jvisor.platform.abi.Signals.SIGILL;
import static dev.jvisor.platform.abi.Signals.SIGIO;
import static dev.jvisor.platform.abi.Signals.SIGSEGV;
import static dev.jvisor.platform.abi.Signals.SIGSYS;
import static dev.jvisor.platform.abi.Signals.SIGTRAP;
import static dev.jvisor.platform.abi.Signals.SI_KERNEL;
import static dev.jvisor.platform.abi.Signals.SI_TIMER;

import dev.jvisor.platform.abi.LittleEndian;

import java.util.Arrays;

/** {@code struct signalfd_siginfo} (uapi/linux/signalfd.h). */
final class SignalFileInfo {

    static final int SIZE = 128;

    private static final int ERRNO = 4;
    private static final int CODE = 8;
    private static final int PID = 12;
    private static final int UID = 16;
    private static final int FD = 20;
    private static final int TID = 24;
    private static final int BAND = 28;
    private static final int OVERRUN = 32;
    private static final int STATUS = 40;
    private static final int INT = 44;
    private static final int PTR = 48;
    private static final int UTIME = 56;
    private static final int STIME = 64;
    private static final int ADDR = 72;
    private static final int SYSCALL = 84;
    private static final int CALL_ADDR = 88;
    private static final int ARCH = 96;

    /** Codes of SIGPOLL that say what a file is ready for. */
    private static final int POLL_CODES = 6;

    private static final int SI_SIGIO = -5;

    private SignalFileInfo() {}

    /** Which part of the union is used (Linux: siginfo_layout). */
    private enum Layout {
        KILL,
        TIMER,
        POLL,
        FAULT,
        CHILD,
        QUEUE,
        SYS
    }

    private static Layout layout(SigInfo info) {
        int code = info.code;
        if (code > 0 && code < SI_KERNEL) {
            return switch (info.signal) {
                case SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP -> Layout.FAULT;
                case SIGCHLD -> Layout.CHILD;
                case SIGIO -> Layout.POLL;
                case SIGSYS -> Layout.SYS;
                default -> code <= POLL_CODES ? Layout.POLL : Layout.KILL;
            };
        }
        if (code == SI_TIMER) {
            return Layout.TIMER;
        }
        if (code == SI_SIGIO) {
            return Layout.POLL;
        }
        return code < 0 ? Layout.QUEUE : Layout.KILL;
    }

    /** Fills {@link #SIZE} bytes. */
    static void write(SigInfo info, byte[] b) {
        Arrays.fill(b, 0, SIZE, (byte) 0);
        LittleEndian.putInt(b, 0, info.signal);
        LittleEndian.putInt(b, ERRNO, info.errno);
        LittleEndian.putInt(b, CODE, info.code);
        switch (layout(info)) {
            case KILL -> sender(info, b);
            case TIMER -> {
                LittleEndian.putInt(b, TID, info.timerId());
                LittleEndian.putInt(b, OVERRUN, info.overrun());
                LittleEndian.putLong(b, PTR, info.value());
                LittleEndian.putInt(b, INT, (int) info.value());
            }
            case POLL -> {
                LittleEndian.putInt(b, BAND, (int) info.band());
                LittleEndian.putInt(b, FD, info.fd());
            }
            case FAULT -> LittleEndian.putLong(b, ADDR, info.address());
            case CHILD -> {
                sender(info, b);
                LittleEndian.putInt(b, STATUS, info.status());
                LittleEndian.putLong(b, UTIME, info.userTicks());
                LittleEndian.putLong(b, STIME, info.systemTicks());
            }
            case QUEUE -> {
                sender(info, b);
                LittleEndian.putLong(b, PTR, info.value());
                LittleEndian.putInt(b, INT, (int) info.value());
            }
            case SYS -> {
                LittleEndian.putInt(b, SYSCALL, (int) info.value());
                LittleEndian.putLong(b, CALL_ADDR, info.address());
                LittleEndian.putInt(b, ARCH, (int) (info.value() >>> 32));
            }
        }
    }

    private static void sender(SigInfo info, byte[] b) {
        LittleEndian.putInt(b, PID, info.pid());
        LittleEndian.putInt(b, UID, info.uid());
    }
}
