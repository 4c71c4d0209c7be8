// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.BUS_ADRALN;
import static dev.jvisor.platform.abi.Signals.CLD_STOPPED;
import static dev.jvisor.platform.abi.Signals.SA_NODEFER;
import static dev.jvisor.platform.abi.Signals.SA_RESETHAND;
import static dev.jvisor.platform.abi.Signals.SA_RESTART;
import static dev.jvisor.platform.abi.Signals.SEGV_ACCERR;
import static dev.jvisor.platform.abi.Signals.SIGBUS;
import static dev.jvisor.platform.abi.Signals.SIGFPE;
import static dev.jvisor.platform.abi.Signals.SIGILL;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGSEGV;
import static dev.jvisor.platform.abi.Signals.SIGSTOP;
import static dev.jvisor.platform.abi.Signals.SIGTRAP;
import static dev.jvisor.platform.abi.Signals.SI_KERNEL;
import static dev.jvisor.platform.abi.Signals.TRAP_BRKPT;

import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.dispatch.SyscallObserver;
import dev.jvisor.kernel.ptrace.Trace;
import dev.jvisor.kernel.ptrace.TraceStops;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/**
 * What happens to a task's signals on its way back to guest code (Linux: get_signal, handle_signal
 * and arch_do_signal_or_restart). On the task's own thread.
 */
public final class SignalDelivery {

    private static final int SYSCALL_INSTRUCTION_SIZE = 2;
    private static final int RESTART_SYSCALL = 219;

    // Exception vectors of the processor, for the frame's trapno.
    private static final int TRAP_DIVIDE = 0;
    private static final int TRAP_DEBUG = 1;
    private static final int TRAP_BREAKPOINT = 3;
    private static final int TRAP_INVALID_OPCODE = 6;
    private static final int TRAP_PROTECTION = 13;
    private static final int TRAP_PAGE_FAULT = 14;
    private static final int TRAP_ALIGNMENT = 17;
    private static final int TRAP_SIMD = 19;
    private static final int FPE_INTDIV = 1;

    // Bits of the page fault error code (Intel SDM vol. 3, 4.7).
    private static final long ERROR_PRESENT = 1;
    private static final long ERROR_WRITE = 2;
    private static final long ERROR_USER = 4;
    private static final long ERROR_FETCH = 16;

    private SignalDelivery() {}

    /** Whether {@link #deliver} has to be called before the task enters guest code. */
    public static boolean needed(Task task) {
        SignalState state = task.signals();
        return state.isPending() || state.hasSavedMask();
    }

    /**
     * Delivers signals, stops, and restarts an interrupted call. On return the task may enter guest
     * code, unless it is exiting.
     */
    public static void deliver(Task task) {
        Registers r = task.context().registers();
        SignalState state = task.signals();
        while (!task.isExiting()) {
            Taken taken = state.isPending() ? take(task) : null;
            if (taken == null) {
                if (!task.isExiting()) {
                    if (r.origRax != -1) { // it comes from a system call
                        restartCall(task);
                    }
                    r.origRax = -1;
                    state.restoreMask();
                }
                return;
            }
            handle(task, taken);
        }
    }

    /** A signal with the handler that shall run for it. */
    private record Taken(SigInfo info, SignalAction action) {}

    /**
     * Takes signals until one has a handler, acting on the others.
     *
     * @return null if none is left, or the task has to exit
     */
    private static @Nullable Taken take(Task task) {
        SignalState state = task.signals();
        ThreadGroup group = task.threadGroup();
        GroupSignals signals = group.signals();
        RankedLock lock = signals.lock;
        lock.lock();
        try {
            for (; ; ) {
                if (group.isExiting() || task.isExiting()) {
                    return null;
                }
                int notification = signals.takeNotificationLocked();
                if (notification != 0) {
                    int signal = signals.notifySignal();
                    lock.unlock();
                    try {
                        notifyParent(group, notification, signal);
                    } finally {
                        lock.lock();
                    }
                    continue;
                }
                if (state.stopPending) {
                    stop(task, signals);
                    continue;
                }
                if (state.trapPending) {
                    trap(task, signals);
                    continue;
                }
                SigInfo info = takeLocked(task, state.blocked());
                if (info != null && task.trace() != null && info.signal != SIGKILL) {
                    info = reportLocked(task, info);
                    if (info == null) {
                        continue;
                    }
                }
                if (info == null) {
                    return null;
                }
                SignalAction action = signals.handlers().get(info.signal);
                if (action.isIgnore()) {
                    continue;
                }
                if (!action.isDefault()) {
                    if (action.has(SA_RESETHAND)) {
                        signals.handlers().set(info.signal, action.withDefaultHandler());
                    }
                    return new Taken(info, action);
                }
                if (!defaultAction(task, info)) {
                    return null;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets the tracer decide about a signal; null if it is not to be delivered now. */
    private static @Nullable SigInfo reportLocked(Task task, SigInfo info) {
        GroupSignals signals = task.threadGroup().signals();
        SignalState state = task.signals();
        state.stopDequeued = true; // whatever the tracer changes it into
        SigInfo decided;
        signals.lock.unlock();
        try {
            decided = TraceStops.signal(task, info);
        } finally {
            signals.lock.lock();
        }
        if (decided != null && SignalSet.contains(state.blocked(), decided.signal)) {
            if (!state.pending.contains(decided.signal)) {
                state.pending.add(new SignalQueue.Entry(decided, null));
            }
            decided = null;
        }
        state.recalculateLocked();
        return decided;
    }

    /** Stops for the tracer alone. The lock is held, not meanwhile. */
    private static void trap(Task task, GroupSignals signals) {
        SignalState state = task.signals();
        int signal = signals.trapSignalLocked(task);
        state.trapPending = false;
        signals.lock.unlock();
        try {
            TraceStops.trap(task, signal);
        } finally {
            signals.lock.lock();
            state.recalculateLocked();
        }
    }

    private static void notifyParent(ThreadGroup group, int code, int signal) {
        if (code == CLD_STOPPED) {
            group.notifyParentStopped(signal);
        } else {
            group.notifyParentContinued();
        }
    }

    /**
     * Takes the next signal outside of a mask: first what an exception caused, then the thread's
     * own, then the process's (Linux: dequeue_signal). The caller holds the lock.
     */
    static @Nullable SigInfo takeLocked(Task task, long mask) {
        SignalState state = task.signals();
        SignalQueue shared = task.threadGroup().signals().shared;
        SigInfo info = null;
        long own = state.pending.pending() & ~mask;
        if (own != 0) {
            long synchronous = own & SignalSet.SYNCHRONOUS;
            info = state.pending.take(SignalSet.first(synchronous != 0 ? synchronous : own));
        } else {
            long all = shared.pending() & ~mask;
            if (all != 0) {
                long synchronous = all & SignalSet.SYNCHRONOUS;
                info = shared.take(SignalSet.first(synchronous != 0 ? synchronous : all));
            }
        }
        state.recalculateLocked();
        if (info == null) {
            return null;
        }
        if (SignalSet.contains(SignalSet.STOP, info.signal)) {
            state.stopDequeued = true;
        }
        return info.taken();
    }

    /** Returns false if the process ends. The lock is held, and released meanwhile where needed. */
    private static boolean defaultAction(Task task, SigInfo info) {
        int signal = info.signal;
        ThreadGroup group = task.threadGroup();
        GroupSignals signals = group.signals();
        if (SignalSet.contains(SignalSet.DEFAULT_IGNORE, signal)) {
            return true;
        }
        if (signals.isUnkillable() && !SignalSet.contains(SignalSet.UNBLOCKABLE, signal)) {
            return true;
        }
        if (SignalSet.contains(SignalSet.STOP, signal)) {
            if (signal != SIGSTOP) {
                signals.lock.unlock();
                boolean orphaned;
                try {
                    orphaned = isOrphaned(task);
                } finally {
                    signals.lock.lock();
                }
                if (orphaned) {
                    return true; // nobody could continue it
                }
            }
            if (signals.beginStopLocked(task, signal)) {
                stop(task, signals);
            }
            return true;
        }
        observe(task, info);
        group.beginGroupExit(signal);
        return false;
    }

    private static boolean isOrphaned(Task task) {
        RankedLock tree = task.kernel().taskTree();
        tree.lock();
        try {
            return task.threadGroup().processGroup().isOrphanedLocked();
        } finally {
            tree.unlock();
        }
    }

    /**
     * Takes part in a group stop: waits for SIGCONT or the end. The lock is held, not meanwhile.
     */
    private static void stop(Task task, GroupSignals signals) {
        SignalState state = task.signals();
        boolean last = signals.leaveStopLocked(state);
        int signal = signals.stopSignalLocked();
        Trace trace = task.trace();
        if (trace != null) {
            state.trapPending = false;
            signals.lock.unlock();
            try {
                if (last && trace.tracer().threadGroup() != task.threadGroup().parent()) {
                    task.threadGroup().notifyParentStopped(signal);
                }
                TraceStops.trap(task, state.stopSignal);
            } finally {
                signals.lock.lock();
                state.recalculateLocked();
            }
            return;
        }
        state.stopped = true;
        signals.lock.unlock();
        try {
            if (last) {
                task.threadGroup().notifyParentStopped(signal);
            }
            while (state.stopped && !task.isExiting()) {
                task.sleepKillable();
            }
        } finally {
            signals.lock.lock();
            state.stopped = false;
            state.recalculateLocked();
        }
    }

    private static void observe(Task task, SigInfo info) {
        SyscallObserver observer = task.kernel().observer();
        if (observer != null) {
            observer.signal(task, info.signal, info.code, info.isFault() ? info.address() : 0);
        }
    }

    // Restart of system calls.

    /** No handler runs: the call is made again. */
    private static void restartCall(Task task) {
        Registers r = task.context().registers();
        Errno error = interruption(r);
        if (error == null) {
            return;
        }
        r.rax = error == Errno.ERESTART_RESTARTBLOCK ? RESTART_SYSCALL : r.origRax;
        r.rip -= SYSCALL_INSTRUCTION_SIZE;
    }

    private static @Nullable Errno interruption(Registers r) {
        if (r.rax == -Errno.ERESTARTSYS.number) {
            return Errno.ERESTARTSYS;
        }
        if (r.rax == -Errno.ERESTARTNOINTR.number) {
            return Errno.ERESTARTNOINTR;
        }
        if (r.rax == -Errno.ERESTARTNOHAND.number) {
            return Errno.ERESTARTNOHAND;
        }
        return r.rax == -Errno.ERESTART_RESTARTBLOCK.number ? Errno.ERESTART_RESTARTBLOCK : null;
    }

    /** A handler will run: the call fails with EINTR or is made again after the handler. */
    private static void interruptCall(Registers r, SignalAction action) {
        Errno error = interruption(r);
        if (error == null) {
            return;
        }
        boolean again = error == Errno.ERESTARTNOINTR
                || error == Errno.ERESTARTSYS && action.has(SA_RESTART);
        if (again) {
            r.rax = r.origRax;
            r.rip -= SYSCALL_INSTRUCTION_SIZE;
        } else {
            r.rax = -Errno.EINTR.number;
        }
    }

    private static void handle(Task task, Taken taken) {
        SignalState state = task.signals();
        SigInfo info = taken.info;
        SignalAction action = taken.action;
        observe(task, info);
        if (task.context().registers().origRax != -1) {
            interruptCall(task.context().registers(), action);
        }
        if (!SignalFrame.push(task, info, action)) {
            forceSegv(task, info.signal == SIGSEGV);
            return;
        }
        state.forgetSavedMask();
        long mask = state.blocked() | action.mask();
        if (!action.has(SA_NODEFER)) {
            mask |= SignalSet.bit(info.signal);
        }
        state.setBlocked(mask);
        if ((state.altStackFlags() & SignalState.SS_AUTODISARM) != 0) {
            state.resetAltStack();
        }
        if (task.isStepping()) {
            TraceStops.handlerEntered(task);
        }
    }

    /** The stack cannot take a frame, or a frame is broken. */
    static void forceSegv(Task task, boolean fatal) {
        Signals.force(task, SigInfo.fault(SIGSEGV, SI_KERNEL, 0), fatal);
    }

    /** Sends a signal that the task cannot refuse; own thread. */
    public static void force(Task task, SigInfo info) {
        Signals.force(task, info, false);
    }

    /** Ends the process as by a signal that nobody can catch; own thread. */
    public static void endProcess(Task task, int signal) {
        observe(task, SigInfo.kernel(signal));
        task.threadGroup().beginGroupExit(signal);
    }

    /** A single-stepped system call is over. */
    public static void stepped(Task task) {
        long rip = task.context().registers().rip;
        task.signals().trapNumber = TRAP_DEBUG;
        task.signals().errorCode = 0;
        Signals.force(task, SigInfo.fault(SIGTRAP, TRAP_BRKPT, rip), false);
    }

    /** Queues the signal of a fault that the memory manager could not resolve. */
    public static void fault(Task task, Trap trap) {
        SignalState state = task.signals();
        int signal = trap.signal;
        state.trapNumber = trapNumber(trap);
        state.errorCode = trap.errorCode >= 0 ? trap.errorCode : guessedErrorCode(task, trap);
        if (signal == SIGSEGV || signal == SIGBUS) {
            if (state.trapNumber == TRAP_PAGE_FAULT) {
                state.faultAddress = trap.address;
            }
        } else {
            state.errorCode = 0;
        }
        long address = trap.code == SI_KERNEL ? 0 : trap.address;
        Signals.force(task, SigInfo.fault(signal, trap.code, address), false);
    }

    /**
     * For a platform that does not tell: a page that is there but refuses was most likely written
     * to.
     */
    private static long guessedErrorCode(Task task, Trap trap) {
        if (trap.code == SI_KERNEL) {
            return 0;
        }
        long present = trap.code == SEGV_ACCERR ? ERROR_PRESENT : 0;
        if (trap.address == task.context().registers().rip) {
            return ERROR_USER | ERROR_FETCH | present;
        }
        return ERROR_USER | (present != 0 ? ERROR_WRITE | present : 0);
    }

    private static int trapNumber(Trap trap) {
        return switch (trap.signal) {
            case SIGSEGV -> trap.code == SI_KERNEL ? TRAP_PROTECTION : TRAP_PAGE_FAULT;
            case SIGBUS -> trap.code == BUS_ADRALN ? TRAP_ALIGNMENT : TRAP_PAGE_FAULT;
            case SIGFPE -> trap.code == FPE_INTDIV ? TRAP_DIVIDE : TRAP_SIMD;
            case SIGILL -> TRAP_INVALID_OPCODE;
            case SIGTRAP ->
                trap.code == SI_KERNEL || trap.code == TRAP_BRKPT ? TRAP_BREAKPOINT : TRAP_DEBUG;
            default -> 0;
        };
    }

    /**
     * Waits for one of some blocked signals (rt_sigtimedwait(2)) and takes it.
     *
     * @param wanted the set
     * @param deadlineNanos CLOCK_MONOTONIC; not in the future: only looks
     * @return the signal's information, or null if the deadline passed
     * @throws ErrnoException EINTR if another signal is pending
     */
    public static @Nullable SigInfo await(Task task, long wanted, long deadlineNanos)
            throws ErrnoException {
        long mask = ~(wanted & ~SignalSet.UNBLOCKABLE);
        SignalState state = task.signals();
        GroupSignals signals = task.threadGroup().signals();
        SigInfo info = takeNow(task, mask);
        if (info != null || deadlineNanos <= task.kernel().clocks().monotonicNanos()) {
            return info;
        }
        boolean interrupted = false;
        signals.lock.lock();
        try {
            info = takeLocked(task, mask);
            if (info != null) {
                return info;
            }
            state.realBlocked = state.blocked();
            state.setBlockedLocked(state.blocked() & mask);
        } finally {
            signals.lock.unlock();
        }
        try {
            while (!state.isPending() && task.sleep(deadlineNanos)) {
                // woken for another reason
            }
        } catch (ErrnoException e) {
            interrupted = true;
        }
        signals.lock.lock();
        try {
            interrupted |= state.isPending();
            state.setBlockedLocked(state.realBlocked);
            state.realBlocked = 0;
            info = takeLocked(task, mask);
        } finally {
            signals.lock.unlock();
        }
        if (info == null && interrupted) {
            throw Errno.EINTR.exception();
        }
        return info;
    }

    /** Takes a pending signal outside of a mask, or returns null (signalfd too). */
    public static @Nullable SigInfo takeNow(Task task, long mask) {
        GroupSignals signals = task.threadGroup().signals();
        signals.lock.lock();
        try {
            return takeLocked(task, mask | SignalSet.UNBLOCKABLE);
        } finally {
            signals.lock.unlock();
        }
    }

    /** Signals that are pending for a task or its process (rt_sigpending(2), signalfd). */
    public static long pending(Task task) {
        GroupSignals signals = task.threadGroup().signals();
        signals.lock.lock();
        try {
            return task.signals().pending.pending() | signals.shared.pending();
        } finally {
            signals.lock.unlock();
        }
    }
}
