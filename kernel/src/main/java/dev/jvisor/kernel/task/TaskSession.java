// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static dev.jvisor.platform.abi.Signals.SIGCONT;
import static dev.jvisor.platform.abi.Signals.SIGHUP;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.Signals;

import org.jspecify.annotations.Nullable;

/** What a terminal sees of the sessions and process groups of a task. */
final class TaskSession implements CallContext.Session {

    private final Task task;

    TaskSession(Task task) {
        this.task = task;
    }

    private ThreadGroup group() {
        return task.threadGroup();
    }

    @Override
    public Object session() {
        return group().session();
    }

    @Override
    public Object processGroup() {
        return group().processGroup();
    }

    @Override
    public boolean isLeader() {
        return group().session().pid() == group().pid();
    }

    @Override
    public @Nullable Object controllingTerminal() {
        return group().controllingTerminal;
    }

    @Override
    public void setControllingTerminal(@Nullable Object terminal) {
        group().controllingTerminal = terminal;
        group().hungUpForeground = null;
    }

    @Override
    public void dropControllingTerminal(Object terminal) {
        SessionGroup session = group().session();
        RankedLock lock = task.kernel().taskTree();
        lock.lock();
        try {
            task.kernel().tasks().forEachThreadGroup(member -> {
                if (member.controllingTerminal == terminal && member.session() == session) {
                    member.controllingTerminal = null;
                }
                return true;
            });
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void hangUpLeader(@Nullable Object foreground) {
        ThreadGroup leader = group().session().leader();
        leader.hungUpForeground = (ProcessGroup) foreground;
        Signals.sendToGroup(leader, SigInfo.kernel(SIGHUP));
        Signals.sendToGroup(leader, SigInfo.kernel(SIGCONT));
    }

    @Override
    public void signalProcessGroup(Object processGroup, int signal) {
        ((ProcessGroup) processGroup).signal(task.kernel(), SigInfo.kernel(signal));
    }

    @Override
    public @Nullable Object findProcessGroup(int id) {
        return task.pids().processGroup(id);
    }

    @Override
    public boolean isOfSession(Object processGroup) {
        return ((ProcessGroup) processGroup).session() == group().session();
    }

    @Override
    public int processGroupId(Object processGroup) {
        return ((ProcessGroup) processGroup).pid().numberIn(task.pids());
    }

    @Override
    public int sessionId(Object session) {
        return ((SessionGroup) session).pid().numberIn(task.pids());
    }

    @Override
    public boolean isOrphaned() {
        RankedLock lock = task.kernel().taskTree();
        lock.lock();
        try {
            return group().processGroup().isOrphanedLocked();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isIgnoredOrBlocked(int signal) {
        return (task.signals().blocked() >>> (signal - 1) & 1) != 0
                || group().signals().handlers().get(signal).isIgnore();
    }
}
