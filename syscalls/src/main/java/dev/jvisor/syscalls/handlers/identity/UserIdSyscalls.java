// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.identity;

import static dev.jvisor.syscalls.annotation.Arg.Format.INT_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.UID;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.identity.SetIdRules;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * getuid(2), setuid(2), setreuid(2), setresuid(2), setfsuid(2) and their group twins. The rules are
 * in {@link SetIdRules}.
 *
 * <p>Semantics: as the system calls, so for the calling thread alone; the C library changes all
 * threads.
 *
 * <p>Errors: EINVAL for the id -1 where it has no meaning and for ids without a name in the
 * caller's user namespace; EPERM.
 */
@SyscallHandlers
final class UserIdSyscalls {

    private UserIdSyscalls() {}

    /**
     * Commits new credentials; ids that change hide the process from debuggers (Linux:
     * commit_creds).
     */
    private static long commit(Task task, Credentials changed) {
        Credentials old = task.credentials();
        if (old.euid() != changed.euid()
                || old.egid() != changed.egid()
                || old.fsuid() != changed.fsuid()
                || old.fsgid() != changed.fsgid()) {
            task.threadGroup().setDumpable(0);
            task.setParentDeathSignal(0);
        }
        task.setCredentials(changed);
        return 0;
    }

    private static long shownUid(Task task, int kernelUid) {
        return task.credentials().userNamespace().shownUid(kernelUid) & 0xffff_ffffL;
    }

    private static long shownGid(Task task, int kernelGid) {
        return task.credentials().userNamespace().shownGid(kernelGid) & 0xffff_ffffL;
    }

    /** EINVAL for an id without a name in the caller's user namespace. */
    private static int kernelUid(Task task, int uid) throws ErrnoException {
        return mapped(task.credentials().userNamespace().kernelUid(uid));
    }

    private static int kernelGid(Task task, int gid) throws ErrnoException {
        return mapped(task.credentials().userNamespace().kernelGid(gid));
    }

    private static int kernelUidOrKeep(Task task, int uid) throws ErrnoException {
        return uid == -1 ? uid : kernelUid(task, uid);
    }

    private static int kernelGidOrKeep(Task task, int gid) throws ErrnoException {
        return gid == -1 ? gid : kernelGid(task, gid);
    }

    private static int mapped(int kernelId) throws ErrnoException {
        if (kernelId == -1) {
            throw Errno.EINVAL.exception();
        }
        return kernelId;
    }

    @Syscall(number = 102, name = "getuid")
    static long getuid(Task task) {
        return shownUid(task, task.credentials().uid());
    }

    @Syscall(number = 104, name = "getgid")
    static long getgid(Task task) {
        return shownGid(task, task.credentials().gid());
    }

    @Syscall(number = 107, name = "geteuid")
    static long geteuid(Task task) {
        return shownUid(task, task.credentials().euid());
    }

    @Syscall(number = 108, name = "getegid")
    static long getegid(Task task) {
        return shownGid(task, task.credentials().egid());
    }

    @Syscall(number = 105, name = "setuid")
    static long setuid(Task task, @Arg(UID) int uid) throws ErrnoException {
        return commit(task, SetIdRules.setUid(task.credentials(), kernelUid(task, uid)));
    }

    @Syscall(number = 106, name = "setgid")
    static long setgid(Task task, @Arg(UID) int gid) throws ErrnoException {
        return commit(task, SetIdRules.setGid(task.credentials(), kernelGid(task, gid)));
    }

    @Syscall(number = 113, name = "setreuid")
    static long setreuid(Task task, @Arg(UID) int ruid, @Arg(UID) int euid) throws ErrnoException {
        return commit(
                task,
                SetIdRules.setReUid(
                        task.credentials(),
                        kernelUidOrKeep(task, ruid),
                        kernelUidOrKeep(task, euid)));
    }

    @Syscall(number = 114, name = "setregid")
    static long setregid(Task task, @Arg(UID) int rgid, @Arg(UID) int egid) throws ErrnoException {
        return commit(
                task,
                SetIdRules.setReGid(
                        task.credentials(),
                        kernelGidOrKeep(task, rgid),
                        kernelGidOrKeep(task, egid)));
    }

    @Syscall(number = 117, name = "setresuid")
    static long setresuid(Task task, @Arg(UID) int ruid, @Arg(UID) int euid, @Arg(UID) int suid)
            throws ErrnoException {
        return commit(
                task,
                SetIdRules.setResUid(
                        task.credentials(),
                        kernelUidOrKeep(task, ruid),
                        kernelUidOrKeep(task, euid),
                        kernelUidOrKeep(task, suid)));
    }

    /** EFAULT. */
    @Syscall(number = 118, name = "getresuid")
    static long getresuid(
            Task task, @Arg(INT_OUT) long ruid, @Arg(INT_OUT) long euid, @Arg(INT_OUT) long suid)
            throws ErrnoException {
        Credentials c = task.credentials();
        task.memory().putInt(ruid, (int) shownUid(task, c.uid()));
        task.memory().putInt(euid, (int) shownUid(task, c.euid()));
        task.memory().putInt(suid, (int) shownUid(task, c.suid()));
        return 0;
    }

    @Syscall(number = 119, name = "setresgid")
    static long setresgid(Task task, @Arg(UID) int rgid, @Arg(UID) int egid, @Arg(UID) int sgid)
            throws ErrnoException {
        return commit(
                task,
                SetIdRules.setResGid(
                        task.credentials(),
                        kernelGidOrKeep(task, rgid),
                        kernelGidOrKeep(task, egid),
                        kernelGidOrKeep(task, sgid)));
    }

    /** EFAULT. */
    @Syscall(number = 120, name = "getresgid")
    static long getresgid(
            Task task, @Arg(INT_OUT) long rgid, @Arg(INT_OUT) long egid, @Arg(INT_OUT) long sgid)
            throws ErrnoException {
        Credentials c = task.credentials();
        task.memory().putInt(rgid, (int) shownGid(task, c.gid()));
        task.memory().putInt(egid, (int) shownGid(task, c.egid()));
        task.memory().putInt(sgid, (int) shownGid(task, c.sgid()));
        return 0;
    }

    /** Returns the old id, whether or not it changed. */
    @Syscall(number = 122, name = "setfsuid")
    static long setfsuid(Task task, @Arg(UID) int uid) {
        Credentials old = task.credentials();
        commit(task, SetIdRules.setFsUid(old, old.userNamespace().kernelUid(uid)));
        return shownUid(task, old.fsuid());
    }

    /** Returns the old id, whether or not it changed. */
    @Syscall(number = 123, name = "setfsgid")
    static long setfsgid(Task task, @Arg(UID) int gid) {
        Credentials old = task.credentials();
        commit(task, SetIdRules.setFsGid(old, old.userNamespace().kernelGid(gid)));
        return shownGid(task, old.fsgid());
    }
}
