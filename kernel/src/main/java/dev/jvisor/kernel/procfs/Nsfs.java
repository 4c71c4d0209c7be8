// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.kernfs.KernfsFilesystem;
import dev.jvisor.fs.kernfs.KernfsInode;
import dev.jvisor.fs.kernfs.TextFile;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Dentry;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Mount;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.MountFlags;

/** The files that namespaces are (Linux: fs/nsfs.c). */
final class Nsfs extends KernfsFilesystem {

    private static final int BLOCK_BYTES = 4096;

    private static final Nsfs INSTANCE = new Nsfs();

    private final NamespaceInode root =
            new NamespaceInode(this, ROOT_NUMBER, UserNamespace.INITIAL);
    private final Mount mount = Mount.internal(this);

    private Nsfs() {
        super(MountFlags.NSFS_MAGIC, BLOCK_BYTES, 0);
    }

    /** Place of a namespace. */
    static VfsPath place(Namespace namespace) {
        NamespaceInode inode = new NamespaceInode(INSTANCE, namespace.number(), namespace);
        String name = namespace.kind() + ":[" + namespace.number() + "]";
        return new VfsPath(INSTANCE.mount, new Dentry(null, name, inode));
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
    private static final class NamespaceInode extends KernfsInode {
        private final Namespace namespace;

        NamespaceInode(Nsfs filesystem, long number, Namespace namespace) {
            super(filesystem, number, TextFile.READ_ONLY);
            this.namespace = namespace;
        }

        @Override
        protected void mounted() {
            namespace.hold();
        }

        @Override
        protected void unmounted() {
            namespace.letGo();
        }

        @Override
        public FileDescription open(CallContext context, VfsPath path, int flags) {
            return new NamespaceFile(this, namespace, path, flags);
        }
    }
}
