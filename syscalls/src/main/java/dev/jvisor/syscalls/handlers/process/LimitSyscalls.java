// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Resource.RLIMIT_CPU;
import static dev.jvisor.platform.abi.Resource.RLIMIT_NOFILE;
import static dev.jvisor.platform.abi.Resource.RLIM_NLIMITS;
import static dev.jvisor.syscalls.annotation.Arg.Format.PID;
import static dev.jvisor.syscalls.annotation.Arg.Format.RESOURCE;
import static dev.jvisor.syscalls.annotation.Arg.Format.RLIMIT_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.RLIMIT_OUT;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.limits.ResourceLimits;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * getrlimit(2), setrlimit(2), prlimit(2). A limit is an unsigned 64-bit number, all ones for none.
 *
 * <p>Errors: EFAULT (new limit); EINVAL (resource, soft above hard); ESRCH; EPERM (another user's
 * process, raising a hard limit without CAP_SYS_RESOURCE, RLIMIT_NOFILE above what a table holds);
 * EFAULT (old one).
 */
@SyscallHandlers
final class LimitSyscalls {

    private static final int SIZE = 16;

    private LimitSyscalls() {}

    @Syscall(number = 97, name = "getrlimit")
    static long getrlimit(Task task, @Arg(RESOURCE) int resource, @Arg(RLIMIT_OUT) long out)
            throws ErrnoException {
        check(resource);
        write(task, out, resource, task.threadGroup().limits());
        return 0;
    }

    @Syscall(number = 160, name = "setrlimit")
    static long setrlimit(Task task, @Arg(RESOURCE) int resource, @Arg(RLIMIT_IN) long in)
            throws ErrnoException {
        byte[] raw = new byte[SIZE];
        task.memory().copyIn(in, raw, 0, SIZE);
        check(resource);
        set(task, task, resource, raw);
        return 0;
    }

    @Syscall(number = 302, name = "prlimit64")
    static long prlimit64(
            Task task,
            @Arg(PID) int pid,
            @Arg(RESOURCE) int resource,
            @Arg(RLIMIT_IN) long in,
            @Arg(RLIMIT_OUT) long out)
            throws ErrnoException {
        byte[] raw = new byte[SIZE];
        if (in != 0) {
            task.memory().copyIn(in, raw, 0, SIZE);
        }
        Task target = pid == 0 ? task : task.pids().task(pid);
        if (target == null) {
            throw Errno.ESRCH.exception();
        }
        checkPermission(task, target);
        check(resource);
        ResourceLimits limits = target.threadGroup().limits();
        byte[] old = encode(resource, limits);
        if (in != 0) {
            set(task, target, resource, raw);
        }
        if (out != 0) {
            task.memory().copyOut(out, old, 0, SIZE);
        }
        return 0;
    }

    private static void check(int resource) throws ErrnoException {
        if (resource < 0 || resource >= RLIM_NLIMITS) {
            throw Errno.EINVAL.exception();
        }
    }

    /** Linux: check_prlimit_permission. */
    private static void checkPermission(Task task, Task target) throws ErrnoException {
        if (task.threadGroup() == target.threadGroup()) {
            return;
        }
        Credentials own = task.credentials();
        Credentials other = target.credentials();
        boolean same = own.uid() == other.euid()
                && own.uid() == other.suid()
                && own.uid() == other.uid()
                && own.gid() == other.egid()
                && own.gid() == other.sgid()
                && own.gid() == other.gid();
        if (!same && !own.hasIn(other.userNamespace(), Capabilities.CAP_SYS_RESOURCE)) {
            throw Errno.EPERM.exception();
        }
    }

    private static void set(Task task, Task target, int resource, byte[] raw)
            throws ErrnoException {
        long soft = LittleEndian.getLong(raw, 0);
        long hard = LittleEndian.getLong(raw, 8);
        if (Long.compareUnsigned(soft, hard) > 0) {
            throw Errno.EINVAL.exception();
        }
        if (resource == RLIMIT_NOFILE && Long.compareUnsigned(hard, FdTable.NR_OPEN) > 0) {
            throw Errno.EPERM.exception();
        }
        ResourceLimits limits = target.threadGroup().limits();
        synchronized (limits) {
            if (Long.compareUnsigned(hard, limits.hard(resource)) > 0
                    && !task.credentials().has(Capabilities.CAP_SYS_RESOURCE)) {
                throw Errno.EPERM.exception();
            }
            limits.set(resource, soft, hard);
        }
        if (resource == RLIMIT_CPU) {
            target.threadGroup().updateCpuLimit();
        }
    }

    private static byte[] encode(int resource, ResourceLimits limits) {
        byte[] raw = new byte[SIZE];
        synchronized (limits) {
            LittleEndian.putLong(raw, 0, limits.soft(resource));
            LittleEndian.putLong(raw, 8, limits.hard(resource));
        }
        return raw;
    }

    private static void write(Task task, long out, int resource, ResourceLimits limits)
            throws ErrnoException {
        task.memory().copyOut(out, encode(resource, limits), 0, SIZE);
    }
}
