// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.signal.SigInfo;

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
    public int sessionId() {
        return group().session().pid().numberIn(task.pids());
    }

    @Override
    public int processGroupId() {
        return group().processGroup().pid().numberIn(task.pids());
    }

    @Override
    public boolean isLeader() {
        return group().session().pid() == group().pid();
    }

    @Override
    public @Nullable Object controllingTerminal() {
        return group().session().controllingTerminal();
    }

    @Override
    public void setControllingTerminal(@Nullable Object terminal) {
        group().session().setControllingTerminal(terminal);
    }

    @Override
    public void signalProcessGroup(int processGroupId, int signal) {
        ProcessGroup target = task.pids().processGroup(processGroupId);
        if (target != null) {
            target.signal(task.kernel(), SigInfo.kernel(signal));
        }
    }

    @Override
    public boolean hasProcessGroup(int processGroupId) {
        ProcessGroup target = task.pids().processGroup(processGroupId);
        return target != null && target.session() == group().session();
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
