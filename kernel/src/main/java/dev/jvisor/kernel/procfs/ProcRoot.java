// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.DirectoryLister;
import dev.jvisor.fs.kernfs.KernfsDirectory;
import dev.jvisor.fs.kernfs.KernfsFilesystem;
import dev.jvisor.fs.kernfs.KernfsInode;
import dev.jvisor.fs.kernfs.KernfsSymlink;
import dev.jvisor.fs.kernfs.TableDirectory;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.kernel.task.Pid;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/**
 * The root: a fixed set of names, and a directory for each process. Thread ids lead to a directory
 * too, but only processes are listed.
 */
final class ProcRoot extends KernfsDirectory {

    /** Names in the order they are listed, all of the same kinds as Linux has them. */
    private static final String[] NAMES = {
        "fs",
        "bus",
        "irq",
        "net",
        "sys",
        "sysvipc",
        "tty",
        "cmdline",
        "consoles",
        "cpuinfo",
        "devices",
        "diskstats",
        "filesystems",
        "interrupts",
        "loadavg",
        "locks",
        "meminfo",
        "misc",
        "modules",
        "mounts",
        "partitions",
        "self",
        "softirqs",
        "stat",
        "swaps",
        "sysrq-trigger",
        "thread-self",
        "uptime",
        "version",
        "vmstat",
        "zoneinfo",
        "cgroups",
    };

    private static final int FIRST_POSITION = 2;
    private static final int FIRST_PROCESS = FIRST_POSITION + NAMES.length;
    private static final int PRUNE_AT = 256;

    private final ProcFilesystem filesystem;

    /** Fixed entries that somebody looked up; guarded by itself. */
    private final Map<String, KernfsInode> named = new HashMap<>();

    /**
     * Directories of processes and threads that somebody looked up, by number; guarded by itself.
     */
    private final Map<Integer, ProcessDirectory> processes = new HashMap<>();

    private int pruneAt = PRUNE_AT; // guarded by processes

    ProcRoot(ProcFilesystem filesystem) {
        super(filesystem, KernfsFilesystem.ROOT_NUMBER, MODE, KernfsFilesystem.ROOT_NUMBER);
        this.filesystem = filesystem;
    }

    @Override
    public boolean revalidates() {
        return true;
    }

    @Override
    public Inode lookup(CallContext context, String name) throws ErrnoException {
        int number = ProcNumbers.parse(name);
        Inode found = number >= 0 ? process(context, number) : visibleName(name);
        if (found == null) {
            throw Errno.ENOENT.exception(); // no negative entry: nothing can be made here
        }
        return found;
    }

    private @Nullable KernfsInode visibleName(String name) {
        return isVisible(name) ? named(name) : null;
    }

    private boolean isVisible(String name) {
        boolean self = name.equals("self") || name.equals("thread-self");
        return self || !filesystem.mountOptions().onlyProcesses();
    }

    private @Nullable ProcessDirectory process(CallContext context, int number) {
        PidNamespace table = filesystem.pids();
        Pid pid = table.find(number);
        Task task = pid == null ? null : ProcessDirectory.visibleTask(pid);
        if (pid == null || task == null || isHidden(context, task)) {
            return null;
        }
        synchronized (processes) {
            ProcessDirectory directory = processes.get(number);
            if (directory == null || directory.pid() != pid) {
                directory = new ProcessDirectory(filesystem, pid, null, number());
                processes.put(number, directory);
                if (processes.size() >= pruneAt) {
                    processes.values().removeIf(d -> d.pid().task() == null);
                    pruneAt = Math.max(PRUNE_AT, 2 * processes.size());
                }
            }
            return directory;
        }
    }

    private @Nullable KernfsInode named(String name) {
        synchronized (named) {
            KernfsInode inode = named.get(name);
            if (inode == null && indexOf(name) >= 0) {
                inode = make(name, number(name));
                named.put(name, inode);
            }
            return inode;
        }
    }

    private static int indexOf(String name) {
        for (int i = 0; i < NAMES.length; i++) {
            if (NAMES[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private static long number(String name) {
        return ProcNumbers.FIRST_NAMED + indexOf(name);
    }

    private KernfsInode make(String name, long number) {
        return switch (name) {
            case "self" -> new SelfLink(filesystem, number, false);
            case "thread-self" -> new SelfLink(filesystem, number, true);
            case "mounts" -> new KernfsSymlink(filesystem, number, "self/mounts");
            case "net" -> new KernfsSymlink(filesystem, number, "self/net");
            case "sys" ->
                new TableDirectory(filesystem, new SysctlTree(filesystem), "", number, number());
            case "fs", "bus", "irq", "tty", "sysvipc" ->
                new SystemDirectory(filesystem, name, number, number());
            case "sysrq-trigger" -> new SystemFile(filesystem, name, number, SystemFile.WRITE_ONLY);
            default -> new SystemFile(filesystem, name, number, TextFile.READ_ONLY);
        };
    }

    private static int typeOf(String name) {
        return switch (name) {
            case "self", "thread-self", "mounts", "net" -> Dirent.DT_LNK;
            case "sys", "fs", "bus", "irq", "tty", "sysvipc" -> Dirent.DT_DIR;
            default -> Dirent.DT_REG;
        };
    }

    @Override
    protected void list(CallContext context, long from, DirectoryLister lister) {
        for (long i = from; i < FIRST_PROCESS; i++) {
            String name = NAMES[(int) i - FIRST_POSITION];
            if (isVisible(name) && !lister.add(name, number(name), typeOf(name), i + 1)) {
                return;
            }
        }
        PidNamespace table = filesystem.pids();
        for (long id = lister.position() - FIRST_PROCESS; id < PidNamespace.PID_MAX; id++) {
            Pid pid = table.find((int) id);
            Task task = pid == null ? null : ProcessDirectory.visibleTask(pid);
            if (pid != null
                    && pid.threadGroup() != null
                    && task != null
                    && !isHidden(context, task)
                    && !lister.add(
                            Long.toString(id),
                            ProcNumbers.ofProcess((int) id),
                            Dirent.DT_DIR,
                            FIRST_PROCESS + id + 1)) {
                return;
            }
        }
    }

    /** hidepid: whether the caller may not even know of a process. */
    private boolean isHidden(CallContext context, Task task) {
        return !filesystem.mountOptions().allows(context, task, ProcOptions.HIDEPID_INVISIBLE);
    }

    @Override
    protected int links(CallContext context) {
        int[] count = {2 + 6};
        filesystem.pids().forEachThreadGroup(group -> {
            count[0]++;
            return true;
        });
        return count[0];
    }

    /** self and thread-self. */
    private static final class SelfLink extends KernfsSymlink {
        private final boolean thread;

        SelfLink(ProcFilesystem filesystem, long number, boolean thread) {
            super(filesystem, number, "");
            this.thread = thread;
        }

        @Override
        public String readlink(CallContext context) throws ErrnoException {
            PidNamespace pids = ((ProcFilesystem) filesystem()).pids();
            int id = context instanceof Task task
                    ? task.threadGroup().pid().numberIn(pids)
                    : context.processId();
            if (id == 0) {
                throw Errno.ENOENT.exception(); // not visible in this procfs
            }
            if (!thread) {
                return Integer.toString(id);
            }
            int tid = context instanceof Task task ? task.pid().numberIn(pids) : id;
            return id + "/task/" + tid;
        }
    }
}
