// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static dev.jvisor.platform.abi.Signals.CLD_CONTINUED;
import static dev.jvisor.platform.abi.Signals.CLD_DUMPED;
import static dev.jvisor.platform.abi.Signals.CLD_EXITED;
import static dev.jvisor.platform.abi.Signals.CLD_KILLED;
import static dev.jvisor.platform.abi.Signals.CLD_STOPPED;
import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGCONT;
import static dev.jvisor.platform.abi.Signals.SIGHUP;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.SignalHandlers;
import dev.jvisor.kernel.signal.Signals;

import org.jspecify.annotations.Nullable;

/**
 * What a parent is told about its children (Linux: do_notify_parent and do_notify_parent_cldstop).
 */
final class TaskNotify {

    /** Any event does: wait4 looks for itself. */
    private static final int EVENT = -1;

    private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100

    private TaskNotify() {}

    static void stopped(ThreadGroup child, int stopSignal) {
        stopOrContinue(child, CLD_STOPPED, stopSignal);
    }

    static void continued(ThreadGroup child) {
        stopOrContinue(child, CLD_CONTINUED, SIGCONT);
    }

    private static void stopOrContinue(ThreadGroup child, int code, int status) {
        RankedLock tree = child.kernel().taskTree();
        tree.lock();
        try {
            ThreadGroup parent = child.parent();
            if (parent == null) {
                return;
            }
            if (!parent.signals().handlers().isNoChildStop()) {
                Signals.sendToGroup(parent, childInfo(parent, child, SIGCHLD, code, status));
            }
            parent.childEvents().notify(EVENT);
        } finally {
            tree.unlock();
        }
    }

    /**
     * Tells the parent that a process has ended; the caller holds the task tree lock.
     *
     * @return whether nobody will wait for it, so that it is to be released at once
     */
    static boolean exitedLocked(ThreadGroup child) {
        ThreadGroup parent = child.parent();
        if (parent == null) {
            return true;
        }
        int signal = child.exitSignal;
        boolean autoReap = parent.reapsAll
                || signal == SIGCHLD && parent.signals().handlers().isChildIgnored();
        // clone(2) takes any low byte; what is no signal is not sent.
        if (signal > 0 && signal <= SignalHandlers.COUNT) {
            int status = child.waitStatus;
            Signals.sendToGroup(
                    parent, childInfo(parent, child, signal, exitCode(status), exitValue(status)));
        }
        parent.childEvents().notify(EVENT);
        return autoReap;
    }

    /** {@code si_code} for a wait status of a process that ended. */
    static int exitCode(int waitStatus) {
        if ((waitStatus & 0x7f) == 0) {
            return CLD_EXITED;
        }
        return (waitStatus & 0x80) != 0 ? CLD_DUMPED : CLD_KILLED;
    }

    /** {@code si_status} for a wait status of a process that ended. */
    static int exitValue(int waitStatus) {
        return (waitStatus & 0x7f) == 0 ? waitStatus >> 8 & 0xff : waitStatus & 0x7f;
    }

    private static SigInfo childInfo(
            ThreadGroup parent, ThreadGroup child, int signal, int code, int status) {
        PidNamespace viewer = parent.pid().namespace();
        UserNamespace users = parent.leader().credentials().userNamespace();
        return SigInfo.child(
                signal,
                code,
                child.pid().numberIn(viewer),
                users.shownUid(child.leader().credentials().uid()),
                status,
                child.userNanos() / NANOS_PER_TICK,
                child.systemNanos() / NANOS_PER_TICK);
    }

    /**
     * Hangs up a process group that has just become orphaned and has stopped members (POSIX
     * 3.2.2.2); the caller holds the task tree lock.
     *
     * @param leaving a member that is on its way out and counts no more, or null
     * @param keeper the process whose end or move orphans the group
     */
    static void hangUpIfOrphanedLocked(
            ProcessGroup group, ThreadGroup keeper, @Nullable ThreadGroup leaving) {
        if (keeper.processGroup() == group
                || keeper.session() != group.session()
                || !group.isOrphanedLocked(leaving)) {
            return;
        }
        boolean hasStopped = false;
        for (int i = 0; i < group.members.size(); i++) {
            hasStopped |= group.members.get(i).signals().isStopped();
        }
        if (!hasStopped) {
            return;
        }
        for (int i = 0; i < group.members.size(); i++) {
            Signals.sendToGroup(group.members.get(i), SigInfo.kernel(SIGHUP));
            Signals.sendToGroup(group.members.get(i), SigInfo.kernel(SIGCONT));
        }
    }
}
