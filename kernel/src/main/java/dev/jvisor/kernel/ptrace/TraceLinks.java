// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ptrace;

import static dev.jvisor.platform.abi.Ptrace.PTRACE_O_EXITKILL;
import static dev.jvisor.platform.abi.Signals.CLD_DUMPED;
import static dev.jvisor.platform.abi.Signals.CLD_EXITED;
import static dev.jvisor.platform.abi.Signals.CLD_KILLED;
import static dev.jvisor.platform.abi.Signals.CLD_STOPPED;
import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGSTOP;

import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.SignalHandlers;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import java.util.List;

/** Beginning, use and end of tracing, on the tracer's side (Linux: kernel/ptrace.c). */
public final class TraceLinks {

    private static final int EVENT = -1;
    private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100

    private TraceLinks() {}

    // Beginning.

    /** PTRACE_TRACEME. EPERM if it is traced already. */
    public static void traceMe(Task task) throws ErrnoException {
        RankedLock tree = task.kernel().taskTree();
        tree.lock();
        try {
            if (task.trace() != null) {
                throw Errno.EPERM.exception();
            }
            Task parent = task.threadGroup().parentTask();
            if (parent != null && !parent.isExiting()) {
                linkLocked(task, parent, false, 0);
            }
        } finally {
            tree.unlock();
        }
    }

    /**
     * PTRACE_ATTACH and PTRACE_SEIZE.
     *
     * @param options for a seize; checked by the caller
     * @throws ErrnoException EPERM
     */
    public static void attach(Task tracer, Task target, boolean seize, int options)
            throws ErrnoException {
        if (tracer.threadGroup() == target.threadGroup()
                || !TraceAccess.mayAttach(tracer, target)) {
            throw Errno.EPERM.exception();
        }
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            if (target.trace() != null || target.memoryOrNull() == null) {
                throw Errno.EPERM.exception();
            }
            linkLocked(target, tracer, seize, options);
            if (!seize) {
                Signals.sendToTask(target, SigInfo.kernel(SIGSTOP));
            }
            target.threadGroup().signals().trapIfStopped(target);
        } finally {
            tree.unlock();
        }
    }

    private static void linkLocked(Task task, Task tracer, boolean seized, int options) {
        boolean capable = tracer.credentials()
                .hasIn(task.credentials().userNamespace(), Capabilities.CAP_SYS_PTRACE);
        task.setTrace(new Trace(tracer, seized, capable, options));
        tracer.traceesLocked().add(task);
        task.addCallWork(Task.CALL_TRACED);
    }

    /**
     * A new task of a traced one is traced as well and stops before it runs; before it is started,
     * with the task tree lock held.
     */
    public static void inheritLocked(Task parent, Task child) {
        Trace trace = parent.trace();
        if (trace == null) {
            return;
        }
        linkLocked(child, trace.tracer(), trace.isSeized(), trace.options());
        child.threadGroup().signals().stopAtStart(child, trace.isSeized());
    }

    // Requests.

    /** PTRACE_SETOPTIONS; any time the tracee is stopped. */
    public static void setOptions(Task tracer, Task tracee, int options) throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            stoppedLocked(tracer, tracee).setOptions(options);
        } finally {
            tree.unlock();
        }
    }

    /** The trace of a stopped tracee; ESRCH if it is not stopped or not the caller's. */
    static Trace stoppedLocked(Task tracer, Task tracee) throws ErrnoException {
        Trace trace = tracee.trace();
        if (trace == null || trace.tracer() != tracer || !trace.stopped || trace.listening) {
            throw Errno.ESRCH.exception();
        }
        return trace;
    }

    /** ESRCH unless the caller traces the task; {@code anyState} or unless it is stopped. */
    public static Trace check(Task tracer, Task tracee, boolean anyState) throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            Trace trace = tracee.trace();
            if (anyState && trace != null && trace.tracer() == tracer) {
                return trace;
            }
            return stoppedLocked(tracer, tracee);
        } finally {
            tree.unlock();
        }
    }

    /** The registers of a stopped tracee, which the caller may change until it resumes it. */
    public static Registers registers(Task tracer, Task tracee) throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            Registers registers = stoppedLocked(tracer, tracee).registers;
            if (registers == null) {
                throw Errno.ESRCH.exception();
            }
            return registers;
        } finally {
            tree.unlock();
        }
    }

    /** PTRACE_GETSIGINFO; EINVAL in a group stop. */
    public static SigInfo info(Task tracer, Task tracee) throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            SigInfo info = stoppedLocked(tracer, tracee).info;
            if (info == null) {
                throw Errno.EINVAL.exception();
            }
            return info;
        } finally {
            tree.unlock();
        }
    }

    /** {@code si_code} of the stop; 0 in a group stop. */
    public static int infoCode(Task tracer, Task tracee) throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            SigInfo info = stoppedLocked(tracer, tracee).info;
            return info == null ? 0 : info.code;
        } finally {
            tree.unlock();
        }
    }

    /** Whether seccomp does not apply to a task because its tracer wants it so. */
    public static boolean isSeccompSuspended(Task task) {
        Trace trace = task.trace();
        return trace != null && trace.suspendsSeccomp();
    }

    /** PTRACE_SETSIGINFO; EINVAL in a group stop. */
    public static void setInfo(Task tracer, Task tracee, SigInfo info) throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            Trace trace = stoppedLocked(tracer, tracee);
            if (trace.info == null) {
                throw Errno.EINVAL.exception();
            }
            trace.info = info;
        } finally {
            tree.unlock();
        }
    }

    /** PTRACE_GETEVENTMSG. */
    public static long message(Task tracer, Task tracee) throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            return stoppedLocked(tracer, tracee).message;
        } finally {
            tree.unlock();
        }
    }

    /** Has the tracee's own thread do something; ESRCH if it leaves its stop meanwhile. */
    public static void ask(Task tracer, Task tracee, TraceRequest request) throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            stoppedLocked(tracer, tracee).request = request;
        } finally {
            tree.unlock();
        }
        tracee.wake();
        if (!request.await()) {
            throw Errno.ESRCH.exception();
        }
    }

    /**
     * PTRACE_CONT and its kin.
     *
     * @param callWork {@code Task.CALL_TRACE}, {@code Task.CALL_EMULATE}, or 0
     * @param step whether to stop after one instruction
     * @param signal 0 or the signal to deliver; checked by the caller
     */
    public static void resume(Task tracer, Task tracee, int callWork, boolean step, int signal)
            throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            Trace trace = stoppedLocked(tracer, tracee);
            tracee.clearCallWork(Task.CALL_TRACE | Task.CALL_EMULATE);
            tracee.addCallWork(callWork);
            tracee.setStepping(step);
            trace.resumeSignal = signal;
            trace.stopped = false;
        } finally {
            tree.unlock();
        }
        tracee.wake();
    }

    /** PTRACE_INTERRUPT: EIO unless seized. */
    public static void interrupt(Task tracer, Task tracee) throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            Trace trace = tracee.trace();
            if (trace == null || trace.tracer() != tracer) {
                throw Errno.ESRCH.exception();
            }
            if (!trace.isSeized()) {
                throw Errno.EIO.exception();
            }
            tracee.threadGroup().signals().requestTrap(tracee);
        } finally {
            tree.unlock();
        }
    }

    /** PTRACE_LISTEN: EIO unless seized and in a PTRACE_EVENT_STOP. */
    public static void listen(Task tracer, Task tracee) throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            Trace trace = stoppedLocked(tracer, tracee);
            SigInfo info = trace.info;
            if (!trace.isSeized() || info == null || info.code >> 8 != 128) {
                throw Errno.EIO.exception();
            }
            trace.listening = true;
        } finally {
            tree.unlock();
        }
        tracee.wake(); // it looks whether something came meanwhile
    }

    // The end.

    /** PTRACE_DETACH of a stopped tracee. */
    public static void detach(Task tracer, Task tracee, int signal) throws ErrnoException {
        RankedLock tree = tracer.kernel().taskTree();
        tree.lock();
        try {
            Trace trace = stoppedLocked(tracer, tracee);
            unlinkLocked(tracee, trace);
            trace.resumeSignal = signal;
        } finally {
            tree.unlock();
        }
        tracee.wake();
    }

    /** Ends the relation; the tracee goes on, or joins a stop of its process. */
    public static void unlinkLocked(Task tracee, Trace trace) {
        trace.tracer().traceesLocked().remove(tracee);
        tracee.setTrace(null);
        tracee.clearCallWork(Task.CALL_TRACED | Task.CALL_TRACE | Task.CALL_EMULATE);
        tracee.setStepping(false);
        tracee.threadGroup().signals().traceEnded(tracee);
        trace.resumeSignal = trace.signalStop ? trace.waitCode() : 0;
        trace.stopped = false;
        tracee.wake();
    }

    /** A task that waits for its tracer at its end shall wait no longer; takes no lock. */
    public static void releaseExitStop(Task task) {
        Trace trace = task.trace();
        if (trace != null) {
            trace.killed = true;
            task.wake();
        }
    }

    /**
     * A tracer's thread ends: its tracees go on without it, or die if it wanted that. The caller
     * holds the task tree lock.
     *
     * @return tracees that had ended already and wait for nobody any more, for the caller to
     *     release
     */
    public static List<Task> tracerEndsLocked(Task tracer) {
        if (!tracer.hasTraceesLocked()) {
            return List.of();
        }
        List<Task> tracees = List.copyOf(tracer.traceesLocked());
        for (int i = 0; i < tracees.size(); i++) {
            Task tracee = tracees.get(i);
            Trace trace = tracee.trace();
            if (trace == null) {
                continue;
            }
            if ((trace.options() & PTRACE_O_EXITKILL) != 0) {
                Signals.sendToTask(tracee, SigInfo.kernel(SIGKILL));
            }
            unlinkLocked(tracee, trace);
        }
        return tracees;
    }

    /** Tells the tracer that a tracee has stopped (Linux: do_notify_parent_cldstop). */
    static void notifyStopLocked(Task tracee, Trace trace, int why, int code) {
        ThreadGroup group = trace.tracer().threadGroup();
        if (!group.signals().handlers().isNoChildStop()) {
            int status = why == CLD_STOPPED
                    ? tracee.threadGroup().signals().stopSignal() & 0x7f
                    : code & 0x7f;
            Signals.sendToGroup(group, childInfo(tracee, trace.tracer(), SIGCHLD, why, status));
        }
        group.childEvents().notify(EVENT);
    }

    /**
     * Tells the tracer that a tracee has ended.
     *
     * @param signal 0 for none
     * @param code CLD_EXITED, …
     */
    public static void notifyEndLocked(Task tracee, Trace trace, int signal, int code, int value) {
        ThreadGroup group = trace.tracer().threadGroup();
        if (signal > 0 && signal <= SignalHandlers.COUNT) {
            Signals.sendToGroup(group, childInfo(tracee, trace.tracer(), signal, code, value));
        }
        group.childEvents().notify(EVENT);
    }

    /** A task ends, possibly out of a stop: no request reaches it any more. */
    public static void leaveLocked(Task tracee) {
        Trace trace = tracee.trace();
        if (trace == null) {
            return;
        }
        trace.stopped = false;
        TraceRequest request = trace.request;
        trace.request = null;
        if (request != null) {
            request.complete(false);
        }
    }

    /** A thread that is not the leader has ended. */
    public static void endedLocked(Task tracee, Trace trace, int status) {
        trace.setEnded(status);
        boolean killed = (status & 0x7f) != 0;
        int code = !killed ? CLD_EXITED : (status & 0x80) != 0 ? CLD_DUMPED : CLD_KILLED;
        notifyEndLocked(tracee, trace, SIGCHLD, code, killed ? status & 0x7f : status >> 8 & 0xff);
    }

    private static SigInfo childInfo(Task tracee, Task viewer, int signal, int why, int status) {
        return SigInfo.child(
                signal,
                why,
                tracee.pid().numberIn(viewer.pids()),
                viewer.credentials()
                        .userNamespace()
                        .shownUid(tracee.credentials().uid()),
                status,
                tracee.cpu().userNanos() / NANOS_PER_TICK,
                tracee.cpu().systemNanos() / NANOS_PER_TICK);
    }
}
