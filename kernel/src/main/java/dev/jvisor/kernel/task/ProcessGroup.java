// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.Signals;

import java.util.ArrayList;
import java.util.List;

/**
 * A process group (job): processes of one session that a terminal or kill(2) addresses together.
 * Lives as long as it has a member (zombies count).
 */
public final class ProcessGroup {

    private final Pid pid;
    private final SessionGroup session;

    /** Members in the order they joined; guarded by the task tree lock. */
    final List<ThreadGroup> members = new ArrayList<>();

    ProcessGroup(Pid pid, SessionGroup session) {
        this.pid = pid;
        this.session = session;
    }

    /** Process group id. */
    public int id() {
        return pid.number();
    }

    /** What its number is in each PID namespace. */
    public Pid pid() {
        return pid;
    }

    public SessionGroup session() {
        return session;
    }

    /** The members; the caller holds the task tree lock. */
    public List<ThreadGroup> membersLocked() {
        return members;
    }

    /** Sends a signal to every member; takes the task tree lock. */
    public void signal(Kernel kernel, SigInfo info) {
        RankedLock lock = kernel.taskTree();
        lock.lock();
        try {
            for (int i = 0; i < members.size(); i++) {
                Signals.sendToGroup(members.get(i), info);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether no member has a parent in another group of the same session (POSIX: orphaned); the
     * caller holds the task tree lock. Stop signals of the terminal do not stop such a group.
     */
    public boolean isOrphanedLocked() {
        return isOrphanedLocked(null);
    }

    /** As {@link #isOrphanedLocked()}, as if a member were gone already. */
    boolean isOrphanedLocked(@org.jspecify.annotations.Nullable ThreadGroup ignored) {
        for (int i = 0; i < members.size(); i++) {
            ThreadGroup member = members.get(i);
            if (member == ignored || member.isZombie()) {
                continue;
            }
            ThreadGroup parent = member.parent();
            // Linux leaves the host's init out here; process 1 of a container, which is what ours
            // is, counts.
            if (parent == null) {
                continue;
            }
            ProcessGroup theirs = parent.processGroup();
            if (theirs != this && theirs.session() == session) {
                return false;
            }
        }
        return true;
    }
}
