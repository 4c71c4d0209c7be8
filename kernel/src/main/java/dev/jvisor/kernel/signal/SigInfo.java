// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SI_KERNEL;
import static dev.jvisor.platform.abi.Signals.SI_MESGQ;
import static dev.jvisor.platform.abi.Signals.SI_SIGIO;
import static dev.jvisor.platform.abi.Signals.SI_TIMER;
import static dev.jvisor.platform.abi.Signals.SI_TKILL;
import static dev.jvisor.platform.abi.Signals.SI_USER;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.LittleEndian;

import org.jspecify.annotations.Nullable;

/**
 * What comes with a signal (Linux: {@code kernel_siginfo_t}). Immutable.
 *
 * <p>Kept as the guest sees it: three ints and the first four words of the union of
 * {@code siginfo_t} (uapi/asm-generic/siginfo.h, x86-64). No layout uses more.
 *
 * <pre>
 *   0 si_signo   4 si_errno   8 si_code   16 word 0   24 word 1   32 word 2   40 word 3
 *   kill, tkill:  16 si_pid   20 si_uid
 *   timer:        16 si_tid   20 si_overrun   24 si_value
 *   sigqueue:     16 si_pid   20 si_uid       24 si_value
 *   SIGCHLD:      16 si_pid   20 si_uid       24 si_status   32 si_utime   40 si_stime
 *   fault:        16 si_addr  24 si_addr_lsb
 *   SIGPOLL:      16 si_band  24 si_fd
 *   SIGSYS:       16 si_call_addr   24 si_syscall   28 si_arch
 * </pre>
 */
public final class SigInfo {

    /** Size of {@code siginfo_t}, in bytes; the part behind {@link #USED_SIZE} is zero. */
    public static final int SIZE = 128;

    /** Bytes that carry information. */
    public static final int USED_SIZE = 48;

    private static final int OFFSET_ERRNO = 4;
    private static final int OFFSET_CODE = 8;
    private static final int OFFSET_WORDS = 16;

    public final int signal;
    public final int errno;
    public final int code;
    private final long word0;
    private final long word1;
    private final long word2;
    private final long word3;

    /** Whom to ask when the signal is taken, or null. */
    private final @Nullable Source source;

    private final int sourceSetting;

    /** Where a signal of a POSIX timer comes from. */
    public interface Source {
        /**
         * The signal leaves its queue.
         *
         * @param setting as given to {@link SigInfo#timer}
         * @return the overruns until now
         */
        int taken(int setting);
    }

    private SigInfo(
            int signal, int errno, int code, long word0, long word1, long word2, long word3) {
        this(signal, errno, code, word0, word1, word2, word3, null, 0);
    }

    private SigInfo(
            int signal,
            int errno,
            int code,
            long word0,
            long word1,
            long word2,
            long word3,
            @Nullable Source source,
            int sourceSetting) {
        this.signal = signal;
        this.errno = errno;
        this.code = code;
        this.word0 = word0;
        this.word1 = word1;
        this.word2 = word2;
        this.word3 = word3;
        this.source = source;
        this.sourceSetting = sourceSetting;
    }

    private static long pair(int low, int high) {
        return low & 0xffffffffL | (long) high << 32;
    }

    /** kill(2). */
    public static SigInfo user(int signal, int senderPid, int senderUid) {
        return new SigInfo(signal, 0, SI_USER, pair(senderPid, senderUid), 0, 0, 0);
    }

    /**
     * What a task of other namespaces sees of a signal that a task sent (Linux:
     * send_signal_locked).
     *
     * @param pidVisible whether the sender has a number in the receiver's PID namespace
     * @param sender the user namespace of the sender, whose ids are in this
     * @param receiver the user namespace of the receiver
     */
    SigInfo seenFrom(boolean pidVisible, UserNamespace sender, UserNamespace receiver) {
        if (code > 0 || code == SI_TIMER || code == SI_SIGIO) {
            return this;
        }
        int pid = pidVisible ? (int) word0 : 0;
        int uid = (int) (word0 >>> Integer.SIZE);
        if (sender != receiver) {
            uid = receiver.shownUid(sender.kernelUid(uid));
        }
        return new SigInfo(
                signal, errno, code, pair(pid, uid), word1, word2, word3, source, sourceSetting);
    }

    /** tkill(2), tgkill(2). */
    public static SigInfo tkill(int signal, int senderPid, int senderUid) {
        return new SigInfo(signal, 0, SI_TKILL, pair(senderPid, senderUid), 0, 0, 0);
    }

    /** A signal from the kernel itself (SIGPIPE, terminal signals, timers of setitimer). */
    public static SigInfo kernel(int signal) {
        return new SigInfo(signal, 0, SI_KERNEL, 0, 0, 0, 0);
    }

    /** A signal without information: queue overflow, delivered as SI_USER with zero fields. */
    static SigInfo lost(int signal) {
        return new SigInfo(signal, 0, SI_USER, 0, 0, 0, 0);
    }

    /** A stop for a tracer; {@code code} says which. */
    public static SigInfo trap(int signal, int code, int pid, int uid) {
        return new SigInfo(signal, 0, code, pair(pid, uid), 0, 0, 0);
    }

    /** An exception of the processor; {@code code} is SEGV_MAPERR and so on. */
    public static SigInfo fault(int signal, int code, long address) {
        return new SigInfo(signal, 0, code, address, 0, 0, 0);
    }

    /**
     * SIGCHLD (or the signal that clone asked for).
     *
     * @param code CLD_EXITED, …
     * @param status exit code or signal
     * @param userTicks CPU time in USER_HZ (100) ticks
     */
    public static SigInfo child(
            int signal, int code, int pid, int uid, int status, long userTicks, long systemTicks) {
        return new SigInfo(
                signal, 0, code, pair(pid, uid), status & 0xffffffffL, userTicks, systemTicks);
    }

    /** As {@link #child(int, int, int, int, int, long, long)} for SIGCHLD. */
    public static SigInfo child(
            int code, int pid, int uid, int status, long userTicks, long systemTicks) {
        return child(SIGCHLD, code, pid, uid, status, userTicks, systemTicks);
    }

    /** A POSIX timer expired; {@code source} is asked for the overruns when it is taken. */
    public static SigInfo timer(
            int signal,
            int timerId,
            int overrun,
            long value,
            @Nullable Source source,
            int setting) {
        return new SigInfo(
                signal, 0, SI_TIMER, pair(timerId, overrun), value, 0, 0, source, setting);
    }

    /** A message came to a POSIX queue that was empty. */
    public static SigInfo messageQueue(int signal, int senderPid, int senderUid, long value) {
        return new SigInfo(signal, 0, SI_MESGQ, pair(senderPid, senderUid), value, 0, 0);
    }

    /** SIGPOLL/SIGIO of a descriptor; {@code code} is POLL_IN and so on. */
    public static SigInfo poll(int signal, int code, long band, int fd) {
        return new SigInfo(signal, 0, code, band, fd & 0xffffffffL, 0, 0);
    }

    /** SIGSYS of a seccomp filter. */
    public static SigInfo sys(
            int signal, int errno, int code, long callAddress, int call, int arch) {
        return new SigInfo(signal, errno, code, callAddress, pair(call, arch), 0, 0);
    }

    /**
     * Reads what a guest passes to rt_sigqueueinfo(2); {@code signal} replaces {@code si_signo}.
     */
    public static SigInfo read(byte[] buffer, int index, int signal) {
        int at = index + OFFSET_WORDS;
        return new SigInfo(
                signal,
                LittleEndian.getInt(buffer, index + OFFSET_ERRNO),
                LittleEndian.getInt(buffer, index + OFFSET_CODE),
                LittleEndian.getLong(buffer, at),
                LittleEndian.getLong(buffer, at + 8),
                LittleEndian.getLong(buffer, at + 16),
                LittleEndian.getLong(buffer, at + 24));
    }

    /** Writes {@link #SIZE} bytes. */
    public void write(byte[] buffer, int index) {
        LittleEndian.putInt(buffer, index, signal);
        LittleEndian.putInt(buffer, index + OFFSET_ERRNO, errno);
        LittleEndian.putInt(buffer, index + OFFSET_CODE, code);
        LittleEndian.putInt(buffer, index + OFFSET_CODE + 4, 0);
        int at = index + OFFSET_WORDS;
        LittleEndian.putLong(buffer, at, word0);
        LittleEndian.putLong(buffer, at + 8, word1);
        LittleEndian.putLong(buffer, at + 16, word2);
        LittleEndian.putLong(buffer, at + 24, word3);
        for (int i = USED_SIZE; i < SIZE; i += 8) {
            LittleEndian.putLong(buffer, index + i, 0);
        }
    }

    /** {@code si_pid} of kill, sigqueue and SIGCHLD layouts. */
    public int pid() {
        return (int) word0;
    }

    /** {@code si_uid} of the same layouts. */
    public int uid() {
        return (int) (word0 >>> 32);
    }

    /** {@code si_status} of SIGCHLD. */
    public int status() {
        return (int) word1;
    }

    /** {@code si_utime} of SIGCHLD, in ticks. */
    long userTicks() {
        return word2;
    }

    /** {@code si_stime} of SIGCHLD, in ticks. */
    long systemTicks() {
        return word3;
    }

    /** {@code si_value} of sigqueue and timer layouts, as a pointer. */
    public long value() {
        return word1;
    }

    /** {@code si_addr} of the fault layout. */
    public long address() {
        return word0;
    }

    /** {@code si_tid}, the number of a POSIX timer. */
    public int timerId() {
        return (int) word0;
    }

    /** {@code si_overrun}. */
    public int overrun() {
        return (int) (word0 >>> 32);
    }

    /** {@code si_band} of the SIGPOLL layout. */
    public long band() {
        return word0;
    }

    /** {@code si_fd} of the SIGPOLL layout. */
    public int fd() {
        return (int) word1;
    }

    /** What a receiver sees: a POSIX timer adds the overruns until now. */
    SigInfo taken() {
        Source s = source;
        return s == null
                ? this
                : timer(signal, timerId(), s.taken(sourceSetting), value(), null, 0);
    }

    /** Whether the fault layout is used: {@link #address} has a meaning. */
    boolean isFault() {
        return code > 0 && code < SI_KERNEL && SignalSet.contains(SignalSet.SYNCHRONOUS, signal);
    }

    /** Whether it came from the kernel rather than from another process (Linux: SI_FROMKERNEL). */
    public boolean isFromKernel() {
        return code > 0;
    }
}
