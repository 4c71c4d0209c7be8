// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import static dev.jvisor.platform.abi.WaitFlags.P_ALL;
import static dev.jvisor.platform.abi.WaitFlags.P_PGID;
import static dev.jvisor.platform.abi.WaitFlags.P_PID;
import static dev.jvisor.platform.abi.WaitFlags.P_PIDFD;
import static dev.jvisor.platform.abi.WaitFlags.WCONTINUED;
import static dev.jvisor.platform.abi.WaitFlags.WEXITED;
import static dev.jvisor.platform.abi.WaitFlags.WNOHANG;
import static dev.jvisor.platform.abi.WaitFlags.WNOWAIT;
import static dev.jvisor.platform.abi.WaitFlags.WSTOPPED;
import static dev.jvisor.platform.abi.WaitFlags.WUNTRACED;
import static dev.jvisor.platform.abi.WaitFlags.__WALL;
import static dev.jvisor.platform.abi.WaitFlags.__WCLONE;
import static dev.jvisor.platform.abi.WaitFlags.__WNOTHREAD;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.PID;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.RUSAGE_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.WAIT_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.WAIT_STATUS_OUT;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.task.Pid;
import dev.jvisor.kernel.task.PidFile;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TaskWait;
import dev.jvisor.kernel.task.WaitResult;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * wait4(2), waitid(2).
 *
 * <p>Errors: EINVAL for options or ids; ESRCH for pid INT_MIN; ECHILD; ERESTARTSYS; EFAULT for
 * results (the child is reaped all the same, as in Linux).
 */
@SyscallHandlers
final class WaitSyscalls {

    private static final int OPTIONS_COMMON =
            WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL;

    private WaitSyscalls() {}

    @Syscall(number = 61, name = "wait4")
    static long wait4(
            Task task,
            @Arg(PID) int pid,
            @Arg(WAIT_STATUS_OUT) long status,
            @Arg(WAIT_FLAGS) int options,
            @Arg(RUSAGE_OUT) long usage)
            throws ErrnoException {
        if ((options & ~OPTIONS_COMMON) != 0) {
            throw Errno.EINVAL.exception();
        }
        if (pid == Integer.MIN_VALUE) {
            throw Errno.ESRCH.exception();
        }
        int type = P_PID;
        Pid wanted = null;
        if (pid == -1) {
            type = P_ALL;
        } else if (pid < 0) {
            type = P_PGID;
            wanted = task.pids().find(-pid);
        } else if (pid == 0) {
            type = P_PGID;
            wanted = task.threadGroup().processGroup().pid();
        } else {
            wanted = task.pids().find(pid);
        }
        WaitResult result = new WaitResult();
        TaskWait.await(task, type, wanted, options | WEXITED, result);
        if (result.pid != 0) {
            if (status != 0) {
                task.memory().putInt(status, result.status);
            }
            if (usage != 0) {
                UsageStruct.write(task, usage, result.usage);
            }
        }
        return result.pid;
    }

    /** EAGAIN instead of waiting for a pidfd with O_NONBLOCK; EBADF for what is no pidfd. */
    @Syscall(number = 247, name = "waitid")
    static long waitid(
            Task task,
            @Arg(INT) int type,
            @Arg(PID) int id,
            @Arg(POINTER) long info,
            @Arg(WAIT_FLAGS) int options,
            @Arg(RUSAGE_OUT) long usage)
            throws ErrnoException {
        int allowed = OPTIONS_COMMON | WNOWAIT | WEXITED | WSTOPPED;
        if ((options & ~allowed) != 0 || (options & (WEXITED | WSTOPPED | WCONTINUED)) == 0) {
            throw Errno.EINVAL.exception();
        }
        Pid wanted = null;
        int how = options;
        int kind = type;
        switch (type) {
            case P_ALL -> {}
            case P_PID -> {
                if (id <= 0) {
                    throw Errno.EINVAL.exception();
                }
                wanted = task.pids().find(id);
            }
            case P_PGID -> {
                if (id < 0) {
                    throw Errno.EINVAL.exception();
                }
                wanted = id == 0
                        ? task.threadGroup().processGroup().pid()
                        : task.pids().find(id);
            }
            case P_PIDFD -> {
                if (id < 0) {
                    throw Errno.EINVAL.exception();
                }
                FileDescription file = task.files().acquire(id);
                try {
                    wanted = PidFile.of(file).pid();
                    how |= file.isNonBlocking() ? WNOHANG : 0;
                } finally {
                    file.release();
                }
                kind = P_PID;
            }
            default -> throw Errno.EINVAL.exception();
        }
        WaitResult result = new WaitResult();
        TaskWait.await(task, kind, wanted, how, result);
        if (result.pid == 0 && how != options) {
            throw Errno.EAGAIN.exception();
        }
        if (result.pid != 0 && usage != 0) {
            UsageStruct.write(task, usage, result.usage);
        }
        if (info != 0) {
            writeInfo(task, info, result);
        }
        return 0;
    }

    /** Only the fields that Linux writes: nothing behind {@code si_status}. */
    private static void writeInfo(Task task, long info, WaitResult result) throws ErrnoException {
        byte[] raw = new byte[SigInfo.SIZE];
        if (result.pid != 0) {
            SigInfo.child(result.code, result.pid, result.uid, result.value, 0, 0)
                    .write(raw, 0);
        }
        task.memory().copyOut(info, raw, 0, 28);
    }
}
