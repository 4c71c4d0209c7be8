// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.KernfsFilesystem;
import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Dentry;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Mount;
import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MountFlags;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** The files that namespaces are (Linux: fs/nsfs.c). There is one namespace of each kind but mounts. */
final class Nsfs extends KernfsFilesystem {

    private static final int BLOCK_BYTES = 4096;
    private static final long FIRST_MOUNTS_NUMBER = 4026531841L;
    private static final long FIRST_FREE_NUMBER = 4026532200L;

    private static final Nsfs INSTANCE = new Nsfs();

    private final TextFile root = new NamespaceFile(this, ROOT_NUMBER);
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
        NamespaceFile inode = new NamespaceFile(INSTANCE, number);
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
                lastMountsNumber =
                        lastMountsNumber == 0
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

    /** A namespace: nothing to read. */
    private static final class NamespaceFile extends TextFile {
        NamespaceFile(Nsfs filesystem, long number) {
            super(filesystem, number, READ_ONLY);
        }

        @Override
        protected void generate(CallContext context, @Nullable Object subject, TextBuffer out)
                throws ErrnoException {
            throw Errno.EINVAL.exception();
        }
    }
}
