// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.limits.ResourceLimits;
import dev.jvisor.kernel.ptrace.TraceLinks;
import dev.jvisor.kernel.signal.GroupSignals;
import dev.jvisor.kernel.time.ProcessTimers;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.abi.Signals;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A process (Linux: thread group with {@code struct signal_struct}).
 *
 * <p>Who is whose child and which threads there are is guarded by the task tree lock; what is
 * volatile is read without it.
 */
public final class ThreadGroup implements MemoryManager.Limits {

    private static final int NOT_EXITING = -1;
    private static final Task[] NO_TASKS = {};

    /** Linux: {@code MMF_DUMP_FILTER_DEFAULT} as coredump_filter shows it. */
    private static final int COREDUMP_FILTER_DEFAULT = 0x33;

    private final Kernel kernel;
    private final Pid pid;
    private final GroupSignals signals;
    private final ProcessTimers timers;
    private final ResourceLimits limits;
    private final long startNanos;

    /** Wait status of the whole process once it is doomed, or NOT_EXITING. */
    private final AtomicInteger groupExit = new AtomicInteger(NOT_EXITING);

    /** The thread whose execve is ending the others, or null. */
    final AtomicReference<@Nullable Task> execTask = new AtomicReference<>();

    /** Where wait4(2) of this process sleeps (Linux: {@code wait_chldexit}). */
    private final WaitQueue childEvents = new WaitQueue();

    // Written under the task tree lock.
    private volatile @Nullable Task leader;
    private volatile Task[] tasks = NO_TASKS;
    private volatile @Nullable Task parentTask;
    private volatile @Nullable ProcessGroup processGroup;
    private volatile boolean zombie;
    final List<ThreadGroup> children = new ArrayList<>();

    /** The controlling terminal (a type of {@code fs}), or null (Linux: {@code signal->tty}). */
    volatile @Nullable Object controllingTerminal;

    /**
     * The process group that was in the foreground of the leader's terminal when the line was hung
     * up (Linux: {@code tty_old_pgrp}).
     */
    volatile @Nullable ProcessGroup hungUpForeground;

    /** Signal to the parent when the process ends; 0 for none (low byte of clone's flags). */
    volatile int exitSignal;

    /** Wait status, valid once it is a zombie. */
    int waitStatus;

    /** Threads that have ended and wait for their tracer; guarded by the task tree lock. */
    int unreapedThreads;

    /** Whether it has executed a program since fork (setpgid(2) of a child). */
    volatile boolean hasExecuted;

    /** Whether its children are forgotten at once: the end of its PID namespace has begun. */
    volatile boolean reapsAll;

    /** PR_SET_CHILD_SUBREAPER. */
    volatile boolean childSubreaper;

    /** SUID_DUMP_DISABLE 0, SUID_DUMP_USER 1 (PR_SET_DUMPABLE); Linux keeps it in the mm. */
    volatile int dumpable = 1;

    /** Commands of membarrier(2) that were registered. */
    private volatile int barriers;

    private volatile int oomScoreAdjust;
    private volatile int coredumpFilter = COREDUMP_FILTER_DEFAULT;

    private volatile @Nullable FileDescription executable;

    private @Nullable CpuLimit cpuLimit; // guarded by this; null until the limit is set

    /** Called when the process has ended; set before it starts. */
    ProcessSpec.@Nullable ExitListener exitListener;

    /** Resources of threads that are gone, and of children that were waited for. */
    final UsageTotals deadThreads = new UsageTotals();

    final UsageTotals waitedChildren = new UsageTotals();

    ThreadGroup(Kernel kernel, Pid pid, GroupSignals signals, ResourceLimits limits) {
        this.kernel = kernel;
        this.pid = pid;
        this.signals = signals;
        this.limits = limits;
        this.startNanos = kernel.clocks().monotonicNanos();
        this.timers = new ProcessTimers(this);
        signals.bind(this);
        signals.bind(this);
    }

    public Kernel kernel() {
        return kernel;
    }

    /** Process id, as the process sees it in its own PID namespace. */
    public int id() {
        return pid.number();
    }

    public Pid pid() {
        return pid;
    }

    /** The controlling terminal (a type of {@code fs}), or null. */
    public @Nullable Object controllingTerminal() {
        return controllingTerminal;
    }

    /** Whether it is the sandbox's first process. */
    public boolean isInit() {
        return pid.globalNumber() == 1;
    }

    /** Whether it is the first of its PID namespace, which adopts orphans and is hard to kill. */
    public boolean isNamespaceInit() {
        return pid.number() == 1;
    }

    /** The thread whose id is the process id; stays as a dead task until the process is reaped. */
    public Task leader() {
        Task t = leader;
        if (t == null) {
            throw new IllegalStateException("process without leader id=" + id());
        }
        return t;
    }

    void setLeader(Task leader) {
        this.leader = leader;
    }

    /** The threads that have not ended, oldest first. A snapshot: must not be changed. */
    public Task[] tasks() {
        return tasks;
    }

    /** Adds a thread; the caller holds the task tree lock. */
    void addTaskLocked(Task task) {
        Task[] old = tasks;
        Task[] longer = new Task[old.length + 1];
        System.arraycopy(old, 0, longer, 0, old.length);
        longer[old.length] = task;
        tasks = longer;
    }

    /** Removes a thread; the caller holds the task tree lock. */
    void removeTaskLocked(Task task) {
        Task[] old = tasks;
        for (int i = 0; i < old.length; i++) {
            if (old[i] == task) {
                Task[] shorter = new Task[old.length - 1];
                System.arraycopy(old, 0, shorter, 0, i);
                System.arraycopy(old, i + 1, shorter, i, old.length - i - 1);
                tasks = shorter;
                return;
            }
        }
    }

    /** Actions, pending signals and stop state of the process. */
    public GroupSignals signals() {
        return signals;
    }

    /** Interval and POSIX timers. */
    public ProcessTimers timers() {
        return timers;
    }

    /** Resource limits. */
    public ResourceLimits limits() {
        return limits;
    }

    /** RLIMIT_CPU was set, or inherited: begins or ends enforcing it. */
    public void updateCpuLimit() {
        CpuLimit limit;
        synchronized (this) {
            limit = cpuLimit;
            if (limit == null) {
                if (limits.soft(Resource.RLIMIT_CPU) == ResourceLimits.INFINITY) {
                    return;
                }
                limit = new CpuLimit(this);
                cpuLimit = limit;
            }
        }
        limit.update();
    }

    void cancelCpuLimit() {
        CpuLimit limit;
        synchronized (this) {
            limit = cpuLimit;
        }
        if (limit != null) {
            limit.cancel();
        }
    }

    /** CLOCK_MONOTONIC when it was made. */
    public long startNanos() {
        return startNanos;
    }

    /** The parent process, or null for the first one (and while it is not yet linked). */
    public @Nullable ThreadGroup parent() {
        Task p = parentTask;
        return p == null ? null : p.threadGroup();
    }

    /** The parent thread, or null. */
    public @Nullable Task parentTask() {
        return parentTask;
    }

    void setParentTask(@Nullable Task parent) {
        this.parentTask = parent;
    }

    /**
     * The parent's process id as getppid(2) gives it; 0 for the first process of a PID namespace.
     */
    public int parentId() {
        return parentIdIn(pid.namespace());
    }

    /** The parent's process id in a PID namespace; 0 if it is not visible there. */
    public int parentIdIn(PidNamespace viewer) {
        Task p = parentTask;
        return p == null ? 0 : p.threadGroup().pid().numberIn(viewer);
    }

    /** The children, zombies included; the caller holds the task tree lock. */
    public List<ThreadGroup> childrenLocked() {
        return children;
    }

    public ProcessGroup processGroup() {
        ProcessGroup g = processGroup;
        if (g == null) {
            throw new IllegalStateException("process without group id=" + id());
        }
        return g;
    }

    @Nullable
    ProcessGroup processGroupOrNull() {
        return processGroup;
    }

    void setProcessGroup(ProcessGroup group) {
        this.processGroup = group;
    }

    public SessionGroup session() {
        return processGroup().session();
    }

    /** Whether all threads are gone and the parent has not waited yet. */
    public boolean isZombie() {
        return zombie;
    }

    void setZombie() {
        zombie = true;
    }

    /** Where state changes of children are announced. */
    public WaitQueue childEvents() {
        return childEvents;
    }

    public boolean isChildSubreaper() {
        return childSubreaper;
    }

    public void setChildSubreaper(boolean on) {
        childSubreaper = on;
    }

    /** The program's file ({@code /proc/PID/exe}), or null. */
    public @Nullable VfsPath executable() {
        FileDescription file = executable;
        return file == null ? null : file.path();
    }

    /**
     * Takes a reference of the program's file, which keeps it from being written (ETXTBSY), and
     * drops that of the old one. Linux keeps it in the mm. On the process's own threads, or before
     * it starts.
     */
    void setExecutable(@Nullable FileDescription file) {
        if (file != null) {
            file.retain();
        }
        FileDescription old = executable;
        executable = file;
        if (old != null) {
            old.release();
        }
    }

    @Nullable
    FileDescription executableFile() {
        return executable;
    }

    /** Commands of membarrier(2) that were registered, as bits; execve forgets them. */
    public int barriers() {
        return barriers;
    }

    public void setBarriers(int commands) {
        barriers = commands;
    }

    /** 0 or 1 (PR_GET_DUMPABLE). */
    public int dumpable() {
        return dumpable;
    }

    public void setDumpable(int value) {
        dumpable = value;
    }

    /** Signal to the parent when the process ends; 0 for none. */
    public int exitSignal() {
        return exitSignal;
    }

    /** Whether it has executed a program since fork. */
    public boolean hasExecuted() {
        return hasExecuted;
    }

    /** {@code /proc/PID/oom_score_adj}, -1000 to 1000; kept only. */
    public int oomScoreAdjust() {
        return oomScoreAdjust;
    }

    public void setOomScoreAdjust(int value) {
        oomScoreAdjust = value;
    }

    /** {@code /proc/PID/coredump_filter}; kept only. */
    public int coredumpFilter() {
        return coredumpFilter;
    }

    public void setCoredumpFilter(int value) {
        coredumpFilter = value;
    }

    // The end.

    /** Whether the process is doomed. */
    public boolean isExiting() {
        return groupExit.get() != NOT_EXITING;
    }

    /** Wait status of a doomed process; -1 if it is not. */
    public int groupExitStatus() {
        return groupExit.get();
    }

    /**
     * Dooms the process: every thread ends before it runs guest code again. The first call decides
     * the status. Takes no lock of the task layer.
     *
     * @param waitStatus as wait(2) encodes it: exit code times 256, or signal number plus 128 if
     *     dumped
     * @return whether this call was the first
     */
    public boolean beginGroupExit(int waitStatus) {
        boolean first = groupExit.compareAndSet(NOT_EXITING, waitStatus & 0xffff);
        if (first) {
            signals.onGroupExit();
        } else if (waitStatus == Signals.SIGKILL) {
            releaseExitStops();
        }
        for (Task t : tasks) {
            t.addWork(Task.WORK_EXIT);
            t.interrupt();
        }
        return first;
    }

    /** A kill of a process that is on its way out: no tracer holds it up any more. */
    public void releaseExitStops() {
        for (Task t : tasks) {
            TraceLinks.releaseExitStop(t);
        }
    }

    /** Tells the parent (SIGCHLD, wait4) that the process stopped; takes the task tree lock. */
    public void notifyParentStopped(int stopSignal) {
        TaskNotify.stopped(this, stopSignal);
    }

    /** Tells the parent that the process goes on; takes the task tree lock. */
    public void notifyParentContinued() {
        TaskNotify.continued(this);
    }

    // What has been used.

    /** User and system CPU time of all threads, living and dead, in nanoseconds. */
    public long cpuNanos() {
        return userNanos() + systemNanos();
    }

    public long userNanos() {
        long sum = deadThreads.userNanos();
        for (Task t : tasks) {
            sum += t.cpu().userNanos();
        }
        return sum;
    }

    public long systemNanos() {
        long sum = deadThreads.systemNanos();
        for (Task t : tasks) {
            sum += t.cpu().systemNanos();
        }
        return sum;
    }

    /** What all threads have used, living and dead; memory only of the dead. */
    public UsageTotals usage() {
        UsageTotals sum = deadThreads.copy();
        for (Task t : tasks) {
            sum.addTask(t);
        }
        return sum;
    }

    /** As {@link #usage}, with memory and page faults up to now; takes the memory's lock. */
    public UsageTotals usageWithMemory() {
        UsageTotals sum = usage();
        Task[] living = tasks;
        MemoryManager memory = living.length == 0 ? null : living[0].memoryOrNull();
        if (memory != null) {
            UsageTotals.addMemory(sum, memory);
        }
        return sum;
    }

    @Override
    public long limit(int resource) {
        return limits.soft(resource);
    }

    @Override
    public boolean capable(int capability) {
        return leader().credentials().has(capability);
    }

    /** Resources of children that were waited for (RUSAGE_CHILDREN). */
    public UsageTotals waitedChildren() {
        return waitedChildren;
    }

    /** Resources of threads that have ended. */
    public UsageTotals deadThreads() {
        return deadThreads;
    }

    @Override
    public String toString() {
        return "process " + id();
    }
}
