// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGCONT;
import static dev.jvisor.platform.abi.Signals.SIGHUP;
import static dev.jvisor.platform.abi.Signals.SIGKILL;

import dev.jvisor.fs.tty.ControllingTerminal;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.dispatch.SyscallObserver;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.futex.RobustList;
import dev.jvisor.kernel.ipc.SemaphoreTable;
import dev.jvisor.kernel.ptrace.Trace;
import dev.jvisor.kernel.ptrace.TraceLinks;
import dev.jvisor.kernel.seccomp.Seccomp;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** The end of a task (Linux: do_exit, exit_notify, release_task). */
final class TaskExit {

    private TaskExit() {}

    /**
     * Ends a task; the last thing its own thread does with it, except closing the platform's
     * context.
     */
    static void exit(Task task) {
        task.addWork(Task.WORK_EXIT);
        task.threadGroup().signals().onTaskExit(task);
        releaseMemory(task);
        releaseFiles(task);
        if (task.threadGroup().tasks().length == 1) {
            // Before the parent is told: it may write to the program's file then, without ETXTBSY.
            task.threadGroup().setExecutable(null);
        }
        task.cpu().stop();
        notifyAndLeave(task);
        task.namespaces().letGo();
        SyscallObserver observer = task.kernel().observer();
        if (observer != null) {
            observer.exited(task, statusOf(task));
        }
    }

    /** Wait status with which a task ends. */
    static int statusOf(Task task) {
        int group = task.threadGroup().groupExitStatus();
        return group >= 0 ? group : task.exitStatus;
    }

    /**
     * What a thread owes to others in its memory, also when it leaves it by execve (Linux:
     * mm_release): dead owners of robust futexes and the cleared thread id.
     */
    static void leaveMemory(Task task) {
        RobustList.onExit(task);
        long address = task.clearChildTid();
        task.setClearChildTid(0);
        if (address != 0) {
            try {
                task.memory().putInt(address, 0);
                task.kernel().futexes().wake(task, address, 1);
            } catch (ErrnoException e) {
                // Linux ignores a bad address here.
            }
        }
    }

    /** Lets a vfork parent go on: the task no longer uses its memory. */
    static void completeVfork(Task task) {
        VforkDone done = task.vforkDone;
        if (done != null) {
            task.vforkDone = null;
            done.complete();
        }
    }

    private static void releaseMemory(Task task) {
        MemoryManager memory = task.memoryOrNull();
        if (memory != null) {
            leaveMemory(task);
            if (memory.isExclusive()) {
                UsageTotals.addMemory(task.threadGroup().deadThreads(), memory);
            }
            task.setMemory(null);
            memory.release();
        }
        completeVfork(task);
    }

    private static void releaseFiles(Task task) {
        FdTable files = task.filesOrNull();
        if (files != null) {
            files.release(task);
            task.setFiles(null);
        }
        FsContext fs = task.fsOrNull();
        if (fs != null) {
            task.setFs(null);
            fs.release();
        }
    }

    private static void notifyAndLeave(Task task) {
        ThreadGroup group = task.threadGroup();
        RankedLock tree = task.kernel().taskTree();
        boolean lastOfGroup;
        if (group.pid().number() == 1) {
            endNamespaceIfLast(task);
        }
        tree.lock();
        try {
            group.deadThreads().addTask(task);
            group.removeTaskLocked(task);
            lastOfGroup = group.tasks().length == 0;
            TraceLinks.leaveLocked(task);
            endTracingLocked(task);
            Seccomp.releaseLocked(task);
            forgetChildrenLocked(task, lastOfGroup);
            leaveThreadLocked(task);
            if (lastOfGroup) {
                undoSemaphores(task, group);
                TaskNotify.hangUpIfOrphanedLocked(group.processGroup(), parentOr(group), group);
                // The last thread decides, as in Linux since 6.0 (synchronize_group_exit).
                group.waitStatus = statusOf(task);
                endGroupLocked(group);
            }
        } finally {
            tree.unlock();
        }
        Task executing = group.execTask.get();
        if (executing != null) {
            executing.wake();
        }
        if (lastOfGroup) {
            leaveTerminal(task);
            group.timers().onExit();
            group.cancelCpuLimit();
            group.setExecutable(null);
            ProcessSpec.ExitListener listener = group.exitListener;
            if (listener != null) {
                listener.exited(group.waitStatus);
            }
            task.kernel().processEnded(group, group.waitStatus);
        }
    }

    /** A session without its leader has no terminal (Linux: disassociate_ctty). */
    private static void leaveTerminal(Task task) {
        ThreadGroup group = task.threadGroup();
        if (group.session().leader() != group) {
            return;
        }
        if (group.controllingTerminal instanceof ControllingTerminal terminal) {
            terminal.onLeaderExit(task.session());
            return;
        }
        ProcessGroup hungUp = group.hungUpForeground;
        if (hungUp != null) {
            hungUp.signal(task.kernel(), SigInfo.kernel(SIGHUP));
            hungUp.signal(task.kernel(), SigInfo.kernel(SIGCONT));
        }
    }

    /**
     * The first process of a PID namespace takes all others with it before its own end is told
     * (Linux: zap_pid_ns_processes).
     */
    private static void endNamespaceIfLast(Task task) {
        ThreadGroup group = task.threadGroup();
        PidNamespace pids = group.pid().namespace();
        if (pids.level() == 0) {
            return; // the kernel sees to it
        }
        RankedLock tree = task.kernel().taskTree();
        tree.lock();
        try {
            if (group.tasks().length > 1) {
                return;
            }
            group.reapsAll = true;
            pids.close();
            for (int i = group.children.size() - 1; i >= 0; i--) {
                ThreadGroup child = group.children.get(i);
                if (child.isZombie()) {
                    releaseLocked(child);
                }
            }
            pids.forEachThreadGroup(new Killer(group));
        } finally {
            tree.unlock();
        }
        pids.awaitAlone(task.kernel());
        pids.init = null;
    }

    /** Kills all but one process. */
    private record Killer(ThreadGroup spared) implements PidNamespace.ThreadGroupVisitor {
        @Override
        public boolean visit(ThreadGroup group) {
            if (group != spared) {
                group.beginGroupExit(SIGKILL);
            }
            return true;
        }
    }

    /** Its tracees go on without it. */
    private static void endTracingLocked(Task task) {
        List<Task> tracees = TraceLinks.tracerEndsLocked(task);
        for (int i = 0; i < tracees.size(); i++) {
            Task tracee = tracees.get(i);
            ThreadGroup group = tracee.threadGroup();
            if (tracee != group.leader()) {
                if (tracee.hasEnded()) {
                    releaseThreadLocked(tracee);
                }
            } else if (group.isZombie()
                    && group.parent() != task.threadGroup()
                    && TaskNotify.exitedLocked(group)) {
                releaseLocked(group);
            }
        }
    }

    /** A thread that is not the leader vanishes, unless its tracer is to be told. */
    private static void leaveThreadLocked(Task task) {
        ThreadGroup group = task.threadGroup();
        if (task == group.leader()) {
            return;
        }
        Trace trace = task.trace();
        if (trace == null) {
            forgetThread(task);
            return;
        }
        int status = task.exitStatus;
        task.setEnded();
        group.unreapedThreads++;
        TraceLinks.endedLocked(task, trace, status);
    }

    private static void forgetThread(Task task) {
        task.pid().task = null;
        task.pid().announceEnd();
        PidNamespace.releaseIfUnused(task.pid());
    }

    /** The tracer knows of the end of a thread. The caller holds the task tree lock. */
    static void releaseThreadLocked(Task task) {
        ThreadGroup group = task.threadGroup();
        Trace trace = task.trace();
        if (trace != null) {
            TraceLinks.unlinkLocked(task, trace);
        }
        Pid pid = task.pid();
        if (pid.task == task) {
            forgetThread(task);
        }
        group.unreapedThreads--;
        if (group.tasks().length == 0 && !group.isZombie()) {
            endGroupLocked(group);
        }
    }

    /** All threads are gone: who waits for the process is told, once tracers know of theirs. */
    private static void endGroupLocked(ThreadGroup group) {
        if (group.unreapedThreads > 0) {
            return;
        }
        group.setZombie();
        group.pid().announceEnd();
        Trace trace = group.leader().trace();
        if (trace != null && trace.tracer().threadGroup() != group.parent()) {
            int status = group.waitStatus;
            TraceLinks.notifyEndLocked(
                    group.leader(),
                    trace,
                    SIGCHLD,
                    TaskNotify.exitCode(status),
                    TaskNotify.exitValue(status));
            return;
        }
        if (TaskNotify.exitedLocked(group) && trace == null) {
            releaseLocked(group);
        }
    }

    private static ThreadGroup parentOr(ThreadGroup group) {
        ThreadGroup parent = group.parent();
        return parent == null ? group : parent;
    }

    /** Before the parent is told: SEM_UNDO has had its effect then. */
    static void undoSemaphores(Task task, ThreadGroup group) {
        SemaphoreTable semaphores = task.ipcNamespace().semaphoresOrNull();
        if (semaphores != null) {
            semaphores.processEnded(group, Math.floorDiv(task.realtimeNanos(), 1_000_000_000L));
        }
    }

    /** Gives the children of a thread another parent (Linux: forget_original_parent). */
    private static void forgetChildrenLocked(Task task, boolean lastOfGroup) {
        ThreadGroup group = task.threadGroup();
        if (group.children.isEmpty()) {
            return;
        }
        if (!lastOfGroup) {
            Task sibling = group.tasks()[0];
            for (int i = 0; i < group.children.size(); i++) {
                ThreadGroup child = group.children.get(i);
                if (child.parentTask() == task) {
                    child.setParentTask(sibling);
                    sendParentDeathSignals(child);
                }
            }
            return;
        }
        Task reaper = findReaperLocked(group);
        while (!group.children.isEmpty()) {
            ThreadGroup child = group.children.remove(group.children.size() - 1);
            child.setParentTask(reaper);
            sendParentDeathSignals(child);
            child.exitSignal = SIGCHLD;
            if (reaper != null) {
                reaper.threadGroup().children.add(child);
            }
            if (child.isZombie()) {
                if (child.leader().trace() == null && TaskNotify.exitedLocked(child)) {
                    releaseLocked(child);
                }
            } else {
                TaskNotify.hangUpIfOrphanedLocked(child.processGroup(), group, null);
            }
        }
    }

    private static void sendParentDeathSignals(ThreadGroup child) {
        for (Task t : child.tasks()) {
            if (t.parentDeathSignal() != 0) {
                Signals.sendToGroup(child, SigInfo.user(t.parentDeathSignal(), 0, 0));
            }
        }
    }

    /**
     * The nearest living subreaper above, or the first process of the PID namespace; null if that
     * is the one that ends.
     */
    private static @Nullable Task findReaperLocked(ThreadGroup group) {
        ThreadGroup ancestor = group.parent();
        PidNamespace pids = group.pid().namespace();
        while (ancestor != null && ancestor.pid().namespace() == pids) {
            if (ancestor.isChildSubreaper() && ancestor.tasks().length > 0) {
                return ancestor.tasks()[0];
            }
            ancestor = ancestor.parent();
        }
        ThreadGroup init = pids.init();
        if (init == null || init == group || init.tasks().length == 0) {
            return null;
        }
        return init.tasks()[0];
    }

    /** Takes a new process from its parent, so that its end is not reported. */
    static void disownIfLeader(Task task) {
        ThreadGroup group = task.threadGroup();
        if (group.leader() != task) {
            return;
        }
        RankedLock tree = task.kernel().taskTree();
        tree.lock();
        try {
            ThreadGroup parent = group.parent();
            if (parent != null) {
                parent.children.remove(group);
                group.setParentTask(null);
            }
        } finally {
            tree.unlock();
        }
    }

    /** Forgets a zombie (Linux: release_task); the caller holds the task tree lock. */
    static void releaseLocked(ThreadGroup group) {
        ThreadGroup parent = group.parent();
        if (parent != null) {
            parent.children.remove(group);
        }
        Trace trace = group.leader().trace();
        if (trace != null) {
            TraceLinks.unlinkLocked(group.leader(), trace);
        }
        TaskIds.leaveProcessGroupLocked(group);
        Pid pid = group.pid();
        pid.task = null;
        pid.threadGroup = null;
        PidNamespace.releaseIfUnused(pid);
        pid.announceEnd();
    }
}
