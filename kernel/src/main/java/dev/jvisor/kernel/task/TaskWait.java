// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static dev.jvisor.platform.abi.Signals.CLD_CONTINUED;
import static dev.jvisor.platform.abi.Signals.CLD_STOPPED;
import static dev.jvisor.platform.abi.Signals.CLD_TRAPPED;
import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGCONT;
import static dev.jvisor.platform.abi.WaitFlags.P_ALL;
import static dev.jvisor.platform.abi.WaitFlags.P_PGID;
import static dev.jvisor.platform.abi.WaitFlags.P_PID;
import static dev.jvisor.platform.abi.WaitFlags.WCONTINUED;
import static dev.jvisor.platform.abi.WaitFlags.WEXITED;
import static dev.jvisor.platform.abi.WaitFlags.WNOHANG;
import static dev.jvisor.platform.abi.WaitFlags.WNOWAIT;
import static dev.jvisor.platform.abi.WaitFlags.WSTOPPED;
import static dev.jvisor.platform.abi.WaitFlags.__WALL;
import static dev.jvisor.platform.abi.WaitFlags.__WCLONE;
import static dev.jvisor.platform.abi.WaitFlags.__WNOTHREAD;

import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.ptrace.Trace;
import dev.jvisor.kernel.ptrace.TraceLinks;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Waiting for children (Linux: do_wait). */
public final class TaskWait {

    private static final int STATUS_STOPPED = 0x7f;
    private static final int STATUS_CONTINUED = 0xffff;

    private final Task task;
    private final int type;
    private final @Nullable Pid wanted;
    private final int options;
    private final WaitResult result;

    private TaskWait(Task task, int type, @Nullable Pid wanted, int options, WaitResult result) {
        this.task = task;
        this.type = type;
        this.wanted = wanted;
        this.options = options;
        this.result = result;
    }

    /**
     * Waits until a child has something to report; on the task's thread.
     *
     * @param type P_ALL, P_PID or P_PGID
     * @param wanted the process or process group; null for all, and for one that does not exist
     * @param options {@code W*} and {@code __W*} bits, checked by the caller
     * @param result filled in; its pid is 0 if WNOHANG found nothing
     * @throws ErrnoException ECHILD if there is no such child, ERESTARTSYS
     */
    public static void await(
            Task task, int type, @Nullable Pid wanted, int options, WaitResult result)
            throws ErrnoException {
        new TaskWait(task, type, wanted, options, result).run();
    }

    private void run() throws ErrnoException {
        if (poll()) {
            return;
        }
        if ((options & WNOHANG) != 0) {
            result.pid = 0;
            return;
        }
        WaitQueue.Entry entry = task.newWaitEntry(-1);
        WaitQueue queue = task.threadGroup().childEvents();
        queue.add(entry);
        try {
            while (!poll()) {
                task.sleep(Long.MAX_VALUE);
            }
        } finally {
            queue.remove(entry);
        }
    }

    /** Looks at every child once; true if the result is filled in. */
    private boolean poll() throws ErrnoException {
        RankedLock tree = task.kernel().taskTree();
        tree.lock();
        try {
            List<ThreadGroup> children = task.threadGroup().childrenLocked();
            boolean mayCome = false;
            for (int i = 0; i < children.size(); i++) {
                ThreadGroup child = children.get(i);
                if (!isEligible(child)) {
                    continue;
                }
                Trace trace = child.leader().trace();
                if (trace != null) {
                    // Its tracer learns of it; the parent may wait until that is done.
                    mayCome = true;
                    if (trace.tracer().threadGroup() == task.threadGroup() || !reportStops(child)) {
                        continue;
                    }
                    return true;
                }
                if (report(child)) {
                    return true;
                }
                // A zombie that this call does not wait for has nothing more to say.
                mayCome |= !child.isZombie();
            }
            Task[] threads = task.threadGroup().tasks();
            for (int i = 0; i < threads.length; i++) {
                if (threads[i] == task || (options & __WNOTHREAD) == 0) {
                    int found = pollTracees(threads[i]);
                    if (found > 0) {
                        return true;
                    }
                    mayCome |= found == 0;
                }
            }
            if (!mayCome) {
                throw Errno.ECHILD.exception();
            }
            return false;
        } finally {
            tree.unlock();
        }
    }

    /** Looks at the tracees of a thread: 1 if one reported, 0 if one may later, -1 if none. */
    private int pollTracees(Task tracer) {
        if (!tracer.hasTraceesLocked()) {
            return -1;
        }
        int found = -1;
        List<Task> tracees = tracer.traceesLocked();
        for (int i = 0; i < tracees.size(); i++) {
            Task tracee = tracees.get(i);
            Trace trace = tracee.trace();
            if (trace == null || !isEligibleTracee(tracee)) {
                continue;
            }
            if (reportTracee(tracee, trace)) {
                return 1;
            }
            found = 0;
        }
        return found;
    }

    private boolean isEligibleTracee(Task tracee) {
        return switch (type) {
            case P_ALL -> true;
            case P_PID -> tracee.pid() == wanted;
            case P_PGID -> tracee.threadGroup().processGroup().pid() == wanted;
            default -> throw new SentryBug("wait type=" + type);
        };
    }

    private boolean reportTracee(Task tracee, Trace trace) {
        boolean consume = (options & WNOWAIT) == 0;
        ThreadGroup group = tracee.threadGroup();
        if (trace.hasEnded()) {
            if ((options & WEXITED) == 0) {
                return false;
            }
            int status = trace.endStatus();
            fillTracee(tracee, TaskNotify.exitCode(status), status, TaskNotify.exitValue(status));
            if (consume) {
                TaskExit.releaseThreadLocked(tracee);
            }
            return true;
        }
        if (tracee == group.leader() && group.isZombie()) {
            return (options & WEXITED) != 0 && reportTracedZombie(group, trace, consume);
        }
        int code = trace.takeWaitCodeLocked(consume);
        if (code != 0) {
            fillTracee(tracee, CLD_TRAPPED, code << 8 | STATUS_STOPPED, code);
            return true;
        }
        return tracee == group.leader() && reportContinued(group, consume);
    }

    private boolean reportTracedZombie(ThreadGroup group, Trace trace, boolean consume) {
        if (trace.tracer().threadGroup() == group.parent()) {
            reap(group, consume);
            return true;
        }
        int status = group.waitStatus;
        fill(group, TaskNotify.exitCode(status), status, TaskNotify.exitValue(status));
        if (consume) {
            TraceLinks.unlinkLocked(group.leader(), trace);
            if (TaskNotify.exitedLocked(group)) {
                TaskExit.releaseLocked(group);
            }
        }
        return true;
    }

    private void fillTracee(Task tracee, int code, int status, int value) {
        result.pid = tracee.pid().numberIn(task.pids());
        result.uid =
                task.credentials().userNamespace().shownUid(tracee.credentials().uid());
        result.code = code;
        result.status = status;
        result.value = value;
        result.usage.addTask(tracee);
    }

    private boolean isEligible(ThreadGroup child) {
        boolean named = switch (type) {
            case P_ALL -> true;
            case P_PID -> child.pid() == wanted;
            case P_PGID -> child.processGroup().pid() == wanted;
            default -> throw new SentryBug("wait type=" + type);
        };
        if (!named || (options & __WNOTHREAD) != 0 && child.parentTask() != task) {
            return false;
        }
        boolean cloneChild = child.exitSignal != SIGCHLD;
        return (options & __WALL) != 0 || cloneChild == ((options & __WCLONE) != 0);
    }

    private boolean report(ThreadGroup child) {
        boolean consume = (options & WNOWAIT) == 0;
        if (child.isZombie()) {
            if ((options & WEXITED) == 0) {
                return false;
            }
            reap(child, consume);
            return true;
        }
        return reportStops(child);
    }

    private boolean reportStops(ThreadGroup child) {
        boolean consume = (options & WNOWAIT) == 0;
        if ((options & WSTOPPED) != 0) {
            int stopSignal = child.signals().takeStopped(consume);
            if (stopSignal != 0) {
                fill(child, CLD_STOPPED, stopSignal << 8 | STATUS_STOPPED, stopSignal);
                return true;
            }
        }
        return reportContinued(child, consume);
    }

    private boolean reportContinued(ThreadGroup child, boolean consume) {
        if ((options & WCONTINUED) != 0 && child.signals().takeContinued(consume)) {
            fill(child, CLD_CONTINUED, STATUS_CONTINUED, SIGCONT);
            return true;
        }
        return false;
    }

    private void reap(ThreadGroup child, boolean consume) {
        int status = child.waitStatus;
        fill(child, TaskNotify.exitCode(status), status, TaskNotify.exitValue(status));
        if (consume) {
            task.threadGroup().waitedChildren().add(result.usage);
            TaskExit.releaseLocked(child);
        }
    }

    private void fill(ThreadGroup child, int code, int status, int value) {
        result.pid = child.pid().numberIn(task.pids());
        result.uid = task.credentials()
                .userNamespace()
                .shownUid(child.leader().credentials().uid());
        result.code = code;
        result.status = status;
        result.value = value;
        result.usage.add(child.usage());
        result.usage.add(child.waitedChildren());
    }
}
