// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ptrace;

import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENTMSG_SYSCALL_ENTRY;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENTMSG_SYSCALL_EXIT;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENT_CLONE;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENT_EXEC;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENT_EXIT;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENT_FORK;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENT_STOP;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENT_VFORK;
import static dev.jvisor.platform.abi.Signals.CLD_STOPPED;
import static dev.jvisor.platform.abi.Signals.CLD_TRAPPED;
import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGTRAP;

import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.SignalHandlers;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.kernel.task.Pid;
import dev.jvisor.kernel.task.Task;

import org.jspecify.annotations.Nullable;

/**
 * The stops of a traced task (Linux: ptrace_stop and what calls it). On the task's own thread, with
 * no lock held.
 */
public final class TraceStops {

    private static final int NOT_STOPPED = -1;
    private static final int SYSCALL_GOOD = 0x80;

    private TraceStops() {}

    // Kinds of stops.

    /**
     * A signal is about to be delivered.
     *
     * @return what to deliver instead, or null for nothing
     */
    public static @Nullable SigInfo signal(Task task, SigInfo info) {
        Trace trace = task.trace();
        int signal = trace == null
                ? NOT_STOPPED
                : stop(task, info.signal, true, CLD_TRAPPED, info, 0, false);
        if (trace == null || signal == NOT_STOPPED) {
            return info;
        }
        if (signal <= 0 || signal > SignalHandlers.COUNT) {
            return null;
        }
        SigInfo now = trace.info;
        if (now != null && now.signal == signal) {
            return now;
        }
        Task tracer = trace.tracer();
        return SigInfo.user(
                signal,
                tracer.pid().numberIn(task.pids()),
                task.credentials().userNamespace().shownUid(tracer.credentials().uid()));
    }

    /**
     * The process stops, or the tracer asked for a stop.
     *
     * @param groupSignal the signal that stops the process; 0 if it does not stop
     */
    public static void trap(Task task, int groupSignal) {
        Trace trace = task.trace();
        if (trace == null) {
            return;
        }
        if (trace.isSeized()) {
            int signal = groupSignal == 0 ? SIGTRAP : groupSignal;
            int code = signal | PTRACE_EVENT_STOP << 8;
            stop(task, code, false, CLD_STOPPED, trapInfo(task, signal, code), 0, false);
        } else {
            stop(task, groupSignal, false, CLD_STOPPED, null, 0, false);
        }
    }

    /** The first instruction of a signal handler, when single-stepping. */
    public static void handlerEntered(Task task) {
        if (task.isStepping()) {
            stopWithTrap(task, SIGTRAP, 0, false);
        }
    }

    /** Returns whether the call is to be made. */
    public static boolean callEntered(Task task) {
        return reportCall(task, PTRACE_EVENTMSG_SYSCALL_ENTRY);
    }

    public static void callLeft(Task task) {
        reportCall(task, PTRACE_EVENTMSG_SYSCALL_EXIT);
    }

    private static boolean reportCall(Task task, long message) {
        Trace trace = task.trace();
        if (trace == null) {
            return true;
        }
        int code = trace.hasSysGood() ? SIGTRAP | SYSCALL_GOOD : SIGTRAP;
        int signal = stopWithTrap(task, code, message, false);
        // Not the same as going on with a signal, but as Linux has it.
        if (signal > 0 && signal <= SignalHandlers.COUNT) {
            Signals.sendToTask(task, SigInfo.kernel(signal));
        }
        return !task.isExiting();
    }

    /** Which event a clone(2) will report, 0 for none. */
    public static int cloneEvent(Task task, boolean isVfork, int exitSignal, boolean untraced) {
        Trace trace = task.trace();
        if (trace == null || untraced) {
            return 0;
        }
        int event = isVfork
                ? PTRACE_EVENT_VFORK
                : exitSignal != SIGCHLD ? PTRACE_EVENT_CLONE : PTRACE_EVENT_FORK;
        return trace.wants(event) ? event : 0;
    }

    /** Reports an event about a task or number if the tracer wants it. */
    public static void event(Task task, int event, Pid about) {
        Trace trace = task.trace();
        if (trace != null && trace.wants(event)) {
            event(task, event, about.numberIn(trace.tracer().pids()));
        }
    }

    /** Reports an event if the tracer wants it. */
    public static void event(Task task, int event, long message) {
        Trace trace = task.trace();
        if (trace != null && trace.wants(event)) {
            stopWithTrap(task, SIGTRAP | event << 8, message, false);
        }
    }

    /** A program was executed. */
    public static void executed(Task task, Pid old) {
        Trace trace = task.trace();
        if (trace == null) {
            return;
        }
        if (trace.wants(PTRACE_EVENT_EXEC)) {
            event(task, PTRACE_EVENT_EXEC, old);
        } else if (!trace.isSeized()) {
            Signals.sendToTask(task, SigInfo.user(SIGTRAP, task.threadGroup().id(), 0));
        }
    }

    /** The task is about to end, for whatever reason. */
    public static void exiting(Task task, int status) {
        Trace trace = task.trace();
        if (trace != null && trace.wants(PTRACE_EVENT_EXIT)) {
            stopWithTrap(task, SIGTRAP | PTRACE_EVENT_EXIT << 8, status, true);
        }
    }

    private static SigInfo trapInfo(Task task, int signal, int code) {
        return SigInfo.trap(signal, code, task.tid(), task.credentials().uid());
    }

    private static int stopWithTrap(Task task, int code, long message, boolean exiting) {
        SigInfo info = trapInfo(task, SIGTRAP, code);
        return stop(task, code, false, CLD_TRAPPED, info, message, exiting);
    }

    // The stop.

    private static int stop(
            Task task,
            int code,
            boolean isSignal,
            int why,
            @Nullable SigInfo info,
            long message,
            boolean exiting) {
        RankedLock tree = task.kernel().taskTree();
        boolean groupWasExiting = task.threadGroup().isExiting();
        Trace trace;
        tree.lock();
        try {
            trace = task.trace();
            if (trace == null || task.isExiting() && !exiting) {
                return NOT_STOPPED;
            }
            trace.begin(code, isSignal, info, message, task.registers());
            TraceLinks.notifyStopLocked(task, trace, why, code);
        } finally {
            tree.unlock();
        }
        for (; ; ) {
            TraceRequest request;
            tree.lock();
            try {
                boolean killed = exiting
                        ? trace.killed || !groupWasExiting && task.threadGroup().isExiting()
                        : task.isExiting();
                boolean again = trace.listening && task.signals().isTrapPending();
                if (killed || again) {
                    trace.stopped = false;
                }
                request = trace.request;
                trace.request = null;
                if (!trace.stopped) {
                    trace.listening = false;
                    trace.message = 0;
                    trace.registers = null;
                    if (request != null) {
                        request.complete(false);
                    }
                    return killed || again ? 0 : trace.resumeSignal;
                }
            } finally {
                tree.unlock();
            }
            if (request != null) {
                serve(task, request);
            } else {
                task.sleepUntilWoken();
            }
        }
    }

    private static void serve(Task task, TraceRequest request) {
        boolean served = false;
        try {
            request.serve(task);
            served = true;
        } finally {
            request.complete(served);
        }
    }
}
