// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.trace;

import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_DATA_SIZE;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_FILTER_FLAG_LOG;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_FILTER_FLAG_NEW_LISTENER;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_FILTER_FLAG_SPEC_ALLOW;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_FILTER_FLAG_TSYNC;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_GET_ACTION_AVAIL;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_GET_NOTIF_SIZES;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_MODE_FILTER;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_MODE_STRICT;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_NOTIF_RESP_SIZE;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_NOTIF_SIZE;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_ALLOW;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_ERRNO;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_KILL_PROCESS;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_KILL_THREAD;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_LOG;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_TRACE;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_TRAP;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_USER_NOTIF;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_SET_MODE_FILTER;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_SET_MODE_STRICT;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;

import dev.jvisor.kernel.seccomp.BpfFilter;
import dev.jvisor.kernel.seccomp.FilterListener;
import dev.jvisor.kernel.seccomp.Seccomp;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

import org.jspecify.annotations.Nullable;

/**
 * seccomp(2), and what prctl(2) has of it.
 *
 * <p>Errors of a filter: EINVAL for flags; EFAULT; EINVAL for its length; EACCES without
 * no_new_privs or CAP_SYS_ADMIN; EINVAL for its instructions; EMFILE, EINVAL in strict mode, EBUSY
 * for a second listener, ENOMEM; with TSYNC the id of a thread or ESRCH.
 */
@SyscallHandlers
public final class SeccompSyscalls {

    private static final int FLAGS = SECCOMP_FILTER_FLAG_TSYNC
            | SECCOMP_FILTER_FLAG_LOG
            | SECCOMP_FILTER_FLAG_SPEC_ALLOW
            | SECCOMP_FILTER_FLAG_NEW_LISTENER
            | SECCOMP_FILTER_FLAG_TSYNC_ESRCH
            | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;

    private SeccompSyscalls() {}

    @Syscall(number = 317, name = "seccomp")
    static long seccomp(
            Task task, @Arg(INT) int operation, @Arg(HEX) int flags, @Arg(POINTER) long argument)
            throws ErrnoException {
        switch (operation) {
            case SECCOMP_SET_MODE_STRICT -> {
                if (flags != 0 || argument != 0) {
                    throw Errno.EINVAL.exception();
                }
                Seccomp.setStrict(task);
                return 0;
            }
            case SECCOMP_SET_MODE_FILTER -> {
                return setFilter(task, flags, argument);
            }
            case SECCOMP_GET_ACTION_AVAIL -> {
                requireNoFlags(flags);
                return switch (task.memory().getInt(argument)) {
                    case SECCOMP_RET_KILL_PROCESS,
                            SECCOMP_RET_KILL_THREAD,
                            SECCOMP_RET_TRAP,
                            SECCOMP_RET_ERRNO,
                            SECCOMP_RET_USER_NOTIF,
                            SECCOMP_RET_TRACE,
                            SECCOMP_RET_LOG,
                            SECCOMP_RET_ALLOW -> 0;
                    default -> throw Errno.EOPNOTSUPP.exception();
                };
            }
            case SECCOMP_GET_NOTIF_SIZES -> {
                requireNoFlags(flags);
                byte[] sizes = {
                    SECCOMP_NOTIF_SIZE, 0, SECCOMP_NOTIF_RESP_SIZE, 0, SECCOMP_DATA_SIZE, 0
                };
                task.memory().copyOut(argument, sizes, 0, sizes.length);
                return 0;
            }
            default -> throw Errno.EINVAL.exception();
        }
    }

    private static void requireNoFlags(int flags) throws ErrnoException {
        if (flags != 0) {
            throw Errno.EINVAL.exception();
        }
    }

    /** prctl(PR_SET_SECCOMP). */
    public static long setByPrctl(Task task, long mode, long argument) throws ErrnoException {
        if (mode == SECCOMP_MODE_STRICT) {
            Seccomp.setStrict(task);
            return 0;
        }
        if (mode == SECCOMP_MODE_FILTER) {
            return setFilter(task, 0, argument);
        }
        throw Errno.EINVAL.exception();
    }

    private static long setFilter(Task task, int flags, long argument) throws ErrnoException {
        boolean sync = (flags & SECCOMP_FILTER_FLAG_TSYNC) != 0;
        boolean listens = (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
        boolean plainError = (flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH) != 0;
        boolean killable = (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) != 0;
        if ((flags & ~FLAGS) != 0 || sync && listens && !plainError || killable && !listens) {
            throw Errno.EINVAL.exception();
        }
        BpfFilter program = copyProgram(task, argument);
        FilterListener listener = null;
        int fd = -1;
        if (listens) {
            listener = new FilterListener();
            fd = UserArgs.install(task, listener, true);
        }
        boolean done = false;
        try {
            boolean log = (flags & SECCOMP_FILTER_FLAG_LOG) != 0;
            int tid = Seccomp.addFilter(task, program, sync, log, killable, listener);
            if (tid != 0) {
                if (plainError) {
                    throw Errno.ESRCH.exception();
                }
                return tid;
            }
            done = true;
            return listens ? fd : 0;
        } finally {
            if (!done) {
                closeAgain(task, listener, fd);
            }
        }
    }

    private static void closeAgain(Task task, @Nullable FilterListener listener, int fd) {
        try {
            if (listener != null && task.files().peek(fd) == listener) {
                task.files().remove(fd).release();
            }
        } catch (ErrnoException e) {
            // Another thread closed it.
        }
    }

    /** {@code struct sock_fprog}: length (2 bytes), address at 8. */
    private static BpfFilter copyProgram(Task task, long argument) throws ErrnoException {
        byte[] header = new byte[16];
        task.memory().copyIn(argument, header, 0, header.length);
        int length = header[0] & 0xff | (header[1] & 0xff) << 8;
        long address = LittleEndian.getLong(header, 8);
        if (length == 0 || length > BpfFilter.LENGTH_MAX) {
            throw Errno.EINVAL.exception();
        }
        if (!task.credentials().noNewPrivileges()
                && !task.credentials().hasOwn(Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EACCES.exception();
        }
        byte[] raw = new byte[length * BpfFilter.INSTRUCTION_SIZE];
        task.memory().copyIn(address, raw, 0, raw.length);
        return new BpfFilter(raw);
    }
}
