// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENT_VFORK_DONE;
import static dev.jvisor.platform.abi.Sched.CLONE_CHILD_CLEARTID;
import static dev.jvisor.platform.abi.Sched.CLONE_CLEAR_SIGHAND;
import static dev.jvisor.platform.abi.Sched.CLONE_FILES;
import static dev.jvisor.platform.abi.Sched.CLONE_FS;
import static dev.jvisor.platform.abi.Sched.CLONE_INTO_CGROUP;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWNS;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWPID;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWUSER;
import static dev.jvisor.platform.abi.Sched.CLONE_PARENT;
import static dev.jvisor.platform.abi.Sched.CLONE_PARENT_SETTID;
import static dev.jvisor.platform.abi.Sched.CLONE_PIDFD;
import static dev.jvisor.platform.abi.Sched.CLONE_PTRACE;
import static dev.jvisor.platform.abi.Sched.CLONE_SIGHAND;
import static dev.jvisor.platform.abi.Sched.CLONE_THREAD;
import static dev.jvisor.platform.abi.Sched.CLONE_UNTRACED;
import static dev.jvisor.platform.abi.Sched.CLONE_VFORK;
import static dev.jvisor.platform.abi.Sched.CLONE_VM;
import static dev.jvisor.platform.abi.Signals.SIGKILL;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.ptrace.TraceLinks;
import dev.jvisor.kernel.ptrace.TraceStops;
import dev.jvisor.kernel.seccomp.Seccomp;
import dev.jvisor.kernel.signal.GroupSignals;
import dev.jvisor.kernel.signal.SignalHandlers;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Resource;

/** New threads and processes (Linux: copy_process, kernel_clone). */
public final class TaskClone {

    private static final long NAMESPACES = Namespaces.ALL | CLONE_NEWUSER;

    /** What we do not have; as a kernel that is built without it, we answer EINVAL. */
    private static final long UNSUPPORTED = Namespaces.ALL & ~Namespaces.SERVED | CLONE_INTO_CGROUP;

    private TaskClone() {}

    /**
     * Creates a task and, for CLONE_VFORK, waits until it has executed a program or ended. On the
     * parent's thread, stopped in a system call.
     *
     * @return the id of the new thread
     * @throws ErrnoException EINVAL for flags that do not go together, EAGAIN for limits, ENOMEM,
     *     ERESTARTNOINTR if a signal came first
     */
    public static int clone(Task parent, CloneArguments arguments) throws ErrnoException {
        checkFlags(parent, arguments);
        int event = TraceStops.cloneEvent(
                parent,
                arguments.has(CLONE_VFORK),
                arguments.exitSignal,
                arguments.has(CLONE_UNTRACED));
        Task child = create(parent, arguments, event != 0 || arguments.has(CLONE_PTRACE));
        int tid = child.pid().numberIn(parent.pids());
        if (arguments.has(CLONE_PARENT_SETTID)) {
            try {
                parent.memory().putInt(arguments.parentTid, tid);
            } catch (ErrnoException e) {
                // Linux ignores a bad address here.
            }
        }
        VforkDone vfork = arguments.has(CLONE_VFORK) ? new VforkDone(parent) : null;
        child.vforkDone = vfork;
        start(child);
        if (event != 0) {
            TraceStops.event(parent, event, child.pid());
        }
        if (vfork != null && vfork.await()) {
            TraceStops.event(parent, PTRACE_EVENT_VFORK_DONE, child.pid());
        }
        return tid;
    }

    private static void checkFlags(Task parent, CloneArguments a) throws ErrnoException {
        boolean invalid = a.has(CLONE_NEWNS) && a.has(CLONE_FS)
                || a.has(CLONE_NEWUSER) && a.has(CLONE_FS)
                || a.has(CLONE_THREAD) && !a.has(CLONE_SIGHAND)
                || a.has(CLONE_SIGHAND) && !a.has(CLONE_VM)
                || a.has(CLONE_SIGHAND) && a.has(CLONE_CLEAR_SIGHAND)
                || a.has(CLONE_PARENT) && parent.threadGroup().isNamespaceInit()
                || a.has(CLONE_THREAD)
                        && (a.has(CLONE_NEWUSER)
                                || a.has(CLONE_NEWPID)
                                || parent.pids() != parent.namespaces().pidsForChildren())
                || a.has(UNSUPPORTED);
        if (invalid) {
            throw Errno.EINVAL.exception();
        }
        // A fork that races with a signal to the group would leave a child that the signal missed.
        if (!a.has(CLONE_THREAD) && parent.hasPendingSignal()) {
            throw Errno.ERESTARTNOINTR.exception();
        }
        checkProcessLimit(parent);
    }

    private static void checkProcessLimit(Task parent) throws ErrnoException {
        Kernel kernel = parent.kernel();
        if (kernel.taskCount() >= kernel.tasksMax()) {
            throw Errno.EAGAIN.exception();
        }
        long limit = parent.limit(Resource.RLIMIT_NPROC);
        int uid = parent.credentials().uid();
        if (limit >= 0
                && uid != 0
                && kernel.taskCountOf(uid) >= limit
                && !parent.credentials().has(Capabilities.CAP_SYS_RESOURCE)
                && !parent.credentials().has(Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EAGAIN.exception();
        }
    }

    private static Task create(Task parent, CloneArguments a, boolean traced)
            throws ErrnoException {
        Kernel kernel = parent.kernel();
        Credentials credentials = parent.credentials();
        Namespaces namespaces = parent.namespaces();
        if (a.has(NAMESPACES)) {
            if (a.has(CLONE_NEWUSER)) {
                credentials = NamespaceRules.inNewUserNamespace(parent);
            }
            namespaces = NamespaceRules.create(parent, credentials.userNamespace(), a.flags);
        }
        Pid pid = allocate(namespaces.pidsForChildren(), credentials, a.ids);
        FsContext fs = null;
        FdTable files = parent.files();
        int pidfd = -1;
        GuestContext.Seed seed;
        MemoryManager memory;
        try {
            if (a.has(CLONE_FILES)) {
                files.retain();
            } else {
                files = files.copy();
            }
        } catch (ErrnoException e) {
            PidNamespace.releaseIfUnused(pid);
            throw e;
        }
        try {
            fs = fsFor(parent, credentials, a);
            if (a.has(CLONE_PIDFD)) {
                pidfd = installPidFile(parent, pid, a);
            }
            if (a.has(CLONE_VM)) {
                seed = parent.context().cloneContext(GuestContext.CloneMode.SHARE_ADDRESS_SPACE);
                memory = parent.memory();
                memory.retain();
            } else {
                MemoryManager.Fork fork = parent.memory().fork(parent.context());
                seed = fork.seed();
                memory = fork.child();
            }
        } catch (ErrnoException | RuntimeException e) {
            if (pidfd >= 0) {
                parent.files().remove(pidfd).release();
            }
            files.release(parent);
            if (fs != null) {
                fs.release();
            }
            PidNamespace.releaseIfUnused(pid);
            throw e;
        }
        boolean thread = a.has(CLONE_THREAD);
        ThreadGroup group = thread ? parent.threadGroup() : newGroup(parent, pid, a);
        TaskSpec spec = new TaskSpec(
                parent.signals().forClone(group.signals(), a.has(CLONE_VM) && !a.has(CLONE_VFORK)),
                namespaces);
        spec.memory = memory;
        spec.files = files;
        spec.fs = fs;
        spec.credentials = credentials;
        spec.name = parent.name();
        spec.personality = parent.personality();
        spec.scheduling = parent.scheduling().copyForClone();
        Task child = new Task(kernel, pid, group, spec);
        if (!a.has(CLONE_VM)) {
            memory.setLimits(group);
        }
        if (a.has(CLONE_CHILD_CLEARTID)) {
            child.setClearChildTid(a.childTid);
        }
        child.setLoop(new TaskLoop(child, seed, a));
        link(parent, child, a, traced);
        if (!thread) {
            group.updateCpuLimit();
        }
        return child;
    }

    private static Pid allocate(PidNamespace pids, Credentials who, int[] ids)
            throws ErrnoException {
        if (ids.length > pids.level() + 1) {
            throw Errno.EINVAL.exception();
        }
        PidNamespace n = pids;
        for (int id : ids) {
            if (id < 1 || id >= PidNamespace.PID_MAX) {
                throw Errno.EINVAL.exception();
            }
            if (id != 1 && n.init() == null) {
                throw Errno.EINVAL.exception();
            }
            if (!who.hasIn(n.owner(), Capabilities.CAP_CHECKPOINT_RESTORE)
                    && !who.hasIn(n.owner(), Capabilities.CAP_SYS_ADMIN)) {
                throw Errno.EPERM.exception();
            }
            PidNamespace above = n.parent();
            n = above == null ? n : above;
        }
        return pids.allocate(ids);
    }

    private static FsContext fsFor(Task parent, Credentials credentials, CloneArguments a)
            throws ErrnoException {
        if (a.has(CLONE_FS)) {
            FsContext fs = parent.fs();
            fs.retain();
            return fs;
        }
        FsContext fs = parent.fs().copy();
        if (a.has(CLONE_NEWNS)) {
            try {
                fs.moveTo(fs.mounts().copy(credentials.userNamespace()));
            } catch (ErrnoException e) {
                fs.release();
                throw e;
            }
        }
        return fs;
    }

    private static int installPidFile(Task parent, Pid pid, CloneArguments a)
            throws ErrnoException {
        int flags = a.has(CLONE_THREAD) ? PidFile.PIDFD_THREAD : 0;
        int fd = PidFile.install(parent, pid, flags);
        try {
            parent.memory().putInt(a.pidfd, fd);
        } catch (ErrnoException e) {
            parent.files().remove(fd).release();
            throw e;
        }
        return fd;
    }

    private static ThreadGroup newGroup(Task parent, Pid pid, CloneArguments a) {
        ThreadGroup from = parent.threadGroup();
        SignalHandlers handlers = from.signals().handlers();
        if (!a.has(CLONE_SIGHAND)) {
            handlers = handlers.copy();
            if (a.has(CLONE_CLEAR_SIGHAND)) {
                handlers.clearHandlers();
            }
        }
        ThreadGroup group = new ThreadGroup(
                parent.kernel(), pid, new GroupSignals(handlers), from.limits().copy());
        group.dumpable = from.dumpable;
        group.setExecutable(from.executableFile());
        group.setOomScoreAdjust(from.oomScoreAdjust());
        group.setCoredumpFilter(from.coredumpFilter());
        group.exitSignal = a.has(CLONE_PARENT) ? from.exitSignal : a.exitSignal;
        return group;
    }

    /** Makes the child visible. */
    private static void link(Task parent, Task child, CloneArguments a, boolean traced) {
        Kernel kernel = parent.kernel();
        ThreadGroup group = child.threadGroup();
        RankedLock tree = kernel.taskTree();
        tree.lock();
        try {
            Pid pid = child.pid();
            pid.task = child;
            group.addTaskLocked(child);
            if (!a.has(CLONE_THREAD)) {
                group.setLeader(child);
                Task real = a.has(CLONE_PARENT) ? parent.threadGroup().parentTask() : parent;
                group.setParentTask(real);
                if (real != null) {
                    real.threadGroup().children.add(group);
                }
                TaskIds.inheritLocked(group, parent.threadGroup());
                pid.threadGroup = group;
                if (pid.number() == 1) {
                    pid.namespace().init = group;
                }
            }
            Seccomp.inheritLocked(parent, child);
            if (traced) {
                TraceLinks.inheritLocked(parent, child);
            }
        } finally {
            tree.unlock();
        }
        if (a.has(CLONE_THREAD)) {
            group.signals().onTaskAdded(child);
        }
        // The group may have been doomed before the child was in its list.
        if (group.isExiting() || group == parent.threadGroup() && parent.isExiting()) {
            child.addWork(Task.WORK_EXIT);
        }
        if (kernel.isEnding()) {
            group.beginGroupExit(SIGKILL);
        }
    }

    /**
     * Starts the thread of a linked task; if the host has none left, the task ends as by SIGKILL.
     */
    private static void start(Task child) throws ErrnoException {
        TaskLoop loop = child.takeLoop();
        if (!loop.start()) {
            loop.abandon();
            throw Errno.EAGAIN.exception();
        }
    }
}
