// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.kernel.ptrace.TraceAccess;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** Who may look into a process (Linux: ptrace_may_access with PTRACE_MODE_READ_FSCREDS). */
public final class ProcessAccess {

    private ProcessAccess() {}

    /** Whether the caller may look. */
    public static boolean mayRead(CallContext context, Task target) {
        Credentials who = context.credentials();
        return mayAccess(context, target, who.fsuid(), who.fsgid());
    }

    /** Whether the caller may trace it, or take its descriptors (PTRACE_MODE_ATTACH_REALCREDS). */
    public static boolean mayAttach(CallContext context, Task target) {
        Credentials who = context.credentials();
        return mayAccess(context, target, who.uid(), who.gid());
    }

    /** Whether the caller is the process itself. */
    static boolean isSelf(CallContext context, Task target) {
        return context instanceof Task task
                ? task.threadGroup() == target.threadGroup()
                : context.processId() == target.threadGroup().id();
    }

    private static boolean mayAccess(CallContext context, Task target, int uid, int gid) {
        Credentials who = context.credentials();
        return isSelf(context, target)
                || TraceAccess.mayAccess(who, uid, gid, who.effective(), target);
    }

    /** EACCES unless the caller may look. */
    static void check(CallContext context, Task target) throws ErrnoException {
        if (!mayRead(context, target)) {
            throw Errno.EACCES.exception();
        }
    }
}
