// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.socket;

import static dev.jvisor.platform.abi.Socket.SOL_SOCKET;
import static dev.jvisor.platform.abi.Socket.SO_PEERGROUPS;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SOCKET_LEVEL;
import static dev.jvisor.syscalls.annotation.Arg.Format.SOCKET_OPTION;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.net.socket.OptionValue;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * setsockopt(2), getsockopt(2).
 *
 * <p>Errors, in this order: EBADF, ENOTSOCK; EINVAL for a negative length; what the socket says.
 */
@SyscallHandlers
final class SocketOptionSyscalls {

    private SocketOptionSyscalls() {}

    @Syscall(number = 54, name = "setsockopt")
    static long setsockopt(
            Task task,
            @Arg(FD) int fd,
            @Arg(SOCKET_LEVEL) int level,
            @Arg(SOCKET_OPTION) int name,
            @Arg(POINTER) long value,
            int length)
            throws ErrnoException {
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            if (length < 0) {
                throw Errno.EINVAL.exception();
            }
            socket.setOption(task, level, name, OptionValue.at(task.memory(), value, length));
            return 0;
        } finally {
            socket.release();
        }
    }

    /** A value that is longer than the room for it is cut, but for a list of groups (ERANGE). */
    @Syscall(number = 55, name = "getsockopt")
    static long getsockopt(
            Task task,
            @Arg(FD) int fd,
            @Arg(SOCKET_LEVEL) int level,
            @Arg(SOCKET_OPTION) int name,
            @Arg(POINTER) long value,
            @Arg(POINTER) long length)
            throws ErrnoException {
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            int capacity = task.memory().getInt(length);
            if (capacity < 0) {
                throw Errno.EINVAL.exception();
            }
            byte[] found = socket.getOption(task, level, name, capacity);
            boolean groups = level == SOL_SOCKET && name == SO_PEERGROUPS;
            if (groups && found.length > capacity) {
                task.memory().putInt(length, found.length);
                throw Errno.ERANGE.exception();
            }
            int n = Math.min(capacity, found.length);
            if (n > 0) {
                task.memory().copyOut(value, found, 0, n);
            }
            task.memory().putInt(length, n);
            return 0;
        } finally {
            socket.release();
        }
    }
}
