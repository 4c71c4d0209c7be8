// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.socket;

import static dev.jvisor.platform.abi.Socket.SOCK_CLOEXEC;
import static dev.jvisor.platform.abi.Socket.SOCK_NONBLOCK;
import static dev.jvisor.syscalls.annotation.Arg.Format.PIPE_FDS_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.SOCKET_FAMILY;
import static dev.jvisor.syscalls.annotation.Arg.Format.SOCKET_TYPE;

import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.net.socket.SocketFamily;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** socket(2), socketpair(2). */
@SyscallHandlers
final class SocketSyscalls {

    private static final int TYPE_MASK = 0xf;

    /** Linux: SOCK_MAX. */
    private static final int TYPES = 11;

    private SocketSyscalls() {}

    /**
     * Errors, in this order: EINVAL for flags; EAFNOSUPPORT; EINVAL for the type; what the family
     * says; EMFILE.
     */
    @Syscall(number = 41, name = "socket")
    static long socket(
            Task task, @Arg(SOCKET_FAMILY) int family, @Arg(SOCKET_TYPE) int type, int protocol)
            throws ErrnoException {
        SocketFamily maker = family(task, family, type);
        return SocketArgs.install(task, maker.create(task, type & TYPE_MASK, protocol), type);
    }

    /**
     * Errors, in this order: EINVAL for flags; EMFILE; EFAULT; those of socket(2); EOPNOTSUPP for a
     * family without pairs.
     */
    @Syscall(number = 53, name = "socketpair")
    static long socketpair(
            Task task,
            @Arg(SOCKET_FAMILY) int family,
            @Arg(SOCKET_TYPE) int type,
            int protocol,
            @Arg(PIPE_FDS_OUT) long fds)
            throws ErrnoException {
        UserArgs.checkFlags(type & ~TYPE_MASK, SOCK_CLOEXEC | SOCK_NONBLOCK);
        FdTable files = task.files();
        int first = files.reserve(UserArgs.descriptorLimit(task));
        int second = -1;
        boolean done = false;
        try {
            second = files.reserve(UserArgs.descriptorLimit(task));
            task.memory().putLong(fds, first | (long) second << 32);
            SocketFamily maker = family(task, family, type);
            SocketFamily.Pair pair = maker.createPair(task, type & TYPE_MASK, protocol);
            boolean closeOnExec = (type & SOCK_CLOEXEC) != 0;
            SocketArgs.setNonBlocking(pair.first(), type);
            SocketArgs.setNonBlocking(pair.second(), type);
            files.fill(first, pair.first(), closeOnExec);
            files.fill(second, pair.second(), closeOnExec);
            done = true;
            return 0;
        } finally {
            if (!done) {
                files.unreserve(first);
                if (second >= 0) {
                    files.unreserve(second);
                }
            }
        }
    }

    private static SocketFamily family(Task task, int family, int type) throws ErrnoException {
        UserArgs.checkFlags(type & ~TYPE_MASK, SOCK_CLOEXEC | SOCK_NONBLOCK);
        SocketFamily maker = task.net().family(family);
        if ((type & TYPE_MASK) >= TYPES) {
            throw Errno.EINVAL.exception();
        }
        return maker;
    }
}
