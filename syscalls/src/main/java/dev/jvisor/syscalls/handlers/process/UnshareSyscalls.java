// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Sched.CLONE_NEWCGROUP;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWIPC;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWNET;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWNS;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWPID;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWUSER;
import static dev.jvisor.platform.abi.Sched.CLONE_NEWUTS;
import static dev.jvisor.syscalls.annotation.Arg.Format.CLONE_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.kernel.procfs.NamespaceFile;
import dev.jvisor.kernel.procfs.ProcessAccess;
import dev.jvisor.kernel.task.NamespaceRules;
import dev.jvisor.kernel.task.Namespaces;
import dev.jvisor.kernel.task.PidFile;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** unshare(2), setns(2). The rules are in {@link NamespaceRules}. */
@SyscallHandlers
final class UnshareSyscalls {

    private static final String NOTE = "no time namespaces";

    private UnshareSyscalls() {}

    /**
     * EINVAL for flags that are unknown or not served, or that a process with more threads may not
     * use; EPERM without CAP_SYS_ADMIN; ENOSPC for too many levels.
     */
    @Syscall(number = 272, name = "unshare", support = Support.PARTIAL, note = NOTE)
    static long unshare(Task task, @Arg(CLONE_FLAGS) long flags) throws ErrnoException {
        NamespaceRules.unshare(task, flags);
        return 0;
    }

    /**
     * Enters the namespace of a file of {@code /proc/PID/ns}, or those of a pidfd's process that
     * the flags name.
     *
     * <p>Errors: EBADF; EINVAL for another file, another kind, a namespace it is in already (user)
     * or one that is not below its own (pid); ESRCH; EPERM.
     */
    @Syscall(number = 308, name = "setns", support = Support.PARTIAL, note = NOTE)
    static long setns(Task task, @Arg(FD) int fd, @Arg(CLONE_FLAGS) int flags)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            NamespaceRules.Entry entry = new NamespaceRules.Entry(task);
            if (file instanceof NamespaceFile f) {
                if (flags != 0 && flags != f.namespace().cloneFlag()) {
                    throw Errno.EINVAL.exception();
                }
                entry.add(f.namespace());
            } else if (file instanceof PidFile f) {
                addAll(task, f, flags, entry);
            } else {
                throw Errno.EINVAL.exception();
            }
            entry.commit();
            return 0;
        } finally {
            file.release();
        }
    }

    private static void addAll(Task task, PidFile file, int flags, NamespaceRules.Entry entry)
            throws ErrnoException {
        if (flags == 0 || (flags & ~(Namespaces.SERVED | CLONE_NEWUSER)) != 0) {
            throw Errno.EINVAL.exception();
        }
        Task target = file.pid().task();
        FsContext fs = target == null ? null : target.fsOrNull();
        if (target == null || fs == null) {
            throw Errno.ESRCH.exception();
        }
        if (!ProcessAccess.mayRead(task, target)) {
            throw Errno.EPERM.exception();
        }
        Namespaces theirs = target.namespaces();
        add(flags, CLONE_NEWUSER, target.credentials().userNamespace(), entry);
        add(flags, CLONE_NEWNS, fs.mounts(), entry);
        add(flags, CLONE_NEWUTS, theirs.uts(), entry);
        add(flags, CLONE_NEWIPC, theirs.ipc(), entry);
        add(flags, CLONE_NEWPID, target.pids(), entry);
        add(flags, CLONE_NEWCGROUP, theirs.cgroup(), entry);
        add(flags, CLONE_NEWNET, target.net(), entry);
    }

    private static void add(int flags, int flag, Namespace target, NamespaceRules.Entry entry)
            throws ErrnoException {
        if ((flags & flag) != 0) {
            entry.add(target);
        }
    }
}
