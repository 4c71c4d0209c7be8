// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.futex.RobustList;
import dev.jvisor.kernel.ipc.IpcNamespace;
import dev.jvisor.kernel.ptrace.Trace;
import dev.jvisor.kernel.seccomp.SeccompState;
import dev.jvisor.kernel.signal.RestartBlock;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.SignalState;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A thread of a guest process (Linux: {@code struct task_struct}), run by one Java platform thread.
 *
 * <p>What a task is made of lives here; what happens to it is in the classes beside:
 * {@link TaskLoop} runs it, {@link TaskBlock} puts it to sleep, {@link TaskClone},
 * {@link TaskExec}, {@link TaskExit} and {@link TaskWait} are its life. Unless a method says
 * otherwise, any thread may call it.
 */
public final class Task implements CallContext {

    /** Work bit: the task must end ({@link #requestExit}, group exit, execve by another thread). */
    public static final int WORK_EXIT = 1;

    /** Work bit: the last system call ended with ERESTART*; delivery decides what becomes of it. */
    public static final int WORK_RESTART = 2;

    /** Call work bit: the task is traced. */
    public static final int CALL_TRACED = 1;

    /** Call work bit: the tracer wants to see the beginning and the end of a call. */
    public static final int CALL_TRACE = 2;

    /** Call work bit: the tracer makes the call instead of us. */
    public static final int CALL_EMULATE = 4;

    /** Call work bit: seccomp decides about calls. */
    public static final int CALL_SECCOMP = 8;

    private final Kernel kernel;
    private final TaskBlock block = new TaskBlock(this);
    private final AtomicInteger work = new AtomicInteger();
    private final AtomicInteger callWork = new AtomicInteger();
    private final CpuClock cpu = new CpuClock();
    private final TaskCounters counters = new TaskCounters();
    private final SignalState signals;
    private final RobustList robustList = new RobustList();

    /** Changes only in execve by a thread that is not the leader: it takes over the leader's id. */
    private volatile Pid pid;

    private final ThreadGroup threadGroup;
    private volatile Credentials credentials;
    private volatile Namespaces namespaces;
    private volatile @Nullable MemoryManager memory;
    private volatile @Nullable FdTable files;
    private volatile @Nullable FsContext fs;
    private volatile @Nullable GuestContext context;
    private volatile @Nullable Thread thread;
    private volatile String name;
    private volatile boolean inGuest;
    private volatile int guestExits;

    private @Nullable RestartBlock restartBlock; // own thread

    // Own thread, or before it starts.
    private @Nullable TaskLoop loop;
    private long clearChildTid;
    int exitStatus;

    @Nullable
    VforkDone vforkDone;

    private volatile int parentDeathSignal;
    private volatile int personality;
    private final long startNanos;

    /** Set while another task traces this one; written under the task tree lock. */
    private volatile @Nullable Trace trace;

    private volatile boolean stepping;
    private volatile @Nullable SeccompState seccomp;
    private boolean seccompReleased; // guarded by the task tree lock
    private boolean ended; // guarded by the task tree lock

    /** Tasks that this one traces; guarded by the task tree lock. */
    private @Nullable List<Task> tracees;

    private final Scheduling scheduling;
    private final TaskSession session = new TaskSession(this);

    Task(Kernel kernel, Pid pid, ThreadGroup threadGroup, TaskSpec spec) {
        this.kernel = kernel;
        this.pid = pid;
        this.threadGroup = threadGroup;
        this.credentials = spec.credentials;
        this.namespaces = spec.namespaces;
        namespaces.hold();
        this.memory = spec.memory;
        this.files = spec.files;
        this.fs = spec.fs;
        this.name = spec.name;
        this.scheduling = spec.scheduling;
        this.personality = spec.personality;
        this.startNanos = kernel.clocks().monotonicNanos();
        this.signals = spec.signals;
    }

    public Kernel kernel() {
        return kernel;
    }

    /** The System V objects and message queues that it sees. */
    public IpcNamespace ipcNamespace() {
        return namespaces.ipc();
    }

    /** The task on whose thread this runs, or null if it runs on another thread. */
    public static @Nullable Task current() {
        return TaskThreads.current();
    }

    /** Thread id, as the task sees it in its own PID namespace. */
    public int tid() {
        return pid.number();
    }

    public Pid pid() {
        return pid;
    }

    void setPid(Pid pid) {
        this.pid = pid;
    }

    /**
     * Its PID namespace (Linux: {@code task_active_pid_ns}): the numbers that it gives to system
     * calls, and gets from them, are those of this one.
     */
    public PidNamespace pids() {
        return pid.namespace();
    }

    /** The namespaces it works in. */
    public Namespaces namespaces() {
        return namespaces;
    }

    /** Changes them; own thread. */
    void setNamespaces(Namespaces namespaces) {
        Namespaces old = this.namespaces;
        namespaces.hold();
        this.namespaces = namespaces;
        old.letGo();
    }

    /** The process it belongs to. */
    public ThreadGroup threadGroup() {
        return threadGroup;
    }

    /** Whether it is the thread whose id is the process id. */
    public boolean isLeader() {
        return threadGroup.leader() == this;
    }

    /** Register access and platform control; on the task's own thread only. */
    public GuestContext context() {
        GuestContext c = context;
        if (c == null) {
            throw new SentryBug("task without context tid=" + tid());
        }
        return c;
    }

    @Nullable
    GuestContext contextOrNull() {
        return context;
    }

    void setContext(@Nullable GuestContext context) {
        this.context = context;
        if (context != null) {
            cpu.setContext(context);
        }
    }

    /** The guest's general registers; on the task's own thread only. */
    public Registers registers() {
        return context().registers();
    }

    /**
     * The registers of a task that sleeps, or of the caller's own; null if it runs, or has ended.
     */
    public @Nullable Registers registersAtRest() {
        GuestContext c = context;
        boolean rests = isSleeping() || thread == Thread.currentThread();
        return c != null && rests ? c.registers() : null;
    }

    @Override
    public MemoryManager memory() {
        MemoryManager m = memory;
        if (m == null) {
            throw new SentryBug("task without memory tid=" + tid());
        }
        return m;
    }

    /** The memory, or null once the task has begun to exit (procfs). */
    public @Nullable MemoryManager memoryOrNull() {
        return memory;
    }

    void setMemory(@Nullable MemoryManager memory) {
        this.memory = memory;
    }

    /** Descriptor table. */
    public FdTable files() {
        FdTable f = files;
        if (f == null) {
            throw new SentryBug("task without files tid=" + tid());
        }
        return f;
    }

    /** The descriptor table, or null once the task has begun to exit (procfs). */
    public @Nullable FdTable filesOrNull() {
        return files;
    }

    /** Replaces the table (unshare, execve of a process that shares it); own thread. */
    public void setFiles(@Nullable FdTable files) {
        this.files = files;
    }

    @Override
    public FsContext fs() {
        FsContext f = fs;
        if (f == null) {
            throw new SentryBug("task without fs tid=" + tid());
        }
        return f;
    }

    /** Root and working directory, or null once the task has begun to exit (procfs). */
    public @Nullable FsContext fsOrNull() {
        return fs;
    }

    /** Replaces it (unshare); own thread. */
    public void setFs(@Nullable FsContext fs) {
        this.fs = fs;
    }

    @Override
    public Credentials credentials() {
        return credentials;
    }

    /** Changes who the task is; own thread (Linux: commit_creds). */
    public void setCredentials(Credentials credentials) {
        this.credentials = credentials;
    }

    /** Its network namespace. */
    public NetNamespace net() {
        NetNamespace net = namespaces.net();
        return net == null ? kernel.net() : net;
    }

    /** Name of at most 15 bytes (PR_SET_NAME, /proc/PID/comm), as ISO-8859-1. */
    public String name() {
        return name;
    }

    /** Sets the name; what is behind 15 bytes is cut. */
    public void setName(String name) {
        this.name = name.length() > 15 ? name.substring(0, 15) : name;
    }

    /** Mask, pending signals, alternate stack of this thread. */
    public SignalState signals() {
        return signals;
    }

    /** CPU time used by this thread. */
    public CpuClock cpu() {
        return cpu;
    }

    /** What this thread has done. */
    public TaskCounters counters() {
        return counters;
    }

    /** personality(2). */
    public int personality() {
        return personality;
    }

    public void setPersonality(int personality) {
        this.personality = personality;
    }

    /** Signal sent when the parent thread ends, 0 for none (PR_GET_PDEATHSIG). */
    public int parentDeathSignal() {
        return parentDeathSignal;
    }

    public void setParentDeathSignal(int signal) {
        parentDeathSignal = signal;
    }

    /** CLOCK_MONOTONIC when it was made. */
    public long startNanos() {
        return startNanos;
    }

    /** Whether it sleeps (state S in procfs). */
    public boolean isSleeping() {
        return block.isSleeping();
    }

    /** Policy, priority, affinity. */
    public Scheduling scheduling() {
        return scheduling;
    }

    // Work and interruption.

    /** The work bits. */
    public int work() {
        return work.get();
    }

    /** Sets work bits; follow with {@link #interrupt} unless on the task's own thread. */
    public void addWork(int bits) {
        int old;
        do {
            old = work.get();
            if ((old & bits) == bits) {
                return;
            }
        } while (!work.compareAndSet(old, old | bits));
    }

    /** Clears work bits. */
    public void clearWork(int bits) {
        int old;
        do {
            old = work.get();
            if ((old & bits) == 0) {
                return;
            }
        } while (!work.compareAndSet(old, old & ~bits));
    }

    /**
     * Whether an unblocked signal (or kill, stop) waits for it: blocking calls end with
     * ERESTARTSYS.
     */
    public boolean hasPendingSignal() {
        return signals.isPending() || (work.get() & WORK_EXIT) != 0;
    }

    /** Whether it is on its way out: only sleeps that nothing interrupts are left to it. */
    public boolean isExiting() {
        return (work.get() & WORK_EXIT) != 0;
    }

    /** Ends the task with exit(2)'s status before it runs guest code again; own thread. */
    public void requestExit(int status) {
        exitStatus = (status & 0xff) << 8;
        addWork(WORK_EXIT);
    }

    /** Ends the task, but not its process, as by a signal; own thread. */
    public void requestExitBySignal(int signal) {
        exitStatus = signal;
        addWork(WORK_EXIT);
    }

    /** Wakes it out of {@link #sleep}; takes no lock. */
    public void wake() {
        block.wake();
    }

    /**
     * Makes it look at its work bits: ends a sleep and leaves guest code. Never lost if work was
     * added before. Takes no lock.
     */
    public void interrupt() {
        block.wake();
        if (inGuest) {
            GuestContext c = context;
            if (c != null) {
                c.interrupt();
            }
        }
    }

    /** Own thread: it is about to look at its work bits and then to enter guest code. */
    void setInGuest(boolean inGuest) {
        this.inGuest = inGuest;
        if (!inGuest) {
            guestExits++; // own thread alone
        }
    }

    /**
     * If it runs guest code, makes it leave that once; any other thread. Until the answer of
     * {@link #hasLeftGuest} is true it may not have.
     *
     * @return what to ask {@link #hasLeftGuest} with
     */
    public int expelFromGuest() {
        int exits = guestExits;
        if (inGuest) {
            GuestContext c = context;
            if (c != null) {
                c.interrupt();
            }
        }
        return exits;
    }

    /** Whether it was outside of guest code at some time since. */
    public boolean hasLeftGuest(int exits) {
        return !inGuest || guestExits != exits;
    }

    void setLoop(TaskLoop loop) {
        this.loop = loop;
    }

    /** Gives out the loop that will run the task, once. */
    TaskLoop takeLoop() {
        TaskLoop l = loop;
        if (l == null) {
            throw new SentryBug("task started twice tid=" + tid());
        }
        loop = null;
        return l;
    }

    @Nullable
    Thread thread() {
        return thread;
    }

    void setThread(@Nullable Thread thread) {
        this.thread = thread;
    }

    // Tracing.

    /** What has to be done at the beginning and end of system calls beside serving them. */
    public int callWork() {
        return callWork.get();
    }

    /** Sets call work bits; any thread. */
    public void addCallWork(int bits) {
        int old;
        do {
            old = callWork.get();
        } while (!callWork.compareAndSet(old, old | bits));
        GuestContext c = context;
        if (old == 0 && inGuest && c != null) {
            c.interrupt(); // the platform may answer calls by itself until the task comes by here
        }
    }

    /** Clears call work bits; any thread. */
    public void clearCallWork(int bits) {
        int old;
        do {
            old = callWork.get();
        } while (!callWork.compareAndSet(old, old & ~bits));
    }

    /** Who traces it and how, or null. */
    public @Nullable Trace trace() {
        return trace;
    }

    /** The caller holds the task tree lock. */
    public void setTrace(@Nullable Trace trace) {
        this.trace = trace;
    }

    /** What seccomp says of its calls, or null. */
    public @Nullable SeccompState seccomp() {
        return seccomp;
    }

    /** Replaces it; with {@link #CALL_SECCOMP} in the call work it takes effect. */
    public void setSeccomp(SeccompState seccomp) {
        this.seccomp = seccomp;
    }

    /** Whether its filters know that it is gone; the task tree lock is held. */
    public boolean isSeccompReleased() {
        return seccompReleased;
    }

    public void setSeccompReleased() {
        seccompReleased = true;
    }

    /** Whether it runs one instruction at a time. */
    public boolean isStepping() {
        return stepping;
    }

    public void setStepping(boolean stepping) {
        this.stepping = stepping;
    }

    /** Tasks that it traces; the caller holds the task tree lock. */
    public List<Task> traceesLocked() {
        List<Task> list = tracees;
        if (list == null) {
            list = new ArrayList<>();
            tracees = list;
        }
        return list;
    }

    /** Whether it traces any; the caller holds the task tree lock. */
    public boolean hasTraceesLocked() {
        List<Task> list = tracees;
        return list != null && !list.isEmpty();
    }

    /** Whether it has ended but its tracer has not waited for it; the tree lock is held. */
    boolean hasEnded() {
        return ended;
    }

    void setEnded() {
        ended = true;
    }

    // Blocking; own thread.

    /**
     * Sleeps until {@link #wake}, the deadline, or a signal. A wake that came since the last sleep
     * counts.
     *
     * @param deadlineNanos CLOCK_MONOTONIC, Long.MAX_VALUE for none
     * @return false if the deadline passed
     * @throws ErrnoException ERESTARTSYS if an unblocked signal is pending (or the task is being
     *     killed)
     */
    @Override
    public boolean sleep(long deadlineNanos) throws ErrnoException {
        return block.sleep(deadlineNanos);
    }

    /**
     * Sleeps until {@link #wake} or until the task has to exit; signals do not end it (a stopped
     * task, a vfork parent).
     *
     * @return false if the task has to exit
     */
    public boolean sleepKillable() {
        return block.sleepKillable();
    }

    /** Sleeps until {@link #wake}, whatever else happens (a stop for a tracer). */
    public void sleepUntilWoken() {
        block.sleepUntilWoken();
    }

    /**
     * Waits until one of {@code events} holds on a file ({@code file.poll()}), a deadline passes,
     * or a signal is pending. Cannot miss a change.
     *
     * @param deadlineNanos CLOCK_MONOTONIC, Long.MAX_VALUE for none
     * @return false if the deadline passed
     * @throws ErrnoException ERESTARTSYS if a signal is pending
     */
    public boolean waitFor(FileDescription file, int events, long deadlineNanos)
            throws ErrnoException {
        return block.waitFor(file, events, deadlineNanos);
    }

    /** A queue entry that calls {@link #wake}. */
    @Override
    public WaitQueue.Entry newWaitEntry(int mask) {
        return new TaskBlock.WakeEntry(this, mask);
    }

    // Restart of interrupted calls; own thread.

    /** How restart_syscall(2) goes on, or null. */
    public @Nullable RestartBlock restartBlock() {
        return restartBlock;
    }

    /** Set before ERESTART_RESTARTBLOCK is thrown; null after a signal handler ran (EINTR then). */
    public void setRestartBlock(@Nullable RestartBlock restartBlock) {
        this.restartBlock = restartBlock;
    }

    /** Where the kernel stores 0 and wakes a futex when this thread ends; own thread. */
    public void setClearChildTid(long address) {
        this.clearChildTid = address;
    }

    public long clearChildTid() {
        return clearChildTid;
    }

    /** The robust futexes it holds. */
    public RobustList robustList() {
        return robustList;
    }

    // What files ask of their caller.

    @Override
    public long realtimeNanos() {
        return kernel.clocks().realtimeNanos();
    }

    /** CLOCK_MONOTONIC, the base of all deadlines. */
    public long monotonicNanos() {
        return kernel.clocks().monotonicNanos();
    }

    @Override
    public long limit(int resource) {
        return threadGroup.limits().soft(resource);
    }

    @Override
    public void raise(int signal) {
        Signals.sendToTask(this, SigInfo.kernel(signal));
    }

    @Override
    public int processId() {
        return threadGroup.id();
    }

    @Override
    public int globalProcessId() {
        return threadGroup.pid().globalNumber();
    }

    @Override
    public int shownProcessId(int globalId) {
        if (pids().level() == 0) {
            return globalId;
        }
        Pid found = kernel.tasks().find(globalId);
        return found == null ? 0 : found.numberIn(pids());
    }

    @Override
    public int findProcess(int id) {
        Pid found = pids().find(id);
        return found == null || found.threadGroup() == null ? 0 : found.globalNumber();
    }

    @Override
    public Object fileTableOwner() {
        return files();
    }

    @Override
    public Session session() {
        return session;
    }

    @Override
    public String toString() {
        return "task " + tid() + " (" + name + ")";
    }
}
