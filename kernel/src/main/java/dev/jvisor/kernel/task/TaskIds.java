// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** Process groups and sessions: who belongs where (Linux: kernel/sys.c, setpgid and setsid). */
public final class TaskIds {

    private TaskIds() {}

    /**
     * setsid(2): a new session and process group; returns the id. EPERM for a process group leader.
     */
    public static int setSession(Task task) throws ErrnoException {
        ThreadGroup group = task.threadGroup();
        Kernel kernel = task.kernel();
        RankedLock tree = kernel.taskTree();
        tree.lock();
        try {
            Pid pid = group.pid();
            if (pid.processGroup != null || pid.session != null) {
                throw Errno.EPERM.exception();
            }
            newSessionLocked(group);
            group.controllingTerminal = null;
            return group.id();
        } finally {
            tree.unlock();
        }
    }

    /** Makes a process the leader of a new session and group. */
    static void newSessionLocked(ThreadGroup group) {
        Pid pid = group.pid();
        SessionGroup session = new SessionGroup(pid, group);
        pid.session = session;
        joinLocked(group, newProcessGroupLocked(pid, session));
    }

    private static ProcessGroup newProcessGroupLocked(Pid pid, SessionGroup session) {
        ProcessGroup processGroup = new ProcessGroup(pid, session);
        pid.processGroup = processGroup;
        session.processGroups++;
        return processGroup;
    }

    /** Moves a process to a group, leaving its old one. */
    private static void joinLocked(ThreadGroup group, ProcessGroup target) {
        // Join before leaving: the id must not be given back in between.
        ProcessGroup old = group.processGroupOrNull();
        target.members.add(group);
        if (old != null) {
            removeMemberLocked(group, old);
        }
        group.setProcessGroup(target);
    }

    /** Adds a new process to its parent's group. */
    static void inheritLocked(ThreadGroup child, ThreadGroup parent) {
        ProcessGroup processGroup = parent.processGroup();
        processGroup.members.add(child);
        child.setProcessGroup(processGroup);
        child.controllingTerminal = parent.controllingTerminal;
    }

    /** A process is reaped: its group loses a member. */
    static void leaveProcessGroupLocked(ThreadGroup group) {
        removeMemberLocked(group, group.processGroup());
    }

    private static void removeMemberLocked(ThreadGroup group, ProcessGroup old) {
        old.members.remove(group);
        if (!old.members.isEmpty()) {
            return;
        }
        Pid pid = old.pid();
        pid.processGroup = null;
        SessionGroup session = old.session();
        if (--session.processGroups == 0) {
            session.pid().session = null;
            PidNamespace.releaseIfUnused(session.pid());
        }
        PidNamespace.releaseIfUnused(pid);
    }

    /**
     * setpgid(2).
     *
     * @param pid the process, 0 for the caller
     * @param pgid the group, 0 for one of its own
     * @throws ErrnoException EINVAL, ESRCH, EACCES, EPERM in Linux's order
     */
    public static void setProcessGroup(Task task, int pid, int pgid) throws ErrnoException {
        ThreadGroup caller = task.threadGroup();
        int targetId = pid == 0 ? caller.id() : pid;
        int groupId = pgid == 0 ? targetId : pgid;
        if (groupId < 0) {
            throw Errno.EINVAL.exception();
        }
        RankedLock tree = task.kernel().taskTree();
        tree.lock();
        try {
            Pid targetPid = task.pids().find(targetId);
            if (targetPid == null || targetPid.task == null) {
                throw Errno.ESRCH.exception();
            }
            ThreadGroup target = targetPid.threadGroup;
            if (target == null) {
                throw Errno.EINVAL.exception(); // a thread that is not the leader
            }
            checkMayMoveLocked(caller, target);
            moveLocked(caller, target, groupId);
        } finally {
            tree.unlock();
        }
    }

    private static void checkMayMoveLocked(ThreadGroup caller, ThreadGroup target)
            throws ErrnoException {
        if (target.parent() == caller) {
            if (target.session() != caller.session()) {
                throw Errno.EPERM.exception();
            }
            if (target.hasExecuted) {
                throw Errno.EACCES.exception();
            }
        } else if (target != caller) {
            throw Errno.ESRCH.exception();
        }
        if (target.pid().session != null) {
            throw Errno.EPERM.exception(); // a session leader
        }
    }

    private static void moveLocked(ThreadGroup caller, ThreadGroup target, int groupId)
            throws ErrnoException {
        ProcessGroup destination;
        if (groupId == target.pid().numberIn(caller.pid().namespace())) {
            ProcessGroup own = target.pid().processGroup;
            destination = own != null ? own : newProcessGroupLocked(target.pid(), target.session());
        } else {
            ProcessGroup found = caller.pid().namespace().processGroup(groupId);
            if (found == null || found.session() != caller.session()) {
                throw Errno.EPERM.exception();
            }
            destination = found;
        }
        if (destination != target.processGroup()) {
            joinLocked(target, destination);
        }
    }

    /** getpgid(2): 0 for the caller. ESRCH. */
    public static int processGroupId(Task task, int pid) throws ErrnoException {
        return find(task, pid).processGroup().pid().numberIn(task.pids());
    }

    /** getsid(2): 0 for the caller. ESRCH. */
    public static int sessionId(Task task, int pid) throws ErrnoException {
        return find(task, pid).session().pid().numberIn(task.pids());
    }

    private static ThreadGroup find(Task task, int pid) throws ErrnoException {
        if (pid == 0) {
            return task.threadGroup();
        }
        Task found = task.pids().task(pid);
        if (found == null) {
            throw Errno.ESRCH.exception();
        }
        return found.threadGroup();
    }
}
