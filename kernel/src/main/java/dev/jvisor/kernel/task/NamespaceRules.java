// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static dev.jvisor.platform.abi.Sched.CLONE_FILES;
import static dev.jvisor.platform.abi.Sched.CLONE_FS;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWIPC;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWNS;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWPID;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWUSER;
import static dev.jvisor.platform.abi.Sched.CLONE_SIGHAND;
import static dev.jvisor.platform.abi.Sched.CLONE_SYSVSEM;
import static dev.jvisor.platform.abi.Sched.CLONE_THREAD;
import static dev.jvisor.platform.abi.Sched.CLONE_VM;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.kernel.UtsNamespace;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.identity.UserNamespaceRules;
import dev.jvisor.kernel.ipc.IpcNamespace;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** Who may make and enter namespaces (Linux: kernel/nsproxy.c, ksys_unshare, setns). */
public final class NamespaceRules {

    private NamespaceRules() {}

    /**
     * Credentials in a new user namespace below the task's. EPERM for a task whose root is not that
     * of its mounts, or that has no name in its own namespace; ENOSPC if it would be too deep.
     */
    static Credentials inNewUserNamespace(Task task) throws ErrnoException {
        FsContext fs = task.fs();
        if (!fs.root().equals(fs.mounts().root())) {
            throw Errno.EPERM.exception();
        }
        Credentials own = task.credentials();
        return UserNamespaceRules.enter(own, UserNamespace.create(own));
    }

    /**
     * New namespaces for a task or its child.
     *
     * @param owner the user namespace that they are of
     * @throws ErrnoException EPERM without CAP_SYS_ADMIN in it, EINVAL, ENOSPC
     */
    static Namespaces create(Task task, UserNamespace owner, long flags) throws ErrnoException {
        if ((flags & Namespaces.ALL) == 0) {
            return task.namespaces();
        }
        if (!task.credentials().hasIn(owner, Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.exception();
        }
        if ((flags & CLONE_NEWIPC) != 0 && (flags & CLONE_SYSVSEM) != 0) {
            throw Errno.EINVAL.exception();
        }
        if ((flags & CLONE_NEWPID) != 0 && task.pids() != task.namespaces().pidsForChildren()) {
            throw Errno.EINVAL.exception();
        }
        return task.namespaces().create(flags, owner, task);
    }

    /**
     * unshare(2); on the task's own thread.
     *
     * @throws ErrnoException EINVAL for flags that are unknown, and for those that need a process
     *     of one thread; EPERM; ENOSPC
     */
    public static void unshare(Task task, long wanted) throws ErrnoException {
        long flags = impliedFlags(wanted);
        long known = CLONE_THREAD
                | CLONE_SIGHAND
                | CLONE_VM
                | CLONE_FS
                | CLONE_FILES
                | CLONE_SYSVSEM
                | CLONE_NEWUSER
                | Namespaces.SERVED;
        boolean alone = task.threadGroup().tasks().length == 1;
        if ((flags & ~known) != 0 || (flags & CLONE_THREAD) != 0 && !alone) {
            throw Errno.EINVAL.exception();
        }
        Credentials credentials = task.credentials();
        if ((flags & CLONE_NEWUSER) != 0) {
            credentials = inNewUserNamespace(task);
        }
        Namespaces namespaces = create(task, credentials.userNamespace(), flags);
        MountNamespace mounts = (flags & CLONE_NEWNS) == 0
                ? null
                : task.fs().mounts().copy(credentials.userNamespace());
        if ((flags & CLONE_FS) != 0) {
            unshareFs(task, mounts);
        }
        if ((flags & CLONE_FILES) != 0) {
            FdTable old = task.files();
            FdTable own = old.unshare();
            if (own != old) {
                task.setFiles(own);
                old.release(task);
            }
        }
        if ((flags & (CLONE_NEWIPC | CLONE_SYSVSEM)) != 0) {
            TaskExit.undoSemaphores(task, task.threadGroup());
        }
        task.setNamespaces(namespaces);
        task.setCredentials(credentials);
    }

    private static long impliedFlags(long wanted) {
        long flags = wanted;
        if ((flags & CLONE_NEWUSER) != 0) {
            flags |= CLONE_THREAD | CLONE_FS;
        }
        if ((flags & CLONE_VM) != 0) {
            flags |= CLONE_SIGHAND;
        }
        if ((flags & CLONE_SIGHAND) != 0) {
            flags |= CLONE_THREAD;
        }
        if ((flags & CLONE_NEWNS) != 0) {
            flags |= CLONE_FS;
        }
        return flags;
    }

    private static void unshareFs(Task task, @Nullable MountNamespace mounts) {
        FsContext old = task.fs();
        FsContext own = old.copy();
        if (mounts != null) {
            own.moveTo(mounts);
        }
        task.setFs(own);
        old.release();
    }

    /** The namespaces that setns(2) enters together. */
    public static final class Entry {
        private final Task task;
        private Credentials credentials;
        private Namespaces namespaces;
        private @Nullable MountNamespace mounts;

        public Entry(Task task) {
            this.task = task;
            this.credentials = task.credentials();
            this.namespaces = task.namespaces();
        }

        /** Adds one; user namespaces first. EPERM, EINVAL. */
        public void add(Namespace target) throws ErrnoException {
            if (target instanceof UserNamespace users) {
                addUsers(users);
                return;
            }
            check(target.owner(), Capabilities.CAP_SYS_ADMIN);
            check(credentials.userNamespace(), Capabilities.CAP_SYS_ADMIN);
            if (target instanceof MountNamespace wanted) {
                check(credentials.userNamespace(), Capabilities.CAP_SYS_CHROOT);
                if (task.fs().isShared()) {
                    throw Errno.EINVAL.exception();
                }
                mounts = wanted;
            } else if (target instanceof UtsNamespace uts) {
                namespaces = namespaces.withUts(uts);
            } else if (target instanceof IpcNamespace ipc) {
                namespaces = namespaces.withIpc(ipc);
            } else if (target instanceof NetNamespace net) {
                namespaces = namespaces.withNet(net);
            } else if (target instanceof PidNamespace pids) {
                if (!pids.isWithin(task.pids())) {
                    throw Errno.EINVAL.exception();
                }
                namespaces = namespaces.withPidsForChildren(pids);
            } else if (target instanceof CgroupNamespace) {
                namespaces = namespaces.withCgroup(target);
            } else {
                throw Errno.EINVAL.exception();
            }
        }

        private void check(UserNamespace users, int capability) throws ErrnoException {
            Credentials own = task.credentials();
            boolean entered = users == credentials.userNamespace() && credentials != own;
            if (!entered && !own.hasIn(users, capability)) {
                throw Errno.EPERM.exception();
            }
        }

        private void addUsers(UserNamespace users) throws ErrnoException {
            if (users == credentials.userNamespace()
                    || task.threadGroup().tasks().length > 1
                    || task.fs().isShared()) {
                throw Errno.EINVAL.exception();
            }
            check(users, Capabilities.CAP_SYS_ADMIN);
            credentials = UserNamespaceRules.enter(credentials, users);
        }

        /** Enters all; on the task's own thread. */
        public void commit() {
            MountNamespace target = mounts;
            if (target != null) {
                task.fs().enter(target);
            }
            if (namespaces.ipc() != task.namespaces().ipc()) {
                TaskExit.undoSemaphores(task, task.threadGroup());
            }
            task.setNamespaces(namespaces);
            task.setCredentials(credentials);
        }
    }
}
