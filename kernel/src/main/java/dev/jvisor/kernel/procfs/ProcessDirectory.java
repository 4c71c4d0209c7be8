// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.DirectoryLister;
import dev.jvisor.fs.kernfs.KernfsDirectory;
import dev.jvisor.fs.kernfs.KernfsInode;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.kernel.task.Pid;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/** {@code /proc/PID}, or {@code /proc/PID/task/TID}. */
final class ProcessDirectory extends KernfsDirectory implements KernfsInode.Owner {

    private static final int FIRST_POSITION = 2;

    private final ProcFilesystem filesystem;
    private final Pid pid;
    private final @Nullable Pid process;
    private final long stampNanos;

    /** Entries that somebody looked up, by index; guarded by this. */
    private final @Nullable KernfsInode[] entries = new @Nullable KernfsInode[ProcessEntry.count()];

    /**
     * Makes one.
     *
     * @param process for an entry of a task directory, the process it is of
     */
    ProcessDirectory(ProcFilesystem filesystem, Pid pid, @Nullable Pid process, long parentNumber) {
        super(
                filesystem,
                process == null
                        ? ProcNumbers.ofProcess(pid.numberIn(filesystem.pids()))
                        : ProcNumbers.ofThread(pid.numberIn(filesystem.pids())),
                MODE,
                parentNumber);
        this.filesystem = filesystem;
        this.pid = pid;
        this.process = process;
        this.stampNanos = filesystem.kernel().clocks().realtimeNanos();
    }

    Pid pid() {
        return pid;
    }

    ProcFilesystem procfs() {
        return filesystem;
    }

    /** Whether it is about a single thread. */
    boolean isThread() {
        return process != null;
    }

    /**
     * The thread that a number names, or null. One whose process is not completely linked yet, or
     * was reaped, does not count: its leader, group and session may be missing.
     */
    static @Nullable Task visibleTask(Pid pid) {
        Task task = pid.task();
        if (task == null) {
            return null;
        }
        ThreadGroup group = task.threadGroup();
        return group.pid().threadGroup() == group ? task : null;
    }

    /** The thread it is about (for a process its leader), or null if it was reaped. */
    @Nullable
    Task taskOrNull() {
        Task task = visibleTask(pid);
        if (task != null && process != null && task.threadGroup().pid() != process) {
            return null;
        }
        return task;
    }

    /** The thread it is about; ESRCH if it was reaped. */
    Task task() throws ErrnoException {
        Task task = taskOrNull();
        if (task == null) {
            throw Errno.ESRCH.exception();
        }
        return task;
    }

    /** Inode number of something below. */
    long numberOf(int entry, int number) {
        return ProcNumbers.of(number(), entry, number);
    }

    /** Owner of the directory and of all below that do not look at dumpability. */
    @Override
    public int uid() {
        Task task = taskOrNull();
        return task == null ? 0 : task.credentials().euid();
    }

    @Override
    public int gid() {
        Task task = taskOrNull();
        return task == null ? 0 : task.credentials().egid();
    }

    /** Owner of entries: root if the process is not dumpable (Linux: task_dump_owner). */
    @Override
    public int ownerUid(int mode) {
        return isOpenDirectory(mode) || isDumpable() ? uid() : 0;
    }

    @Override
    public int ownerGid(int mode) {
        return isOpenDirectory(mode) || isDumpable() ? gid() : 0;
    }

    @Override
    public long ownerStampNanos() {
        return stampNanos;
    }

    private static boolean isOpenDirectory(int mode) {
        return mode == (StatMode.S_IFDIR | 0555);
    }

    private boolean isDumpable() {
        Task task = taskOrNull();
        return task != null && task.threadGroup().dumpable() == 1;
    }

    @Override
    protected long stampNanos() {
        return stampNanos;
    }

    @Override
    public boolean revalidates() {
        return true;
    }

    @Override
    public Inode lookup(CallContext context, String name) throws ErrnoException {
        checkOpen(context);
        ProcessEntry entry = ProcessEntry.find(name, isThread());
        if (taskOrNull() == null) {
            throw Errno.ESRCH.exception();
        }
        if (entry == null) {
            throw Errno.ENOENT.exception();
        }
        synchronized (this) {
            KernfsInode inode = entries[entry.index()];
            if (inode == null) {
                entries[entry.index()] = inode = make(entry);
            }
            return inode;
        }
    }

    /** hidepid: EPERM for the process of another. */
    @Override
    protected void checkOpen(CallContext context) throws ErrnoException {
        Task task = taskOrNull();
        if (task != null
                && !filesystem
                        .mountOptions()
                        .allows(context, task, ProcOptions.HIDEPID_NO_ACCESS)) {
            throw Errno.EPERM.exception();
        }
    }

    private KernfsInode make(ProcessEntry entry) {
        return switch (entry.name()) {
            case "task" -> new TaskDirectory(this, entry);
            case "fd" -> new DescriptorDirectory(this, entry);
            case "fdinfo" -> new DescriptorInfoDirectory(this, entry);
            case "ns" -> new NamespaceDirectory(this, entry);
            case "attr" -> new AttributeDirectory(this, entry);
            case "net" -> new NetDirectory(this, entry);
            case "mem" -> new ProcessMemoryFile(this, entry);
            case "cwd", "root", "exe" -> new ProcessLink(this, entry);
            default -> new ProcessFile(this, entry);
        };
    }

    @Override
    protected void list(CallContext context, long from, DirectoryLister lister) {
        if (taskOrNull() == null) {
            return;
        }
        for (long i = from - FIRST_POSITION + 1; i < ProcessEntry.count(); i++) {
            ProcessEntry entry = ProcessEntry.at((int) i, isThread());
            if (entry == null) {
                continue;
            }
            int type = (entry.mode() & StatMode.S_IFMT) >> 12;
            long next = i + FIRST_POSITION;
            if (!lister.add(entry.name(), numberOf(entry.index(), 0), type, next)) {
                return;
            }
        }
    }

    @Override
    protected int links(CallContext context) {
        return isThread() ? 6 : 7;
    }
}
