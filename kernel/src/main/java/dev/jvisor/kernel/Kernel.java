// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel;

import dev.jvisor.fs.anon.Memfds;
import dev.jvisor.fs.inotify.InotifyLimits;
import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.dispatch.Dispatcher;
import dev.jvisor.kernel.dispatch.SyscallObserver;
import dev.jvisor.kernel.dispatch.SyscallTable;
import dev.jvisor.kernel.futex.FutexTable;
import dev.jvisor.kernel.ipc.IpcNamespace;
import dev.jvisor.kernel.loader.Vdso;
import dev.jvisor.kernel.signal.SignalQuota;
import dev.jvisor.kernel.task.LoadAverage;
import dev.jvisor.kernel.task.Namespaces;
import dev.jvisor.kernel.task.OomKiller;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.kernel.task.ProcessSpec;
import dev.jvisor.kernel.task.ProcessStarter;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TaskThreads;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.kernel.time.Clocks;
import dev.jvisor.kernel.time.KernelNetTimers;
import dev.jvisor.kernel.time.TimerQueue;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.net.Network;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Signals;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * One sandbox's kernel: what there is once, the processes that are started from outside, and the
 * end.
 *
 * <p>The sandbox ends when its first process does: all others are killed. An error of our own ends
 * it too, with a report; {@link #awaitExit} tells.
 */
public class Kernel {

    /** Wait status of a sandbox that an error of our own has ended: exit code 128. */
    public static final int INTERNAL_ERROR_STATUS = 128 << 8;

    /**
     * Threads of all processes together, a Java thread each, unless {@link #setTasksMax} says
     * otherwise.
     */
    public static final int TASKS_MAX = 8192;

    private static final long END_GRACE_NANOS = 2_000_000_000L;
    private static final long END_POLL_MILLIS = 20;

    private final Platform platform;
    private final PageAllocator pages;
    private final SyscallTable syscalls;
    private volatile @Nullable SyscallObserver observer;
    private @Nullable MountNamespace mounts;
    private final Clocks clocks = new Clocks();
    private final TimerQueue timerQueue = new TimerQueue(clocks);
    private final FutexTable futexes = new FutexTable();
    private final SignalQuota signalQuota = new SignalQuota();
    private final WaitQueue signalfdWaiters = new WaitQueue();
    private @Nullable Vdso vdso;
    private @Nullable Memfds memfds; // guarded by this
    private @Nullable NetNamespace net; // guarded by this
    private @Nullable InotifyLimits inotifyLimits; // guarded by this
    private final RankedLock taskTree = new RankedLock(LockRank.TASK_TREE);
    private final OomKiller oomKiller = new OomKiller(this);
    private final LoadAverage loadAverage = new LoadAverage(this);
    private final TaskThreads taskThreads = new TaskThreads();
    private final Dispatcher dispatcher;
    private final Namespaces namespaces;
    private final AtomicInteger threads = new AtomicInteger();
    private volatile int tasksMax = TASKS_MAX;
    private final int cpuCount = Runtime.getRuntime().availableProcessors();
    private volatile long memoryBytes;

    private final Object endLock = new Object();
    private int initStatus = -1; // guarded by endLock
    private volatile boolean ending;
    private volatile boolean closed;
    private volatile @Nullable Throwable internalError;

    public Kernel(Platform platform, PageAllocator pages, SyscallTable syscalls) {
        this.platform = platform;
        this.pages = pages;
        this.namespaces = Namespaces.initial("jvisor", new IpcNamespace(pages));
        this.syscalls = syscalls;
        this.dispatcher = new Dispatcher(this, syscalls);
        pages.commit().setMemoryBytes(memoryBytes());
        pages.memory().setPressureListener(new PressureListener());
    }

    private final class PressureListener implements Runnable {
        @Override
        public void run() {
            oomKiller.watch();
        }
    }

    /** Who kills when memory runs out. */
    public final OomKiller oomKiller() {
        return oomKiller;
    }

    public final Platform platform() {
        return platform;
    }

    /** Where memfd_create(2) makes its files; made when first needed. */
    public final synchronized Memfds memfds(Task caller) {
        Memfds m = memfds;
        if (m == null) {
            memfds = m = new Memfds(pages, caller);
        }
        return m;
    }

    /** The first network namespace; made when first needed. */
    public final synchronized NetNamespace net() {
        NetNamespace n = net;
        if (n == null) {
            net = n = Network.newNamespace(new KernelNetTimers(clocks, timerQueue));
        }
        return n;
    }

    public final PageAllocator pages() {
        return pages;
    }

    public final SyscallTable syscalls() {
        return syscalls;
    }

    /** The observer of system calls, or null. */
    public final @Nullable SyscallObserver observer() {
        return observer;
    }

    /** Whether calls have to come to the Sentry although their answers are known. */
    public final boolean isObservingCalls() {
        return observer != null || syscalls.isExtended();
    }

    public final void setObserver(@Nullable SyscallObserver observer) {
        this.observer = observer;
    }

    /** Sets the initial mount namespace; before the first task. */
    public final void setMounts(MountNamespace mounts) {
        this.mounts = mounts;
    }

    public final MountNamespace mounts() {
        MountNamespace m = mounts;
        if (m == null) {
            throw new IllegalStateException("mounts not set");
        }
        return m;
    }

    public final Clocks clocks() {
        return clocks;
    }

    public final TimerQueue timerQueue() {
        return timerQueue;
    }

    public final FutexTable futexes() {
        return futexes;
    }

    /** How much inotify users may have; made when first needed. */
    public final synchronized InotifyLimits inotifyLimits() {
        InotifyLimits limits = inotifyLimits;
        if (limits == null) {
            inotifyLimits = limits = new InotifyLimits();
        }
        return limits;
    }

    /** Queued signals of each user. */
    public final SignalQuota signalQuota() {
        return signalQuota;
    }

    /** The initial IPC namespace. */
    public final IpcNamespace ipc() {
        return namespaces.ipc();
    }

    /** Who waits for signals to be read from a signalfd: told of every signal that is queued. */
    public final WaitQueue signalfdWaiters() {
        return signalfdWaiters;
    }

    /** The vDSO that programs get, or null if they get none. */
    public final @Nullable Vdso vdso() {
        return vdso;
    }

    /** Sets the vDSO; before the first program. */
    public final void setVdso(@Nullable Vdso vdso) {
        this.vdso = vdso;
    }

    /** Guards who is whose child, thread, group member (Linux: tasklist_lock). */
    public final RankedLock taskTree() {
        return taskTree;
    }

    /** Processes, threads, groups and sessions by the number of the initial namespace. */
    public final PidNamespace tasks() {
        return namespaces.pidsForChildren();
    }

    /** What the first process works in. */
    public final Namespaces initialNamespaces() {
        return namespaces;
    }

    /** The Java threads that run tasks. */
    public final TaskThreads taskThreads() {
        return taskThreads;
    }

    public final Dispatcher dispatcher() {
        return dispatcher;
    }

    /** Host and domain name of the first process. */
    public final UtsNamespace uts() {
        return namespaces.uts();
    }

    /** CPUs that guests see. */
    public final int cpuCount() {
        return cpuCount;
    }

    /** A bit for each CPU that guests see. */
    public final long cpuMask() {
        return cpuCount >= Long.SIZE ? -1L : (1L << cpuCount) - 1;
    }

    /** Size of the memory that guests see (sysinfo(2), /proc/meminfo), in bytes. */
    public final long memoryBytes() {
        long bytes = memoryBytes;
        if (bytes == 0) {
            bytes = Math.min(HostMemory.totalBytes(), pages.memory().size());
            memoryBytes = bytes;
        }
        return bytes;
    }

    /** Sets {@link #memoryBytes}: a limit of the container. */
    public final void setMemoryBytes(long bytes) {
        memoryBytes = bytes;
        pages.commit().setMemoryBytes(bytes);
    }

    /** Load averages. */
    public final LoadAverage loadAverage() {
        return loadAverage;
    }

    /** CPU time of all processes so far, in nanoseconds. */
    public final long cpuNanos() {
        CpuSum sum = new CpuSum();
        tasks().forEachThreadGroup(sum);
        return sum.nanos;
    }

    private static final class CpuSum implements PidNamespace.ThreadGroupVisitor {
        private long nanos;

        @Override
        public boolean visit(ThreadGroup group) {
            nanos += group.cpuNanos();
            nanos += group.waitedChildren().userNanos() + group.waitedChildren().systemNanos();
            return true;
        }
    }

    // Processes.

    /** Threads that exist. */
    public final int taskCount() {
        return threads.get();
    }

    /** How many threads there may be; clone(2) answers EAGAIN then. */
    public final int tasksMax() {
        return tasksMax;
    }

    public final void setTasksMax(int count) {
        tasksMax = count;
    }

    /** Threads of a user (RLIMIT_NPROC). */
    public final int taskCountOf(int uid) {
        CountByUser count = new CountByUser(uid);
        tasks().forEachThreadGroup(count);
        return count.tasks;
    }

    // Classes rather than lambdas: linking one costs a start without cache milliseconds.

    private static final class CountByUser implements PidNamespace.ThreadGroupVisitor {
        private final int uid;
        private int tasks;

        CountByUser(int uid) {
            this.uid = uid;
        }

        @Override
        public boolean visit(ThreadGroup group) {
            for (Task t : group.tasks()) {
                if (t.credentials().uid() == uid) {
                    tasks++;
                }
            }
            return true;
        }
    }

    private static final class Killer implements PidNamespace.ThreadGroupVisitor {
        @Override
        public boolean visit(ThreadGroup group) {
            group.beginGroupExit(Signals.SIGKILL);
            return true;
        }
    }

    /**
     * Starts a process; the first one gets id 1 and is the sandbox's init. Returns when its program
     * is loaded.
     *
     * @throws ErrnoException what execve(2) would answer; the process is gone then
     */
    public final ThreadGroup startProcess(ProcessSpec spec) throws ErrnoException {
        if (ending) {
            throw Errno.ESRCH.exception();
        }
        return ProcessStarter.start(this, spec);
    }

    /** A task's thread is about to start. */
    public final void threadStarted() {
        threads.incrementAndGet();
    }

    /** A task's thread is done with its context. */
    public final void threadEnded() {
        if (threads.decrementAndGet() == 0) {
            synchronized (endLock) {
                endLock.notifyAll();
            }
        }
    }

    /** A process has ended; no locks are held. */
    public final void processEnded(ThreadGroup group, int waitStatus) {
        if (!group.isInit()) {
            return;
        }
        synchronized (endLock) {
            if (initStatus < 0) {
                initStatus = waitStatus;
            }
            endLock.notifyAll();
        }
        killAll();
    }

    // The end.

    /** Whether all processes are being killed. */
    public final boolean isEnding() {
        return ending;
    }

    /** Kills every process, as by SIGKILL; any thread. */
    public final void killAll() {
        ending = true;
        tasks().forEachThreadGroup(new Killer());
    }

    /**
     * Reports an error of our own and ends the sandbox: the report goes to standard error, every
     * process is killed, {@link #awaitExit} returns {@link #INTERNAL_ERROR_STATUS}.
     *
     * @param task on whose behalf it happened, or null
     */
    public final void internalError(@Nullable Task task, Throwable bug) {
        if (closed) {
            return; // a task that did not end in time met what is not there any more
        }
        synchronized (endLock) {
            if (internalError == null) {
                internalError = bug;
            }
            endLock.notifyAll();
        }
        try {
            StringBuilder report = new StringBuilder("jvisor: internal error");
            if (task != null) {
                report.append(" in process ")
                        .append(task.threadGroup().id())
                        .append(' ')
                        .append(task);
            }
            synchronized (System.err) {
                System.err.println(report);
                bug.printStackTrace(System.err);
            }
        } catch (Throwable noReport) {
            // Out of memory: the exit code has to say it.
        }
        killAll();
    }

    /** The first error of our own, or null. */
    public final @Nullable Throwable internalError() {
        return internalError;
    }

    /**
     * Waits for the end of the first process (and then, for a short time, of all threads).
     *
     * @return its wait status, or {@link #INTERNAL_ERROR_STATUS}
     */
    public final int awaitExit() throws InterruptedException {
        synchronized (endLock) {
            while (initStatus < 0 && internalError == null) {
                endLock.wait();
            }
            long deadline = System.nanoTime() + END_GRACE_NANOS;
            while (threads.get() > 0 && System.nanoTime() - deadline < 0) {
                killAll(); // again: a clone may have been under way
                endLock.wait(END_POLL_MILLIS);
            }
            return internalError != null ? INTERNAL_ERROR_STATUS : initStatus;
        }
    }

    /** Ends everything: processes, timers, the platform. */
    public final void shutdown() throws InterruptedException {
        killAll();
        synchronized (endLock) {
            long deadline = System.nanoTime() + END_GRACE_NANOS;
            while (threads.get() > 0 && System.nanoTime() - deadline < 0) {
                endLock.wait(END_POLL_MILLIS);
            }
        }
        closed = true;
        taskThreads.close();
        timerQueue.close();
        platform.close();
    }
}
