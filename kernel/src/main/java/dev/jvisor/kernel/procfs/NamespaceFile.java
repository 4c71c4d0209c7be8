// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Resource;

import org.jspecify.annotations.Nullable;

/** An open namespace: nothing to read, but to enter, and to ask for its kind and relations. */
public final class NamespaceFile extends FileDescription {

    // linux/nsfs.h
    private static final int NS_GET_USERNS = 0xb701;
    private static final int NS_GET_PARENT = 0xb702;
    private static final int NS_GET_NSTYPE = 0xb703;
    private static final int NS_GET_OWNER_UID = 0xb704;

    private final Inode inode;
    private final Namespace namespace;

    NamespaceFile(Inode inode, Namespace namespace, VfsPath path, int flags) {
        super(path, flags);
        this.inode = inode;
        this.namespace = namespace;
        namespace.hold();
    }

    /** What was opened. */
    public Namespace namespace() {
        return namespace;
    }

    @Override
    public Inode inode() {
        return inode;
    }

    @Override
    protected void onRelease() {
        namespace.letGo();
    }

    /** ioctl_ns(2): EPERM for relations that the caller's own namespaces do not show. */
    @Override
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        switch (command) {
            case NS_GET_USERNS -> {
                Namespace owner =
                        namespace instanceof UserNamespace u ? u.parent() : namespace.owner();
                if (owner == null
                        || !((UserNamespace) owner)
                                .isWithin(context.credentials().userNamespace())) {
                    throw Errno.EPERM.exception();
                }
                return open(context, owner);
            }
            case NS_GET_PARENT -> {
                return open(context, parent(context));
            }
            case NS_GET_NSTYPE -> {
                return namespace.cloneFlag() & 0xffffffffL;
            }
            case NS_GET_OWNER_UID -> {
                if (!(namespace instanceof UserNamespace users)) {
                    throw Errno.EINVAL.exception();
                }
                UserNamespace own = context.credentials().userNamespace();
                context.memory().putInt(argument, own.shownUid(users.ownerUid()));
                return 0;
            }
            default -> throw Errno.ENOTTY.exception();
        }
    }

    private Namespace parent(CallContext context) throws ErrnoException {
        if (namespace instanceof UserNamespace users) {
            UserNamespace parent = users.parent();
            if (parent != null && parent.isWithin(context.credentials().userNamespace())) {
                return parent;
            }
        } else if (namespace instanceof PidNamespace pids) {
            PidNamespace parent = pids.parent();
            if (parent != null && context instanceof Task task && parent.isWithin(task.pids())) {
                return parent;
            }
        } else {
            throw Errno.EINVAL.exception();
        }
        throw Errno.EPERM.exception();
    }

    private static long open(CallContext context, @Nullable Namespace target)
            throws ErrnoException {
        if (target == null || !(context instanceof Task task)) {
            throw Errno.EPERM.exception();
        }
        VfsPath place = Nsfs.place(target);
        FileDescription opened = place.dentry().inode().open(context, place, Fcntl.O_RDONLY);
        boolean done = false;
        try {
            int fd = task.files().install(opened, 0, true, task.limit(Resource.RLIMIT_NOFILE));
            done = true;
            return fd;
        } finally {
            if (!done) {
                opened.release();
            }
        }
    }
}
