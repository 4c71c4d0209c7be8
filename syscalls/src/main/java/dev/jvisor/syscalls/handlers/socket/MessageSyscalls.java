// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.socket;

import static dev.jvisor.platform.abi.Socket.MSG_BATCH;
import static dev.jvisor.platform.abi.Socket.MSG_CMSG_CLOEXEC;
import static dev.jvisor.platform.abi.Socket.MSG_DONTWAIT;
import static dev.jvisor.platform.abi.Socket.MSG_EOR;
import static dev.jvisor.platform.abi.Socket.MSG_OOB;
import static dev.jvisor.platform.abi.Socket.MSG_WAITFORONE;
import static dev.jvisor.syscalls.annotation.Arg.Format.BUFFER_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.BUFFER_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.MSG_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;
import static dev.jvisor.syscalls.annotation.Arg.Format.SOCKADDR_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_IN;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MsghdrStruct;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;
import dev.jvisor.syscalls.handlers.time.TimeArgs;

/**
 * send(2) and recv(2) with their relatives.
 *
 * <p>Errors of sendto and recvfrom, in this order: EFAULT for a range outside of user space; EBADF,
 * ENOTSOCK; EINVAL and EFAULT for the address; what the socket says. Of the others: EINVAL for
 * MSG_CMSG_COMPAT; EBADF, ENOTSOCK; EFAULT, EINVAL, EMSGSIZE for the header; EFAULT for the address
 * and ENOBUFS for control messages that are too long; what the socket says.
 */
@SyscallHandlers
final class MessageSyscalls {

    /** Linux: only set by 32-bit callers' entry points. */
    private static final int MSG_CMSG_COMPAT = 0x8000_0000;

    /** Flags that the kernel alone uses: MSG_NO_SHARED_FRAGS, MSG_SPLICE_PAGES, …. */
    private static final int INTERNAL_FLAGS = 0x8000000 | 0x10000000 | 0x80000;

    private MessageSyscalls() {}

    @Syscall(number = 44, name = "sendto")
    static long sendto(
            Task task,
            @Arg(FD) int fd,
            @Arg(BUFFER_IN) long buffer,
            @Arg(SIZE) long count,
            @Arg(MSG_FLAGS) int flags,
            @Arg(SOCKADDR_IN) long address,
            int length)
            throws ErrnoException {
        IovIter data = range(task, buffer, count);
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            SocketMessage message = new SocketMessage(data, flags & ~INTERNAL_FLAGS);
            if (address != 0) {
                byte[] to = SocketArgs.address(task, address, length);
                message.address = to.length == 0 ? null : to;
            }
            return SocketTransfer.send(task, socket, message, noWait(socket, flags));
        } finally {
            socket.release();
        }
    }

    @Syscall(number = 45, name = "recvfrom")
    static long recvfrom(
            Task task,
            @Arg(FD) int fd,
            @Arg(BUFFER_OUT) long buffer,
            @Arg(SIZE) long count,
            @Arg(MSG_FLAGS) int flags,
            @Arg(POINTER) long address,
            @Arg(POINTER) long length)
            throws ErrnoException {
        IovIter data = range(task, buffer, count);
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            SocketMessage message = new SocketMessage(data, flags);
            message.wantsAddress = address != 0;
            try {
                long n = SocketTransfer.receive(task, socket, message, noWait(socket, flags));
                if (address != 0) {
                    byte[] from = message.address;
                    byte[] found = from == null ? new byte[0] : from;
                    SocketArgs.putAddress(task, found, address, length);
                }
                return n;
            } finally {
                message.release();
            }
        } finally {
            socket.release();
        }
    }

    @Syscall(number = 46, name = "sendmsg")
    static long sendmsg(
            Task task, @Arg(FD) int fd, @Arg(POINTER) long message, @Arg(MSG_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags & MSG_CMSG_COMPAT, 0);
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            return send(task, socket, new MessageHeader(task, message), flags);
        } finally {
            socket.release();
        }
    }

    /** What was sent before an error is the result; the error is not seen. */
    @Syscall(number = 307, name = "sendmmsg")
    static long sendmmsg(
            Task task,
            @Arg(FD) int fd,
            @Arg(POINTER) long messages,
            int count,
            @Arg(MSG_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags & MSG_CMSG_COMPAT, 0);
        Socket socket = SocketArgs.acquire(task, fd);
        int n = 0;
        try {
            int limit = Integer.compareUnsigned(count, MessageHeader.IOV_MAX) > 0
                    ? MessageHeader.IOV_MAX
                    : count;
            while (n < limit) {
                long at = messages + (long) n * MsghdrStruct.MMSGHDR_SIZE;
                MessageHeader header = new MessageHeader(task, at);
                int batch = n < limit - 1 ? MSG_BATCH : 0;
                int all = flags | batch | header.flags & MSG_EOR;
                int sent = (int) send(task, socket, header, all);
                task.memory().putInt(at + MsghdrStruct.MSG_LEN, sent);
                n++;
                if (header.data.remaining() > 0) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (n == 0) {
                throw e;
            }
        } finally {
            socket.release();
        }
        return n;
    }

    @Syscall(number = 47, name = "recvmsg")
    static long recvmsg(
            Task task, @Arg(FD) int fd, @Arg(POINTER) long message, @Arg(MSG_FLAGS) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags & MSG_CMSG_COMPAT, 0);
        Socket socket = SocketArgs.acquire(task, fd);
        try {
            MessageHeader header = new MessageHeader(task, message);
            SocketMessage received = new SocketMessage(header.data, flags);
            return receive(task, socket, header, received, noWait(socket, flags));
        } finally {
            socket.release();
        }
    }

    /**
     * The time-out is looked at after each message, as in Linux: it does not end a wait. An error
     * behind the first message is kept for the next call.
     */
    @Syscall(number = 299, name = "recvmmsg")
    static long recvmmsg(
            Task task,
            @Arg(FD) int fd,
            @Arg(POINTER) long messages,
            int count,
            @Arg(MSG_FLAGS) int flags,
            @Arg(TIMESPEC_IN) long timeout)
            throws ErrnoException {
        UserArgs.checkFlags(flags & MSG_CMSG_COMPAT, 0);
        long nanos = timeout == 0 ? Long.MAX_VALUE : TimeArgs.readTimespec(task, timeout);
        long deadline = timeout == 0 ? Long.MAX_VALUE : task.kernel().clocks().deadlineAfter(nanos);
        Socket socket = SocketArgs.acquire(task, fd);
        int n = 0;
        try {
            Errno pending = socket.takeError();
            if (pending != null) {
                throw pending.exception();
            }
            n = receiveMany(task, socket, messages, count, flags, deadline);
        } finally {
            socket.release();
        }
        if (timeout != 0 && n > 0) {
            long left = Math.max(0, deadline - task.monotonicNanos());
            TimeArgs.writeTimespec(task, timeout, left);
        }
        return n;
    }

    private static int receiveMany(
            Task task, Socket socket, long messages, int count, int flags, long deadline)
            throws ErrnoException {
        int n = 0;
        boolean noWait = noWait(socket, flags);
        try {
            while (Integer.compareUnsigned(n, count) < 0) {
                long at = messages + (long) n * MsghdrStruct.MMSGHDR_SIZE;
                MessageHeader header = new MessageHeader(task, at);
                SocketMessage received = new SocketMessage(header.data, flags & ~MSG_WAITFORONE);
                int length = (int) receive(task, socket, header, received, noWait);
                task.memory().putInt(at + MsghdrStruct.MSG_LEN, length);
                n++;
                noWait |= (flags & MSG_WAITFORONE) != 0;
                boolean late = deadline != Long.MAX_VALUE && task.monotonicNanos() >= deadline;
                if (late || (received.resultFlags & MSG_OOB) != 0) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (n == 0) {
                throw e;
            }
            socket.keepError(e.errno);
        }
        return n;
    }

    private static long send(Task task, Socket socket, MessageHeader header, int flags)
            throws ErrnoException {
        SocketMessage message = new SocketMessage(header.data, flags & ~INTERNAL_FLAGS);
        if (header.nameLength > 0) {
            message.address = SocketArgs.address(task, header.name, header.nameLength);
        }
        message.control = header.copyControl(task);
        message.sender = new TaskSender(task);
        try {
            return SocketTransfer.send(task, socket, message, noWait(socket, flags));
        } finally {
            message.release();
        }
    }

    private static long receive(
            Task task, Socket socket, MessageHeader header, SocketMessage message, boolean noWait)
            throws ErrnoException {
        message.wantsAddress = header.name != 0;
        message.setControlCapacity(header.controlCapacity());
        message.resultFlags = message.flags & MSG_CMSG_CLOEXEC;
        try {
            long n = SocketTransfer.receive(task, socket, message, noWait);
            int controlLength = ControlOutput.write(task, header.control, message);
            long at = header.address;
            if (header.name != 0) {
                byte[] from = message.address;
                byte[] found = from == null ? new byte[0] : from;
                SocketArgs.putAddress(task, found, header.name, at + MsghdrStruct.MSG_NAMELEN);
            }
            task.memory().putInt(at + MsghdrStruct.MSG_FLAGS, message.resultFlags);
            task.memory().putLong(at + MsghdrStruct.MSG_CONTROLLEN, controlLength);
            return n;
        } finally {
            message.release();
        }
    }

    private static boolean noWait(Socket socket, int flags) {
        return (flags & MSG_DONTWAIT) != 0 || socket.isNonBlocking();
    }

    /** A range that is too long is cut before it is looked at (Linux: import_ubuf). */
    private static IovIter range(Task task, long address, long length) throws ErrnoException {
        boolean tooLong = Long.compareUnsigned(length, UserArgs.MAX_RW_COUNT) > 0;
        long count = tooLong ? UserArgs.MAX_RW_COUNT : length;
        UserArgs.checkRange(address, count);
        return task.memory().iter(address, count);
    }
}
