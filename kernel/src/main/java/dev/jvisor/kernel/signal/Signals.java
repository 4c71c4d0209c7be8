// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.SIGCONT;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGRTMIN;
import static dev.jvisor.platform.abi.Signals.SI_USER;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.task.ProcessGroup;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Resource;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Sending signals (Linux: the first half of kernel/signal.c). Lock order: the task tree lock may be
 * held; the target's {@link GroupSignals} lock is taken here.
 */
public final class Signals {

    private Signals() {}

    /** Sends to a process on the kernel's behalf (no permission check); any thread. */
    public static void sendToGroup(ThreadGroup group, SigInfo info) {
        send(group, null, info, false);
    }

    /** Sends to one thread on the kernel's behalf; any thread. */
    public static void sendToTask(Task task, SigInfo info) {
        send(task.threadGroup(), task, info, false);
    }

    /**
     * Sends to a process from outside of the sandbox: SIGKILL and SIGSTOP work on the init process
     * too, as those of an ancestor PID namespace do.
     */
    public static void sendFromOutside(ThreadGroup group, SigInfo info) {
        send(group, null, info, true);
    }

    /**
     * Sends the signal of a POSIX timer.
     *
     * @param task the thread, or null for whichever thread of the process
     * @return whether it was queued: somebody will take it
     */
    public static boolean sendTimer(ThreadGroup group, @Nullable Task task, SigInfo info) {
        return send(group, task, info, false) == Outcome.QUEUED;
    }

    /** What became of a signal. */
    enum Outcome {
        QUEUED,
        /** Ignored, pending already, or nobody is left. */
        DROPPED,
        /** The queue of real-time signals is full (EAGAIN). */
        FULL
    }

    /**
     * Sends a signal.
     *
     * @param task the thread, or null for whichever thread of the process
     * @param force sent from an ancestor namespace
     */
    static Outcome send(ThreadGroup group, @Nullable Task task, SigInfo info, boolean force) {
        GroupSignals signals = group.signals();
        Outcome outcome;
        signals.lock.lock();
        try {
            outcome = sendLocked(group, task, info, force);
        } finally {
            signals.lock.unlock();
        }
        if (outcome == Outcome.QUEUED) {
            group.kernel().signalfdWaiters().notify(Poll.POLLIN);
        }
        return outcome;
    }

    private static Outcome sendLocked(
            ThreadGroup group, @Nullable Task task, SigInfo info, boolean force) {
        GroupSignals signals = group.signals();
        Task addressee = task != null ? task : anyTask(group);
        if (addressee == null || group.isExiting()) {
            if (info.signal == SIGKILL) {
                group.releaseExitStops();
            }
            return Outcome.DROPPED;
        }
        int signal = info.signal;
        if (SignalSet.contains(SignalSet.STOP, signal)) {
            signals.beforeStopSignalLocked();
        } else if (signal == SIGCONT) {
            signals.beforeContinueLocked();
        }
        if (isIgnored(signals, addressee, signal, force)) {
            return Outcome.DROPPED;
        }
        SignalQueue queue = task != null ? task.signals().pending : signals.shared;
        if (signal < SIGRTMIN && queue.contains(signal)) {
            return Outcome.DROPPED;
        }
        if (!enqueue(group, addressee, queue, info)) {
            return Outcome.FULL;
        }
        complete(group, task, addressee, signal);
        return Outcome.QUEUED;
    }

    private static @Nullable Task anyTask(ThreadGroup group) {
        Task[] tasks = group.tasks();
        return tasks.length == 0 ? null : tasks[0];
    }

    /**
     * Linux: sig_ignored. A blocked signal is kept: its action may change before it is unblocked.
     */
    private static boolean isIgnored(GroupSignals signals, Task task, int signal, boolean force) {
        SignalState state = task.signals();
        if (SignalSet.contains(state.blocked() | state.realBlocked, signal)) {
            return false;
        }
        if (task.trace() != null && signal != SIGKILL) {
            return false; // the tracer may want to know
        }
        SignalAction action = signals.handlers().get(signal);
        if (signals.isUnkillable()
                && action.isDefault()
                && !(force && SignalSet.contains(SignalSet.UNBLOCKABLE, signal))) {
            return true;
        }
        return signals.handlers().isIgnored(signal);
    }

    private static boolean enqueue(
            ThreadGroup group, Task addressee, SignalQueue queue, SigInfo info) {
        int signal = info.signal;
        if (signal == SIGKILL) {
            queue.add(signal);
            return true;
        }
        SignalQuota.User user =
                group.kernel().signalQuota().user(addressee.credentials().uid());
        boolean overrideLimit = signal < SIGRTMIN && info.code >= 0;
        if (user.tryAcquire(addressee.limit(Resource.RLIMIT_SIGPENDING), overrideLimit)) {
            queue.add(new SignalQueue.Entry(info, user));
            return true;
        }
        if (signal >= SIGRTMIN && info.code != SI_USER) {
            return false;
        }
        queue.add(signal);
        return true;
    }

    /**
     * Linux: complete_signal. Chooses who acts on the signal and wakes it; a fatal one acts at
     * once.
     */
    private static void complete(
            ThreadGroup group, @Nullable Task task, Task addressee, int signal) {
        GroupSignals signals = group.signals();
        Task target;
        if (task != null) {
            target = GroupSignals.wants(signal, task) ? task : null;
        } else {
            target = signals.targetLocked(signal, addressee);
        }
        if (target == null) {
            // All block it, or are busy with another and look at the queues again after that.
            return;
        }
        SignalState state = target.signals();
        if (isFatal(signals, signal)
                && !SignalSet.contains(state.realBlocked, signal)
                && !SignalSet.contains(SignalSet.CORE, signal)
                && (signal == SIGKILL || target.trace() == null)) {
            group.beginGroupExit(signal);
            return;
        }
        state.setPending();
        target.interrupt();
    }

    private static boolean isFatal(GroupSignals signals, int signal) {
        return signals.handlers().get(signal).isDefault()
                        && !SignalSet.contains(SignalSet.DEFAULT_IGNORE | SignalSet.STOP, signal)
                || signal == SIGKILL;
    }

    /**
     * Sends a signal that the task cannot refuse (a fault, a frame that does not fit): if it is
     * blocked or ignored, or if {@code fatal}, its action becomes the default first. Own thread.
     */
    static void force(Task task, SigInfo info, boolean fatal) {
        GroupSignals signals = task.threadGroup().signals();
        SignalState state = task.signals();
        signals.lock.lock();
        try {
            int signal = info.signal;
            SignalAction action = signals.handlers().get(signal);
            boolean blocked = SignalSet.contains(state.blocked(), signal);
            if (blocked || fatal || action.isIgnore()) {
                signals.handlers().set(signal, SignalAction.DEFAULT);
                if (blocked) {
                    state.setBlockedLocked(state.blocked() & ~SignalSet.bit(signal));
                }
            }
            if (signals.handlers().get(signal).isDefault()) {
                signals.makeKillableLocked();
            }
            sendLocked(task.threadGroup(), task, info, false);
            state.setPending();
        } finally {
            signals.lock.unlock();
        }
    }

    // kill(2) and its family.

    /** Whether a caller may signal a task (Linux: check_kill_permission). Throws EPERM. */
    static void checkPermission(Task caller, ThreadGroup target, Task targetTask, int signal)
            throws ErrnoException {
        if (caller.threadGroup() == target) {
            return;
        }
        Credentials own = caller.credentials();
        Credentials other = targetTask.credentials();
        if (own.euid() == other.suid()
                || own.euid() == other.uid()
                || own.uid() == other.suid()
                || own.uid() == other.uid()
                || own.hasIn(other.userNamespace(), Capabilities.CAP_KILL)) {
            return;
        }
        if (signal == SIGCONT && caller.threadGroup().session() == target.session()) {
            return;
        }
        throw Errno.EPERM.exception();
    }

    /** EINVAL unless 0 to 64; 0 only checks. */
    static void checkSignal(int signal) throws ErrnoException {
        if (signal < 0 || signal > SignalHandlers.COUNT) {
            throw Errno.EINVAL.exception();
        }
    }

    /** Sends to a process with permission check; signal 0 only checks. */
    public static void sendChecked(Task caller, ThreadGroup target, SigInfo info)
            throws ErrnoException {
        checkSignal(info.signal);
        checkPermission(caller, target, target.leader(), info.signal);
        if (info.signal != 0 && sendFrom(caller, target, null, info) == Outcome.FULL) {
            throw Errno.EAGAIN.exception();
        }
    }

    /** Sends what a task sends: as the receiver sees it, with more force from above. */
    private static Outcome sendFrom(
            Task caller, ThreadGroup target, @Nullable Task thread, SigInfo info) {
        boolean visible = caller.pid().numberIn(target.pid().namespace()) != 0;
        UserNamespace sender = caller.credentials().userNamespace();
        UserNamespace receiver = target.leader().credentials().userNamespace();
        SigInfo seen =
                visible && sender == receiver ? info : info.seenFrom(visible, sender, receiver);
        return send(target, thread, seen, !visible);
    }

    /**
     * Sends to one thread with permission check.
     *
     * @param groupId process it must belong to, or 0 or less for any
     * @throws ErrnoException ESRCH, EINVAL, EPERM, EAGAIN
     */
    public static void sendToThread(Task caller, int groupId, int tid, SigInfo info)
            throws ErrnoException {
        Task target = caller.pids().task(tid);
        if (target == null
                || groupId > 0 && target.threadGroup().pid().numberIn(caller.pids()) != groupId) {
            throw Errno.ESRCH.exception();
        }
        sendToThread(caller, target, info);
    }

    /** Sends to one thread with permission check. EINVAL, EPERM, EAGAIN. */
    public static void sendToThread(Task caller, Task target, SigInfo info) throws ErrnoException {
        checkSignal(info.signal);
        checkPermission(caller, target.threadGroup(), target, info.signal);
        if (info.signal != 0
                && sendFrom(caller, target.threadGroup(), target, info) == Outcome.FULL) {
            throw Errno.EAGAIN.exception();
        }
    }

    /** Sends to the process that a process or thread id names. ESRCH, EINVAL, EPERM, EAGAIN. */
    public static void sendToProcess(Task caller, int pid, SigInfo info) throws ErrnoException {
        sendChecked(caller, findGroup(caller, pid), info);
    }

    private static ThreadGroup findGroup(Task caller, int pid) throws ErrnoException {
        Task task = caller.pids().task(pid);
        ThreadGroup group = task != null ? task.threadGroup() : caller.pids().threadGroup(pid);
        if (group == null) {
            throw Errno.ESRCH.exception();
        }
        return group;
    }

    /** What kill(2) sends. */
    public static SigInfo fromCaller(Task caller, int signal) {
        Credentials own = caller.credentials();
        return SigInfo.user(
                signal, caller.threadGroup().id(), own.userNamespace().shownUid(own.uid()));
    }

    /** kill(2): process, own group (0), everybody (-1), or a group (below -1). */
    public static void kill(Task caller, int pid, int signal) throws ErrnoException {
        SigInfo info = fromCaller(caller, signal);
        if (pid > 0) {
            sendToProcess(caller, pid, info);
        } else if (pid == -1) {
            sendToAll(caller, info);
        } else if (pid == Integer.MIN_VALUE) {
            throw Errno.ESRCH.exception();
        } else {
            ProcessGroup target = pid == 0
                    ? caller.threadGroup().processGroup()
                    : caller.pids().processGroup(-pid);
            if (target == null) {
                throw Errno.ESRCH.exception();
            }
            sendToProcessGroup(caller, target, info);
        }
    }

    /** Succeeds if one member got it; otherwise the last error. */
    public static void sendToProcessGroup(Task caller, ProcessGroup target, SigInfo info)
            throws ErrnoException {
        ErrnoException failure = Errno.ESRCH.exception();
        boolean sent = false;
        RankedLock tree = caller.kernel().taskTree();
        tree.lock();
        try {
            List<ThreadGroup> members = target.membersLocked();
            for (int i = 0; i < members.size(); i++) {
                try {
                    sendChecked(caller, members.get(i), info);
                    sent = true;
                } catch (ErrnoException e) {
                    failure = e;
                }
            }
        } finally {
            tree.unlock();
        }
        if (!sent) {
            throw failure;
        }
    }

    /**
     * Every process but init and the caller; EPERM for some does not count unless there is no
     * other.
     */
    private static void sendToAll(Task caller, SigInfo info) throws ErrnoException {
        ErrnoException[] failure = new ErrnoException[1];
        int[] count = new int[1];
        caller.pids().forEachThreadGroup(group -> {
            if (group.pid().numberIn(caller.pids()) > 1 && group != caller.threadGroup()) {
                count[0]++;
                try {
                    sendChecked(caller, group, info);
                } catch (ErrnoException e) {
                    if (e.errno != Errno.EPERM) {
                        failure[0] = e;
                    }
                }
            }
            return true;
        });
        if (count[0] == 0) {
            throw Errno.ESRCH.exception();
        }
        if (failure[0] != null) {
            throw failure[0];
        }
    }
}
