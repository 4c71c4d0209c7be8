// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.CLD_CONTINUED;
import static dev.jvisor.platform.abi.Signals.CLD_STOPPED;
import static dev.jvisor.platform.abi.Signals.SIGCONT;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGSTOP;

import dev.jvisor.kernel.LockRank;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.ptrace.Trace;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;

import org.jspecify.annotations.Nullable;

/**
 * Signal state of a process: actions, the queue all its threads take from, and group stops (Linux:
 * the signal fields of {@code signal_struct}, with {@code siglock}).
 *
 * <p>Group stop: the thread that takes a stop signal marks all others; each stops when it passes
 * delivery, the last one makes the process stopped. SIGCONT releases them when it is sent, whatever
 * its action.
 */
public final class GroupSignals {

    /** Guards this and the marked fields of all {@link SignalState} of the process. */
    final RankedLock lock = new RankedLock(LockRank.SIGNAL);

    final SignalQueue shared = new SignalQueue();

    private volatile SignalHandlers handlers;
    private @Nullable ThreadGroup group;

    /** Where the search for a thread to take a process signal starts; guarded by lock. */
    private @Nullable Task nextTarget;

    // Guarded by lock; names of Linux's flags in parentheses.
    private int stopCount;
    private int stopSignal;
    private boolean stopped; // SIGNAL_STOP_STOPPED
    private boolean continued; // SIGNAL_STOP_CONTINUED
    private int notifyCode; // SIGNAL_CLD_STOPPED, SIGNAL_CLD_CONTINUED
    private int notifySignal;
    private boolean killable; // a forced signal took SIGNAL_UNKILLABLE away

    public GroupSignals(SignalHandlers handlers) {
        this.handlers = handlers;
    }

    /** Tells which process it belongs to; once, before any signal is sent. */
    public void bind(ThreadGroup group) {
        this.group = group;
    }

    ThreadGroup group() {
        ThreadGroup g = group;
        if (g == null) {
            throw new IllegalStateException("signals without process");
        }
        return g;
    }

    /** The actions. */
    public SignalHandlers handlers() {
        return handlers;
    }

    /** Signals pending for the process as a whole (ShdPnd in /proc/PID/status). */
    public long pendingSet() {
        lock.lock();
        try {
            return shared.pending();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether signals without a handler do nothing to it: it is the init process (Linux:
     * SIGNAL_UNKILLABLE).
     */
    boolean isUnkillable() {
        return !killable && group().id() == 1;
    }

    void makeKillableLocked() {
        killable = true;
    }

    /**
     * Replaces an action; what it makes ignored is dropped from all queues.
     *
     * @return the old action
     */
    SignalAction setAction(int signal, SignalAction action) {
        lock.lock();
        try {
            SignalAction old = handlers.get(signal);
            handlers.set(signal, action);
            if (handlers.isIgnored(signal)) {
                discardLocked(SignalSet.bit(signal));
            }
            return old;
        } finally {
            lock.unlock();
        }
    }

    /** Drops signals from the queues of the process and of all its threads. */
    void discardLocked(long signals) {
        shared.discard(signals);
        for (Task t : group().tasks()) {
            t.signals().pending.discard(signals);
        }
    }

    /** execve: actions reset (unshared), alternate stack gone. On the task's thread. */
    public void onExec(Task task) {
        lock.lock();
        try {
            handlers = handlers.copyForExec();
        } finally {
            lock.unlock();
        }
        task.signals().resetAltStack();
    }

    /** A thread joins the process: it takes part in a stop that is under way. */
    public void onTaskAdded(Task task) {
        lock.lock();
        try {
            if (stopCount > 0 || stopped) {
                task.signals().stopPending = true;
                task.signals().stopSignal = stopSignal;
                task.signals().setPending();
                stopCount++;
                stopped = false;
            }
        } finally {
            lock.unlock();
        }
    }

    /** A thread leaves: signals of the process that were meant for it go to another thread. */
    public void onTaskExit(Task task) {
        boolean last = false;
        lock.lock();
        try {
            SignalState state = task.signals();
            if (state.isPending() && !group().isExiting()) {
                retargetLocked(state, ~state.blocked());
            }
            if (state.stopPending) {
                last = leaveStopLocked(state);
            }
            state.pending.discard(-1L);
            if (nextTarget == task) {
                nextTarget = null;
            }
        } finally {
            lock.unlock();
        }
        if (last) {
            group().notifyParentStopped(stopSignal);
        }
    }

    /** Wakes threads for shared signals that {@code leaver} will not take any more. */
    void retargetLocked(SignalState leaver, long signals) {
        long left = shared.pending() & signals;
        if (left == 0) {
            return;
        }
        for (Task t : group().tasks()) {
            SignalState s = t.signals();
            if (s == leaver || t.isExiting() || (left & ~s.blocked()) == 0) {
                continue;
            }
            left &= s.blocked();
            if (!s.isPending()) {
                s.setPending();
                t.interrupt();
            }
            if (left == 0) {
                return;
            }
        }
    }

    /**
     * Finds a thread to take a signal of the process; null if all block it or are busy with others.
     */
    @Nullable
    Task targetLocked(int signal, Task preferred) {
        if (wants(signal, preferred)) {
            return preferred;
        }
        Task[] tasks = group().tasks();
        int start = 0;
        for (int i = 0; i < tasks.length; i++) {
            if (tasks[i] == nextTarget) {
                start = i;
            }
        }
        for (int i = 0; i < tasks.length; i++) {
            Task t = tasks[(start + i) % tasks.length];
            if (wants(signal, t)) {
                nextTarget = t;
                return t;
            }
        }
        return null;
    }

    /** Linux: wants_signal. */
    static boolean wants(int signal, Task task) {
        SignalState s = task.signals();
        if (SignalSet.contains(s.blocked(), signal) || task.isExiting()) {
            return false;
        }
        return signal == SIGKILL || !s.stopped && !s.isPending();
    }

    // Stop and continue.

    /** A stop signal is sent: SIGCONT is forgotten. */
    void beforeStopSignalLocked() {
        discardLocked(SignalSet.bit(SIGCONT));
    }

    /** SIGCONT is sent: stop signals are forgotten, stopped threads go on. */
    void beforeContinueLocked() {
        discardLocked(SignalSet.STOP);
        for (Task t : group().tasks()) {
            SignalState s = t.signals();
            s.stopPending = false;
            s.stopDequeued = false;
            notifyTrapLocked(t);
            if (s.stopped) {
                s.stopped = false;
                t.wake();
            }
        }
        int code = stopped ? CLD_CONTINUED : stopCount > 0 ? CLD_STOPPED : 0;
        if (code != 0) {
            // The first thread that passes delivery tells the parent.
            notifyCode = code;
            notifySignal = stopSignal;
            stopped = false;
            continued = true;
            stopCount = 0;
            stopSignal = 0;
            Task[] tasks = group().tasks();
            if (tasks.length > 0) {
                tasks[0].signals().setPending();
                tasks[0].interrupt();
            }
        }
    }

    boolean notifyPending() {
        return notifyCode != 0;
    }

    /** Takes what the parent has to be told: CLD_STOPPED, CLD_CONTINUED or 0. */
    int takeNotificationLocked() {
        int code = notifyCode;
        notifyCode = 0;
        return code;
    }

    /** The signal of a stop that SIGCONT ended before the parent was told. */
    int notifySignal() {
        return notifySignal;
    }

    /**
     * Begins a group stop for a stop signal that {@code task} took.
     *
     * @return false if SIGCONT or the end of the process came in between
     */
    boolean beginStopLocked(Task task, int signal) {
        SignalState own = task.signals();
        if (!own.stopDequeued || group().isExiting()) {
            return false;
        }
        if (!stopped) {
            stopSignal = signal;
        }
        stopCount = 0;
        for (Task t : group().tasks()) {
            SignalState s = t.signals();
            if (s.stopped || t != task && t.isExiting()) {
                continue;
            }
            s.stopPending = true;
            s.stopSignal = stopSignal;
            stopCount++;
            if (t != task) {
                s.setPending();
                notifyTrapLocked(t);
                t.interrupt();
            }
        }
        return true;
    }

    /**
     * A thread that was marked stops (or leaves).
     *
     * @return whether the process is stopped now, and the parent is to be told
     */
    boolean leaveStopLocked(SignalState state) {
        state.stopPending = false;
        state.stopDequeued = false;
        if (stopCount > 0) {
            stopCount--;
        }
        if (stopCount == 0 && !stopped) {
            stopped = true;
            continued = false;
            notifyCode = 0;
            return true;
        }
        return false;
    }

    /** The signal of the stop that is under way or complete, 0 for none. */
    public int stopSignal() {
        lock.lock();
        try {
            return stopSignal;
        } finally {
            lock.unlock();
        }
    }

    /** The signal with which a task takes part in the stop of the process; 0 if there is none. */
    int trapSignalLocked(Task task) {
        return stopCount > 0 || stopped ? task.signals().stopSignal : 0;
    }

    // Tracing.

    /** A seized tracee learns of stop and continuation of its process (ptrace_trap_notify). */
    private static void notifyTrapLocked(Task task) {
        Trace trace = task.trace();
        if (trace != null && trace.isSeized()) {
            SignalState s = task.signals();
            s.trapPending = true;
            s.setPending();
            if (trace.isListening()) {
                task.wake();
            }
        }
    }

    /** The tracer wants the task to stop. */
    public void requestTrap(Task task) {
        lock.lock();
        try {
            task.signals().trapPending = true;
            task.signals().setPending();
        } finally {
            lock.unlock();
        }
        task.interrupt();
    }

    /** A tracer attached to a task: if it takes part in a stop, it leaves it for one of ours. */
    public void trapIfStopped(Task task) {
        lock.lock();
        try {
            SignalState s = task.signals();
            if (s.stopped) {
                s.stopped = false;
                s.trapPending = true;
                s.setPending();
                task.wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A new traced task stops before it runs; before it is started. */
    public void stopAtStart(Task task, boolean seized) {
        lock.lock();
        try {
            SignalState s = task.signals();
            if (seized) {
                s.trapPending = true;
            } else {
                s.pending.add(SIGSTOP);
            }
            s.setPending();
        } finally {
            lock.unlock();
        }
    }

    /** Copies queued signals of a task, or those of its process, from a position on. */
    public SigInfo[] queued(Task task, boolean ofProcess, long from, int count) {
        lock.lock();
        try {
            return (ofProcess ? shared : task.signals().pending).list(from, count);
        } finally {
            lock.unlock();
        }
    }

    /** The tracer is gone: the task takes part in a stop of its process again. */
    public void traceEnded(Task task) {
        lock.lock();
        try {
            SignalState s = task.signals();
            s.trapPending = false;
            if ((stopCount > 0 || stopped) && !s.stopPending && !task.isExiting()) {
                s.stopPending = true;
                if (stopCount > 0) {
                    stopCount++;
                }
                s.setPending();
            }
        } finally {
            lock.unlock();
        }
    }

    int stopSignalLocked() {
        return stopSignal;
    }

    /**
     * The stop signal if the process is stopped and nobody was told yet; 0 otherwise (wait4
     * WUNTRACED).
     */
    public int takeStopped(boolean consume) {
        lock.lock();
        try {
            if (!stopped) {
                return 0;
            }
            int signal = stopSignal;
            if (consume) {
                stopSignal = 0;
            }
            return signal;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the process was continued and nobody was told yet (wait4 WCONTINUED). */
    public boolean takeContinued(boolean consume) {
        lock.lock();
        try {
            boolean was = continued;
            if (consume) {
                continued = false;
            }
            return was;
        } finally {
            lock.unlock();
        }
    }

    /** Whether all threads are stopped (state T in procfs). */
    public boolean isStopped() {
        lock.lock();
        try {
            return stopped;
        } finally {
            lock.unlock();
        }
    }

    /** Releases stopped threads because the group exits; called by {@code beginGroupExit}. */
    public void onGroupExit() {
        lock.lock();
        try {
            stopCount = 0;
            stopped = false;
            notifyCode = 0;
            for (Task t : group().tasks()) {
                t.signals().stopPending = false;
                t.signals().trapPending = false;
                t.signals().stopped = false;
                t.signals().setPending();
            }
        } finally {
            lock.unlock();
        }
    }
}
