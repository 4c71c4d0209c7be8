// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ptrace;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;

/** Who may do what to another process (Linux: ptrace_may_access, without YAMA). */
public final class TraceAccess {

    private TraceAccess() {}

    /**
     * Whether a task may trace another, or read and write its memory: PTRACE_MODE_ATTACH with
     * PTRACE_MODE_REALCREDS.
     */
    public static boolean mayAttach(Task caller, Task target) {
        if (caller.threadGroup() == target.threadGroup()) {
            return true;
        }
        Credentials who = caller.credentials();
        return mayAccess(who, who.uid(), who.gid(), who.permitted(), target);
    }

    /**
     * The rule itself, for a caller that is not the target.
     *
     * @param uid the caller's id that counts, real or of the file system
     * @param capabilities the set that must contain all that the target is permitted
     */
    public static boolean mayAccess(
            Credentials who, int uid, int gid, long capabilities, Task target) {
        Credentials whom = target.credentials();
        if (who.hasIn(whom.userNamespace(), Capabilities.CAP_SYS_PTRACE)) {
            return true;
        }
        boolean same = uid == whom.euid()
                && uid == whom.suid()
                && uid == whom.uid()
                && gid == whom.egid()
                && gid == whom.sgid()
                && gid == whom.gid();
        return same
                && target.threadGroup().dumpable() == 1
                && whom.userNamespace() == who.userNamespace()
                && (whom.permitted() & ~capabilities) == 0;
    }
}
