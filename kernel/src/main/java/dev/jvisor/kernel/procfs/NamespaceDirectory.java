// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.kernfs.DirectoryLister;
import dev.jvisor.fs.kernfs.KernfsInode;
import dev.jvisor.fs.kernfs.KernfsSymlink;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Namespaces;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/** {@code /proc/PID/ns}: links to the namespaces of a process. */
final class NamespaceDirectory extends ProcessSubdirectory {

    private static final String[] NAMES = {
        "net",
        "uts",
        "ipc",
        "pid",
        "pid_for_children",
        "user",
        "mnt",
        "cgroup",
        "time",
        "time_for_children",
    };

    /** Links that somebody looked up; guarded by this. */
    private final @Nullable KernfsInode[] links = new @Nullable KernfsInode[NAMES.length];

    NamespaceDirectory(ProcessDirectory process, ProcessEntry entry) {
        super(process, entry);
    }

    @Override
    public Inode lookup(CallContext context, String name) throws ErrnoException {
        for (int i = 0; i < NAMES.length; i++) {
            if (NAMES[i].equals(name) && process.taskOrNull() != null) {
                synchronized (this) {
                    KernfsInode link = links[i];
                    if (link == null) {
                        links[i] = link = new Link(process, numberOf(i), i);
                    }
                    return link;
                }
            }
        }
        throw Errno.ENOENT.exception();
    }

    @Override
    protected void list(CallContext context, long from, DirectoryLister lister) {
        if (process.taskOrNull() == null) {
            return;
        }
        for (long i = from - FIRST_POSITION; i < NAMES.length; i++) {
            long number = numberOf((int) i);
            if (!lister.add(NAMES[(int) i], number, Dirent.DT_LNK, i + FIRST_POSITION + 1)) {
                return;
            }
        }
    }

    /** One of the links. */
    private static final class Link extends KernfsSymlink {
        private final ProcessDirectory process;
        private final int index;

        Link(ProcessDirectory process, long number, int index) {
            super(process.procfs(), number, MODE, "");
            this.process = process;
            this.index = index;
        }

        @Override
        protected Owner owner() {
            return process;
        }

        @Override
        public VfsPath magicLink(CallContext context) throws ErrnoException {
            Task task = process.taskOrNull();
            if (task == null) {
                throw Errno.ENOENT.exception();
            }
            ProcessAccess.check(context, task);
            return Nsfs.place(namespace(task, NAMES[index]));
        }

        /** ENOENT for what a task that ends has left already, and for a PID namespace to come. */
        private static Namespace namespace(Task task, String name) throws ErrnoException {
            Namespaces theirs = task.namespaces();
            FsContext fs = task.fsOrNull();
            if (fs == null && !name.equals("user") && !name.equals("pid")) {
                throw Errno.ENOENT.exception();
            }
            return switch (name) {
                case "uts" -> theirs.uts();
                case "pid" -> task.pids();
                case "pid_for_children" -> {
                    PidNamespace pids = theirs.pidsForChildren();
                    if (pids.init() == null) {
                        throw Errno.ENOENT.exception();
                    }
                    yield pids;
                }
                case "user" -> task.credentials().userNamespace();
                case "mnt" -> Objects.requireNonNull(fs).mounts();
                case "cgroup" -> theirs.cgroup();
                case "ipc" -> theirs.ipc();
                case "net" -> task.net();
                default -> TimeNamespace.INITIAL;
            };
        }
    }
}
