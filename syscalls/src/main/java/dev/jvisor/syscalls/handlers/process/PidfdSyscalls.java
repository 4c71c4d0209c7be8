// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.Signals.SI_TKILL;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.PID;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIGNAL;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.procfs.ProcFilesystemType;
import dev.jvisor.kernel.procfs.ProcessAccess;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.kernel.task.Pid;
import dev.jvisor.kernel.task.PidFile;
import dev.jvisor.kernel.task.ProcessGroup;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2). */
@SyscallHandlers
final class PidfdSyscalls {

    // linux/pidfd.h
    private static final int PIDFD_SIGNAL_THREAD = 1;
    private static final int PIDFD_SIGNAL_THREAD_GROUP = 2;
    private static final int PIDFD_SIGNAL_PROCESS_GROUP = 4;

    private PidfdSyscalls() {}

    /** EINVAL for flags and ids; ESRCH; EINVAL for a thread without PIDFD_THREAD; EMFILE. */
    @Syscall(number = 434, name = "pidfd_open")
    static long pidfdOpen(Task task, @Arg(PID) int id, @Arg(INT) int flags) throws ErrnoException {
        UserArgs.checkFlags(flags, PidFile.PIDFD_NONBLOCK | PidFile.PIDFD_THREAD);
        if (id <= 0) {
            throw Errno.EINVAL.exception();
        }
        Pid pid = task.pids().find(id);
        if (pid == null) {
            throw Errno.ESRCH.exception();
        }
        boolean thread = (flags & PidFile.PIDFD_THREAD) != 0;
        if (thread ? pid.task() == null : pid.threadGroup() == null) {
            throw Errno.EINVAL.exception();
        }
        return PidFile.install(task, pid, flags);
    }

    /**
     * Sends to the process or thread of a pidfd, or to the process group that it leads.
     *
     * <p>Errors: EINVAL for flags; EBADF; EINVAL if its process is not of the caller's PID
     * namespace; EFAULT; EINVAL and EPERM for the information; EINVAL for the signal; ESRCH; EPERM.
     */
    @Syscall(number = 424, name = "pidfd_send_signal")
    static long pidfdSendSignal(
            Task task,
            @Arg(FD) int fd,
            @Arg(SIGNAL) int signal,
            @Arg(POINTER) long info,
            @Arg(INT) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(
                flags,
                PIDFD_SIGNAL_THREAD | PIDFD_SIGNAL_THREAD_GROUP | PIDFD_SIGNAL_PROCESS_GROUP);
        if (Integer.bitCount(flags) > 1) {
            throw Errno.EINVAL.exception();
        }
        FileDescription file = task.files().acquireForIo(fd);
        Pid pid;
        boolean thread;
        try {
            Pid process = ProcFilesystemType.processOf(file.inode());
            boolean isThread = false;
            if (process != null) {
                pid = process;
            } else {
                PidFile target = PidFile.of(file);
                pid = target.pid();
                isThread = target.isThread();
            }
            thread = flags == 0 ? isThread : flags == PIDFD_SIGNAL_THREAD;
        } finally {
            file.release();
        }
        if (!pid.namespace().isWithin(task.pids())) {
            throw Errno.EINVAL.exception();
        }
        boolean group = flags == PIDFD_SIGNAL_PROCESS_GROUP;
        SigInfo given = info == 0
                ? ownInfo(task, signal, thread)
                : readInfo(task, signal, info, task.pid() == pid && !group);
        if (group) {
            ProcessGroup target = pid.processGroup();
            if (target == null) {
                throw Errno.ESRCH.exception();
            }
            Signals.sendToProcessGroup(task, target, given);
        } else if (thread) {
            Task target = pid.task();
            if (target == null) {
                throw Errno.ESRCH.exception();
            }
            Signals.sendToThread(task, target, given);
        } else {
            ThreadGroup target = pid.threadGroup();
            if (target == null) {
                Task member = pid.task();
                if (member == null) {
                    throw Errno.ESRCH.exception();
                }
                target = member.threadGroup();
            }
            Signals.sendChecked(task, target, given);
        }
        return 0;
    }

    private static SigInfo ownInfo(Task task, int signal, boolean thread) {
        if (!thread) {
            return Signals.fromCaller(task, signal);
        }
        Credentials own = task.credentials();
        int uid = own.userNamespace().shownUid(own.uid());
        return SigInfo.tkill(signal, task.threadGroup().id(), uid);
    }

    private static SigInfo readInfo(Task task, int signal, long address, boolean toSelf)
            throws ErrnoException {
        byte[] b = new byte[SigInfo.USED_SIZE];
        task.memory().copyIn(address, b, 0, b.length);
        int named = LittleEndian.getInt(b, 0);
        if (named != signal) {
            throw Errno.EINVAL.exception();
        }
        SigInfo given = SigInfo.read(b, 0, signal);
        if (!toSelf && (given.code >= 0 || given.code == SI_TKILL)) {
            throw Errno.EPERM.exception();
        }
        return given;
    }

    /** EINVAL for flags; EBADF; ESRCH; EPERM unless the caller may trace it; EBADF; EMFILE. */
    @Syscall(number = 438, name = "pidfd_getfd")
    static long pidfdGetfd(Task task, @Arg(FD) int fd, @Arg(INT) int wanted, @Arg(INT) int flags)
            throws ErrnoException {
        if (flags != 0) {
            throw Errno.EINVAL.exception();
        }
        FileDescription file = task.files().acquireForIo(fd);
        Task target;
        try {
            target = PidFile.of(file).pid().task();
        } finally {
            file.release();
        }
        if (target == null) {
            throw Errno.ESRCH.exception();
        }
        if (!ProcessAccess.mayAttach(task, target)) {
            throw Errno.EPERM.exception();
        }
        FdTable files = target.filesOrNull();
        if (files == null) {
            throw Errno.ESRCH.exception();
        }
        return UserArgs.install(task, files.acquire(wanted), 0, true);
    }
}
