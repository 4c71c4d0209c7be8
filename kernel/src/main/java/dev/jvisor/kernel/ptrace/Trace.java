// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ptrace;

import static dev.jvisor.platform.abi.Ptrace.PTRACE_O_SUSPEND_SECCOMP;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_O_TRACESYSGOOD;

import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.Registers;

import org.jspecify.annotations.Nullable;

/**
 * What a traced task has in addition to others (Linux: {@code ptrace}, {@code ptrace_message},
 * {@code exit_code}, {@code last_siginfo} and parts of {@code jobctl} of {@code task_struct}).
 * Guarded by the task tree lock; what is volatile is read without it.
 */
public final class Trace {

    private final Task tracer;
    private final boolean seized;
    private final boolean capable;
    private volatile int options;

    /** In a stop that ends when the tracer says so. */
    volatile boolean stopped;

    /** After PTRACE_LISTEN: stopped for the tracee's process, but not for requests. */
    volatile boolean listening;

    /** What wait(2) has to report of the stop; 0 once it has. */
    private int waitCode;

    /** Whether the signal that the stop is about is to be delivered when the tracer is gone. */
    boolean signalStop;

    /** What PTRACE_GETSIGINFO gives; null in a group stop. */
    @Nullable
    SigInfo info;

    long message;

    /** What the tracer resumed the task with. */
    int resumeSignal;

    /** The tracee's registers, valid while it is stopped. */
    @Nullable
    Registers registers;

    @Nullable
    TraceRequest request;

    /** The thread has ended and its tracer has not waited for it. */
    private boolean ended;

    private int endStatus;

    /** A kill came when the tracee was on its way out. */
    volatile boolean killed;

    Trace(Task tracer, boolean seized, boolean capable, int options) {
        this.tracer = tracer;
        this.seized = seized;
        this.capable = capable;
        this.options = options;
    }

    /** The thread that traces. */
    public Task tracer() {
        return tracer;
    }

    /** Whether PTRACE_SEIZE began it. */
    public boolean isSeized() {
        return seized;
    }

    /** Whether the tracer had CAP_SYS_PTRACE: set-id programs keep their rights then. */
    public boolean isCapable() {
        return capable;
    }

    /** {@code PTRACE_O_*}. */
    public int options() {
        return options;
    }

    void setOptions(int options) {
        this.options = options;
    }

    /** Whether an event ({@code PTRACE_EVENT_*}, 1 to 7) is to be reported. */
    public boolean wants(int event) {
        return (options & 1 << event) != 0;
    }

    boolean hasSysGood() {
        return (options & PTRACE_O_TRACESYSGOOD) != 0;
    }

    /** Whether seccomp filters do not apply for the time being. */
    public boolean suspendsSeccomp() {
        return (options & PTRACE_O_SUSPEND_SECCOMP) != 0;
    }

    /** Whether it is in a stop (state t in procfs). */
    public boolean isStopped() {
        return stopped;
    }

    /** Whether PTRACE_LISTEN is in force. */
    public boolean isListening() {
        return listening;
    }

    void begin(
            int code, boolean isSignal, @Nullable SigInfo info, long message, Registers registers) {
        this.stopped = true;
        this.listening = false;
        this.waitCode = code;
        this.signalStop = isSignal;
        this.info = info;
        this.message = message;
        this.resumeSignal = 0;
        this.registers = registers;
    }

    /**
     * What a wait call reports of the stop: signal with the event above, or 0; the caller holds the
     * task tree lock.
     */
    public int takeWaitCodeLocked(boolean consume) {
        if (!stopped || listening) {
            return 0;
        }
        int code = waitCode;
        if (consume) {
            waitCode = 0;
        }
        return code;
    }

    int waitCode() {
        return waitCode;
    }

    /** Whether the thread has ended and waits to be reaped by the tracer; not for a leader. */
    public boolean hasEnded() {
        return ended;
    }

    /** Wait status of a thread that has ended. */
    public int endStatus() {
        return endStatus;
    }

    void setEnded(int status) {
        ended = true;
        endStatus = status;
        stopped = false;
    }
}
