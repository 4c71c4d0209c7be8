// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static dev.jvisor.platform.abi.Signals.SIGCHLD;
import static dev.jvisor.platform.abi.Signals.SIGSEGV;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Permissions;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.identity.ExecCredentials;
import dev.jvisor.kernel.identity.FileCapabilities;
import dev.jvisor.kernel.loader.Program;
import dev.jvisor.kernel.loader.ProgramLoader;
import dev.jvisor.kernel.ptrace.Trace;
import dev.jvisor.kernel.ptrace.TraceLinks;
import dev.jvisor.kernel.ptrace.TraceStops;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MountFlags;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/** Replacing a process's program (Linux: fs/exec.c). */
public final class TaskExec {

    private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

    private TaskExec() {}

    /**
     * Executes a program; on the task's thread, in a system call. On return the registers are those
     * of the new program's start.
     *
     * @param file from {@code Vfs.openForExec}; the caller releases it
     * @param name path as execve(2) got it
     * @param pathLost whether that is a descriptor that execve closes
     * @throws ErrnoException what the loader found wrong, EAGAIN, ENOMEM: the old program goes on;
     *     ERESTARTNOINTR if the task has to end instead
     */
    public static void execute(
            Task task,
            FileDescription file,
            String name,
            boolean pathLost,
            byte[][] arguments,
            byte[][] environment)
            throws ErrnoException {
        Program program = ProgramLoader.prepare(task, file, name, pathLost, arguments, environment);
        Pid oldPid = task.pid();
        long call = task.registers().origRax;
        try {
            FileCapabilities given = capabilities(task, program.executable());
            killOtherThreads(task);
            AddressSpace space;
            try {
                TaskExit.leaveMemory(task);
                space = task.context().resetAddressSpace();
            } catch (ErrnoException e) {
                throw doom(task);
            }
            replaceMemory(task, space);
            install(task, program, given);
        } finally {
            program.release();
        }
        task.registers().origRax = call; // for a tracer: it is still in the call
        if (task.trace() != null) {
            TraceStops.executed(task, oldPid);
        }
    }

    /** Installs the program of a process that the kernel starts; its memory is empty. */
    static void executeFirst(Task task, ProcessSpec spec) throws ErrnoException {
        String name = findProgram(task, spec);
        FileDescription file = Vfs.openForExec(task, null, name, 0);
        task.threadGroup().hasExecuted = true;
        try {
            Program program = ProgramLoader.prepare(
                    task, file, name, false, spec.arguments, spec.environment);
            try {
                install(task, program, null);
            } finally {
                program.release();
            }
        } finally {
            file.release();
        }
    }

    /**
     * Searches PATH as execvp(3) does: the first that can be executed; EACCES if only others exist.
     */
    private static String findProgram(Task task, ProcessSpec spec) throws ErrnoException {
        String path = spec.path;
        String wanted =
                path != null ? path : new String(spec.arguments[0], StandardCharsets.ISO_8859_1);
        if (wanted.isEmpty()) {
            throw Errno.ENOENT.exception();
        }
        if (wanted.indexOf('/') >= 0) {
            return wanted;
        }
        String search = DEFAULT_PATH;
        for (byte[] variable : spec.environment) {
            String text = new String(variable, StandardCharsets.ISO_8859_1);
            if (text.startsWith("PATH=")) {
                search = text.substring("PATH=".length());
            }
        }
        Errno failure = Errno.ENOENT;
        int start = 0;
        while (start <= search.length()) {
            int end = search.indexOf(':', start);
            if (end < 0) {
                end = search.length();
            }
            String directory = end == start ? "." : search.substring(start, end);
            String candidate = directory + "/" + wanted;
            try {
                Vfs.openForExec(task, null, candidate, 0).release();
                return candidate;
            } catch (ErrnoException e) {
                if (e.errno == Errno.EACCES) {
                    failure = Errno.EACCES;
                }
            }
            start = end + 1;
        }
        throw failure.exception();
    }

    /** There is no way back to the old program (Linux: bprm_execve). */
    private static ErrnoException doom(Task task) {
        task.threadGroup().beginGroupExit(SIGSEGV);
        return Errno.ERESTARTNOINTR.exception();
    }

    private static void replaceMemory(Task task, AddressSpace space) {
        Kernel kernel = task.kernel();
        MemoryManager old = task.memory();
        MemoryManager memory = MemoryManager.create(
                space,
                kernel.pages(),
                kernel.platform().minAddress(),
                kernel.platform().maxAddress());
        memory.setLimits(task.threadGroup());
        task.setMemory(memory);
        old.release();
        task.threadGroup().hasExecuted = true; // a vfork parent may rely on it when it goes on
        TaskExit.completeVfork(task);
    }

    /** Whether a program gives its caller nothing, whatever its file says. */
    private static boolean ignoresSetId(Task task, FileDescription executable) {
        VfsPath place = executable.path();
        Trace trace = task.trace();
        Inode file = executable.inode();
        return place != null && (place.mount().flags() & MountFlags.MS_NOSUID) != 0
                || trace != null && !trace.isCapable()
                || !task.credentials().userNamespace().maps(file.uid(), file.gid());
    }

    /** What a program's file gives; EPERM if it relies on more than it would get. */
    private static @Nullable FileCapabilities capabilities(Task task, FileDescription executable)
            throws ErrnoException {
        if (ignoresSetId(task, executable)) {
            return null;
        }
        Credentials who = task.credentials();
        FileCapabilities given = FileCapabilities.of(task, executable.inode(), who);
        if (given != null && given.refusesToRun(who)) {
            throw Errno.EPERM.exception();
        }
        return given;
    }

    /** Behind the point of no return: a failure ends the process. */
    private static void install(Task task, Program program, @Nullable FileCapabilities given)
            throws ErrnoException {
        ThreadGroup group = task.threadGroup();
        FileDescription executable = program.executable();
        Credentials old = task.credentials();
        ExecCredentials change = ExecCredentials.compute(
                old,
                executable.inode().mode(),
                executable.inode().uid(),
                executable.inode().gid(),
                ignoresSetId(task, executable),
                given);
        Credentials credentials = change.credentials();

        FdTable files = task.files().unshare();
        if (files != task.files()) {
            FdTable shared = task.files();
            task.setFiles(files);
            shared.release(task);
        }
        files.closeOnExec(task);
        group.signals().onExec(task);
        group.timers().onExec();
        group.exitSignal = SIGCHLD;
        group.setBarriers(0);
        // What the caller may not read, a debugger shall not show it.
        boolean dumpable = credentials.euid() == credentials.uid()
                && credentials.egid() == credentials.gid()
                && Permissions.allows(old, executable.inode(), Permissions.MAY_READ);
        group.dumpable = dumpable ? 1 : 0;
        if (change.secure()) {
            task.setParentDeathSignal(0);
        }
        task.setCredentials(credentials);
        task.setName(program.commName());
        task.setRestartBlock(null);
        program.setPersonality(task.personality());
        Registers registers = task.registers();
        try {
            program.install(task, task.memory(), registers, credentials, change.secure());
        } catch (ErrnoException e) {
            throw doom(task);
        }
        registers.rax = 0;
        registers.origRax = -1;
        group.setExecutable(executable);
    }

    /** Ends the other threads and makes the caller the leader (Linux: de_thread). */
    private static void killOtherThreads(Task task) throws ErrnoException {
        ThreadGroup group = task.threadGroup();
        if (!group.execTask.compareAndSet(null, task)) {
            throw Errno.EAGAIN.exception(); // another thread's execve is about to end this one
        }
        try {
            for (; ; ) {
                Task[] tasks = group.tasks();
                if (tasks.length == 1) {
                    break;
                }
                for (Task other : tasks) {
                    if (other != task && !other.isExiting()) {
                        other.addWork(Task.WORK_EXIT);
                        other.interrupt();
                    }
                }
                if (!task.sleepKillable()) {
                    throw Errno.ERESTARTNOINTR.exception();
                }
            }
            if (group.leader() != task) {
                becomeLeader(task);
            }
        } finally {
            group.execTask.set(null);
        }
    }

    private static void becomeLeader(Task task) {
        ThreadGroup group = task.threadGroup();
        RankedLock tree = task.kernel().taskTree();
        tree.lock();
        try {
            Pid own = task.pid();
            Pid leading = group.pid();
            Task old = group.leader();
            own.task = null;
            leading.task = task;
            old.setPid(own);
            task.setPid(leading);
            Trace trace = old.trace();
            if (trace != null) {
                TraceLinks.unlinkLocked(old, trace);
                trace.tracer().threadGroup().childEvents().notify(-1);
            }
            group.setLeader(task);
            PidNamespace.releaseIfUnused(own);
        } finally {
            tree.unlock();
        }
    }
}
