// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** Who may look into a process (Linux: ptrace_may_access with PTRACE_MODE_READ_FSCREDS). */
final class ProcessAccess {

    private ProcessAccess() {}

    /** Whether the caller may look. */
    static boolean mayRead(CallContext context, Task target) {
        if (context.processId() == target.threadGroup().id()) {
            return true;
        }
        Credentials who = context.credentials();
        if (who.has(Capabilities.CAP_SYS_PTRACE)) {
            return true;
        }
        Credentials whom = target.credentials();
        int uid = who.fsuid();
        int gid = who.fsgid();
        boolean same = uid == whom.euid()
                && uid == whom.suid()
                && uid == whom.uid()
                && gid == whom.egid()
                && gid == whom.sgid()
                && gid == whom.gid();
        return same
                && target.threadGroup().dumpable() == 1
                && (whom.permitted() & ~who.effective()) == 0;
    }

    /** EACCES unless the caller may look. */
    static void check(CallContext context, Task target) throws ErrnoException {
        if (!mayRead(context, target)) {
            throw Errno.EACCES.exception();
        }
    }
}
