// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.signal;

import static dev.jvisor.platform.abi.Signals.SI_TKILL;
import static dev.jvisor.syscalls.annotation.Arg.Format.PID;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGNAL;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/** kill(2), tkill(2), tgkill(2), rt_sigqueueinfo(2), rt_tgsigqueueinfo(2). */
@SyscallHandlers
final class KillSyscalls {

    private KillSyscalls() {}

    /**
     * Sends to a process ({@code pid} above 0), the caller's process group (0), all processes but
     * the first and the caller's own (-1), or a process group (below -1). Signal 0 only checks.
     *
     * <p>Errors: ESRCH if there is none; EINVAL for the signal; EPERM if none may be signalled.
     */
    @Syscall(number = 62, name = "kill")
    static long kill(Task task, @Arg(PID) int pid, @Arg(SIGNAL) int signal) throws ErrnoException {
        Signals.kill(task, pid, signal);
        return 0;
    }

    /**
     * Sends to a thread. Errors: EINVAL for a thread id below 1; ESRCH; EINVAL for the signal;
     * EPERM.
     */
    @Syscall(number = 200, name = "tkill")
    static long tkill(Task task, @Arg(PID) int tid, @Arg(SIGNAL) int signal) throws ErrnoException {
        if (tid <= 0) {
            throw Errno.EINVAL.exception();
        }
        Signals.sendToThread(task, 0, tid, threadInfo(task, signal));
        return 0;
    }

    /** As {@link #tkill}, ESRCH unless the thread belongs to process {@code tgid}. */
    @Syscall(number = 234, name = "tgkill")
    static long tgkill(Task task, @Arg(PID) int tgid, @Arg(PID) int tid, @Arg(SIGNAL) int signal)
            throws ErrnoException {
        if (tid <= 0 || tgid <= 0) {
            throw Errno.EINVAL.exception();
        }
        Signals.sendToThread(task, tgid, tid, threadInfo(task, signal));
        return 0;
    }

    private static SigInfo threadInfo(Task task, int signal) {
        Credentials own = task.credentials();
        int uid = own.userNamespace().shownUid(own.uid());
        return SigInfo.tkill(signal, task.threadGroup().id(), uid);
    }

    /**
     * Sends to a process with information of the caller's choice.
     *
     * <p>Errors: EFAULT; EPERM for an {@code si_code} that only the kernel uses (0 and above,
     * SI_TKILL) unless the target is the caller; ESRCH; EINVAL for the signal; EPERM; EAGAIN if its
     * queue is full.
     */
    @Syscall(number = 129, name = "rt_sigqueueinfo")
    static long rtSigqueueinfo(
            Task task, @Arg(PID) int pid, @Arg(SIGNAL) int signal, @Arg(POINTER) long info)
            throws ErrnoException {
        SigInfo given = readInfo(task, signal, info);
        checkCode(task, given, pid);
        if (pid <= 0) {
            throw Errno.ESRCH.exception();
        }
        Signals.sendToProcess(task, pid, given);
        return 0;
    }

    /** As {@link #rtSigqueueinfo} to one thread. EINVAL for ids below 1 comes after EFAULT. */
    @Syscall(number = 297, name = "rt_tgsigqueueinfo")
    static long rtTgsigqueueinfo(
            Task task,
            @Arg(PID) int tgid,
            @Arg(PID) int tid,
            @Arg(SIGNAL) int signal,
            @Arg(POINTER) long info)
            throws ErrnoException {
        SigInfo given = readInfo(task, signal, info);
        if (tid <= 0 || tgid <= 0) {
            throw Errno.EINVAL.exception();
        }
        checkCode(task, given, tid);
        Signals.sendToThread(task, tgid, tid, given);
        return 0;
    }

    private static SigInfo readInfo(Task task, int signal, long address) throws ErrnoException {
        byte[] b = new byte[SigInfo.USED_SIZE];
        task.memory().copyIn(address, b, 0, b.length);
        return SigInfo.read(b, 0, signal);
    }

    private static void checkCode(Task task, SigInfo info, int target) throws ErrnoException {
        if ((info.code >= 0 || info.code == SI_TKILL) && task.tid() != target) {
            throw Errno.EPERM.exception();
        }
    }
}
