// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.KernfsFilesystem;
import dev.jvisor.fs.kernfs.KernfsInode;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Dentry;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Mount;
import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.abi.Sched;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.WeakHashMap;

/**
 * The files that namespaces are (Linux: fs/nsfs.c). There is one namespace of each kind but mounts.
 */
final class Nsfs extends KernfsFilesystem {

    private static final int BLOCK_BYTES = 4096;
    private static final long FIRST_MOUNTS_NUMBER = 4026531841L;
    private static final long FIRST_FREE_NUMBER = 4026532200L;

    private static final Nsfs INSTANCE = new Nsfs();

    private final NamespaceFile root = new NamespaceFile(this, ROOT_NUMBER, "mnt");
    private final Mount mount = Mount.internal(this);

    /** Numbers of mount namespaces; guarded by itself. */
    private final Map<MountNamespace, Long> mountNamespaces = new WeakHashMap<>();

    private long lastMountsNumber; // guarded by mountNamespaces

    private Nsfs() {
        super(MountFlags.NSFS_MAGIC, BLOCK_BYTES, 0);
    }

    /** Place of the namespace of a kind ({@code mnt}, {@code uts}, …). */
    static VfsPath place(String kind, @Nullable MountNamespace mounts) {
        int suffix = kind.indexOf('_');
        String type = suffix < 0 ? kind : kind.substring(0, suffix);
        long number = INSTANCE.numberOf(type, mounts);
        NamespaceFile inode = new NamespaceFile(INSTANCE, number, type);
        return new VfsPath(INSTANCE.mount, new Dentry(null, type + ":[" + number + "]", inode));
    }

    /** Linux: PROC_IPC_INIT_INO and the others; the last two are given out at start there. */
    private long numberOf(String type, @Nullable MountNamespace mounts) {
        return switch (type) {
            case "time" -> 4026531834L;
            case "cgroup" -> 4026531835L;
            case "pid" -> 4026531836L;
            case "user" -> 4026531837L;
            case "uts" -> 4026531838L;
            case "ipc" -> 4026531839L;
            case "net" -> 4026531840L;
            default -> numberOf(mounts);
        };
    }

    private long numberOf(@Nullable MountNamespace mounts) {
        if (mounts == null) {
            return FIRST_MOUNTS_NUMBER;
        }
        synchronized (mountNamespaces) {
            Long known = mountNamespaces.get(mounts);
            if (known == null) {
                lastMountsNumber = lastMountsNumber == 0
                        ? FIRST_MOUNTS_NUMBER
                        : Math.max(lastMountsNumber + 1, FIRST_FREE_NUMBER);
                known = lastMountsNumber;
                mountNamespaces.put(mounts, known);
            }
            return known;
        }
    }

    @Override
    public String type() {
        return "nsfs";
    }

    @Override
    public Inode root() {
        return root;
    }

    /** A namespace. */
    private static final class NamespaceFile extends KernfsInode {
        private final String type;

        NamespaceFile(Nsfs filesystem, long number, String type) {
            super(filesystem, number, TextFile.READ_ONLY);
            this.type = type;
        }

        @Override
        public FileDescription open(CallContext context, VfsPath path, int flags) {
            return new OpenNamespace(this, path, flags);
        }
    }

    /** An open namespace: nothing to read, but it can be asked for its kind and relations. */
    private static final class OpenNamespace extends FileDescription {
        // linux/nsfs.h
        private static final int NS_GET_USERNS = 0xb701;
        private static final int NS_GET_PARENT = 0xb702;
        private static final int NS_GET_NSTYPE = 0xb703;
        private static final int NS_GET_OWNER_UID = 0xb704;

        private final NamespaceFile file;

        OpenNamespace(NamespaceFile file, VfsPath path, int flags) {
            super(path, flags);
            this.file = file;
        }

        @Override
        public Inode inode() {
            return file;
        }

        /**
         * ioctl_ns(2): all namespaces are owned by the initial user namespace, which has no parent.
         */
        @Override
        public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
            switch (command) {
                case NS_GET_USERNS -> {
                    if (file.type.equals("user") || !(context instanceof Task task)) {
                        throw Errno.EPERM.exception();
                    }
                    VfsPath owner = place("user", null);
                    FileDescription opened =
                            owner.dentry().inode().open(context, owner, Fcntl.O_RDONLY);
                    return install(task, opened);
                }
                case NS_GET_PARENT -> {
                    boolean nests = file.type.equals("user") || file.type.equals("pid");
                    throw (nests ? Errno.EPERM : Errno.EINVAL).exception();
                }
                case NS_GET_NSTYPE -> {
                    return typeFlag(file.type) & 0xffffffffL;
                }
                case NS_GET_OWNER_UID -> {
                    if (!file.type.equals("user")) {
                        throw Errno.EINVAL.exception();
                    }
                    context.memory().putInt(argument, 0);
                    return 0;
                }
                default -> throw Errno.ENOTTY.exception();
            }
        }

        private static int install(Task task, FileDescription opened) throws ErrnoException {
            boolean done = false;
            try {
                long limit = task.limit(Resource.RLIMIT_NOFILE);
                int fd = task.files().install(opened, 0, true, limit);
                done = true;
                return fd;
            } finally {
                if (!done) {
                    opened.release();
                }
            }
        }

        private static int typeFlag(String type) {
            return switch (type) {
                case "time" -> Sched.CLONE_NEWTIME;
                case "cgroup" -> Sched.CLONE_NEWCGROUP;
                case "pid" -> Sched.CLONE_NEWPID;
                case "user" -> Sched.CLONE_NEWUSER;
                case "uts" -> Sched.CLONE_NEWUTS;
                case "ipc" -> Sched.CLONE_NEWIPC;
                case "net" -> Sched.CLONE_NEWNET;
                default -> Sched.CLONE_NEWNS;
            };
        }
    }
}
