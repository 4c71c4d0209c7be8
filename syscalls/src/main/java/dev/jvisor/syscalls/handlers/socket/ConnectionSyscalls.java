// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.socket;

import static dev.jvisor.platform.abi.Socket.SHUT_RDWR;
import static dev.jvisor.platform.abi.Socket.SOCK_CLOEXEC;
import static dev.jvisor.platform.abi.Socket.SOCK_NONBLOCK;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SHUTDOWN_HOW;
import static dev.jvisor.syscalls.annotation.Arg.Format.SOCKADDR_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.SOCKET_FLAGS;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * bind(2), listen(2), accept(2), connect(2), getsockname(2), getpeername(2), shutdown(2).
 *
 * <p>All begin with EBADF and ENOTSOCK (connect looks at the address first). An address is at most
 * 128 bytes long: EINVAL, EFAULT. Then comes what the socket says.
 */
@SyscallHandlers
final class ConnectionSyscalls {

    /** {@code /proc/sys/net/core/somaxconn}. */
    private static final int SOMAXCONN = 4096;

    private ConnectionSyscalls() {}

    @Syscall(number = 49, name = "bind")
    static long bind(Task task, @Arg(FD) int fd, @Arg(SOCKADDR_IN) long address, int length)
            throws ErrnoException {
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            socket.bind(task, SocketArgs.address(task, address, length));
            return 0;
        } finally {
            socket.release();
        }
    }

    /** A backlog that is negative or above somaxconn is somaxconn. */
    @Syscall(number = 50, name = "listen")
    static long listen(Task task, @Arg(FD) int fd, int backlog) throws ErrnoException {
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            boolean tooLong = Integer.compareUnsigned(backlog, SOMAXCONN) > 0;
            socket.listen(task, tooLong ? SOMAXCONN : backlog);
            return 0;
        } finally {
            socket.release();
        }
    }

    @Syscall(number = 43, name = "accept")
    static long accept(
            Task task, @Arg(FD) int fd, @Arg(POINTER) long address, @Arg(POINTER) long length)
            throws ErrnoException {
        return accept4(task, fd, address, length, 0);
    }

    /**
     * Errors, in this order: EBADF; EINVAL for flags; EMFILE (before a connection is taken);
     * ENOTSOCK; what the socket says; ECONNABORTED if the peer is gone already; EFAULT and EINVAL
     * for the address, after which the connection is closed.
     */
    @Syscall(number = 288, name = "accept4")
    static long accept4(
            Task task,
            @Arg(FD) int fd,
            @Arg(POINTER) long address,
            @Arg(POINTER) long length,
            @Arg(SOCKET_FLAGS) int flags)
            throws ErrnoException {
        task.files().acquireForIo(fd).release();
        UserArgs.checkFlags(flags, SOCK_CLOEXEC | SOCK_NONBLOCK);
        int reserved = task.files().reserve(UserArgs.descriptorLimit(task));
        boolean done = false;
        try {
            Socket accepted = takeOne(task, fd, address, length);
            SocketArgs.setNonBlocking(accepted, flags);
            task.files().fill(reserved, accepted, (flags & SOCK_CLOEXEC) != 0);
            done = true;
            return reserved;
        } finally {
            if (!done) {
                task.files().unreserve(reserved);
            }
        }
    }

    private static Socket takeOne(Task task, int fd, long address, long length)
            throws ErrnoException {
        Socket listener = SocketArgs.acquire(task, fd);
        Socket accepted;
        try {
            accepted = SocketTransfer.accept(task, listener);
        } finally {
            listener.release();
        }
        try {
            if (address != 0) {
                SocketArgs.putAddress(task, peerOf(task, accepted), address, length);
            }
            return accepted;
        } catch (ErrnoException e) {
            accepted.release();
            throw e;
        }
    }

    private static byte[] peerOf(Task task, Socket accepted) throws ErrnoException {
        try {
            return accepted.peerAddress(task);
        } catch (ErrnoException e) {
            throw Errno.ECONNABORTED.exception();
        }
    }

    /**
     * Errors, in this order: EBADF; EINVAL and EFAULT for the address; ENOTSOCK; what the socket
     * says. EINPROGRESS from a blocking socket means that SO_SNDTIMEO is over.
     */
    @Syscall(number = 42, name = "connect")
    static long connect(Task task, @Arg(FD) int fd, @Arg(SOCKADDR_IN) long address, int length)
            throws ErrnoException {
        task.files().acquireForIo(fd).release();
        byte[] to = SocketArgs.address(task, address, length);
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            SocketTransfer.connect(task, socket, to);
            return 0;
        } finally {
            socket.release();
        }
    }

    @Syscall(number = 51, name = "getsockname")
    static long getsockname(
            Task task, @Arg(FD) int fd, @Arg(POINTER) long address, @Arg(POINTER) long length)
            throws ErrnoException {
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            SocketArgs.putAddress(task, socket.localAddress(task), address, length);
            return 0;
        } finally {
            socket.release();
        }
    }

    @Syscall(number = 52, name = "getpeername")
    static long getpeername(
            Task task, @Arg(FD) int fd, @Arg(POINTER) long address, @Arg(POINTER) long length)
            throws ErrnoException {
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            SocketArgs.putAddress(task, socket.peerAddress(task), address, length);
            return 0;
        } finally {
            socket.release();
        }
    }

    @Syscall(number = 48, name = "shutdown")
    static long shutdown(Task task, @Arg(FD) int fd, @Arg(SHUTDOWN_HOW) int how)
            throws ErrnoException {
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            if (how < 0 || how > SHUT_RDWR) {
                throw Errno.EINVAL.exception();
            }
            socket.shutdown(task, how);
            return 0;
        } finally {
            socket.release();
        }
    }
}
