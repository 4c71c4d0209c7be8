// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.socket;

import static dev.jvisor.platform.abi.Socket.MSG_ERRQUEUE;
import static dev.jvisor.platform.abi.Socket.MSG_OOB;
import static dev.jvisor.platform.abi.Socket.MSG_PEEK;
import static dev.jvisor.platform.abi.Socket.MSG_WAITALL;
import static dev.jvisor.platform.abi.Socket.SOCK_STREAM;

import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.net.socket.SocketCall;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;

/** Sends, receives and connects that wait where the socket says "would block". */
public final class SocketTransfer {

    private static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM | Poll.EPOLLRDHUP;
    private static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM;
    private static final long FOREVER = Long.MAX_VALUE;

    /** Not yet known: it is the time of the first wait plus the time-out. */
    private static final long UNSET = Long.MIN_VALUE;

    private SocketTransfer() {}

    /** read(2): of nothing it is not even a receive. */
    public static long read(Task task, Socket socket, IovIter to, boolean noWait)
            throws ErrnoException {
        if (to.remaining() == 0) {
            return 0;
        }
        SocketMessage message = new SocketMessage(to, 0);
        try {
            return receive(task, socket, message, noWait);
        } finally {
            message.release();
        }
    }

    /** write(2). */
    public static long write(Task task, Socket socket, IovIter from, boolean noWait)
            throws ErrnoException {
        return send(task, socket, new SocketMessage(from, 0), noWait);
    }

    /**
     * Receives one message, or what a stream has; with MSG_WAITALL (or SO_RCVLOWAT) as much as is
     * asked for, unless a signal, an error or the end comes before.
     *
     * @return bytes, or with MSG_TRUNC how long the datagram is
     */
    public static long receive(Task task, Socket socket, SocketMessage message, boolean noWait)
            throws ErrnoException {
        message.noWait = noWait;
        long deadline = UNSET;
        long least = leastBytes(socket, message);
        for (; ; ) {
            try {
                long n = socket.receive(task, message);
                message.transferred += n;
                boolean enough = message.transferred >= least || message.data.remaining() == 0;
                if (n == 0 || enough || message.isComplete || noWait) {
                    return message.transferred;
                }
                continue;
            } catch (ErrnoException e) {
                if (e.errno != Errno.EAGAIN || noWait) {
                    return partial(message, e);
                }
            }
            try {
                long timeout = socket.options().receiveTimeoutNanos();
                deadline = deadline == UNSET ? deadline(task, timeout) : deadline;
                await(task, socket, message, READABLE, deadline, timeout);
            } catch (ErrnoException e) {
                return partial(message, e);
            }
        }
    }

    /** How many bytes end a receive call. Peeking takes what there is. */
    private static long leastBytes(Socket socket, SocketMessage message) {
        if (socket.type() != SOCK_STREAM || message.has(MSG_PEEK | MSG_OOB | MSG_ERRQUEUE)) {
            return 0;
        }
        return message.has(MSG_WAITALL) ? Long.MAX_VALUE : socket.options().receiveLowWater();
    }

    /** Sends a message, or all of a stream's bytes; what was sent before an error is the result. */
    public static long send(Task task, Socket socket, SocketMessage message, boolean noWait)
            throws ErrnoException {
        message.noWait = noWait;
        if (message.control.length > 0) {
            socket.prepareSend(task, message);
        }
        long deadline = UNSET;
        for (; ; ) {
            try {
                message.transferred += socket.send(task, message);
                boolean all = message.data.remaining() == 0 || socket.type() != SOCK_STREAM;
                if (all || noWait) {
                    return message.transferred;
                }
                continue;
            } catch (ErrnoException e) {
                if (e.errno != Errno.EAGAIN || noWait) {
                    return partial(message, e);
                }
            }
            try {
                long timeout = socket.options().sendTimeoutNanos();
                deadline = deadline == UNSET ? deadline(task, timeout) : deadline;
                await(task, socket, message, WRITABLE, deadline, timeout);
            } catch (ErrnoException e) {
                return partial(message, e);
            }
        }
    }

    private static long partial(SocketMessage message, ErrnoException error) throws ErrnoException {
        if (message.transferred > 0) {
            return message.transferred;
        }
        throw error;
    }

    /** Takes a connection. */
    static Socket accept(Task task, Socket socket) throws ErrnoException {
        SocketCall call = new SocketCall();
        long deadline = UNSET;
        for (; ; ) {
            try {
                return socket.accept(task);
            } catch (ErrnoException e) {
                if (e.errno != Errno.EAGAIN || socket.isNonBlocking()) {
                    throw e;
                }
            }
            long timeout = socket.options().receiveTimeoutNanos();
            deadline = deadline == UNSET ? deadline(task, timeout) : deadline;
            await(task, socket, call, READABLE, deadline, timeout);
        }
    }

    /** Connects, and waits for it unless the socket is non-blocking. */
    static void connect(Task task, Socket socket, byte[] address) throws ErrnoException {
        SocketCall call = new SocketCall();
        call.noWait = socket.isNonBlocking();
        long timeout = socket.options().sendTimeoutNanos();
        long deadline = UNSET;
        for (; ; ) {
            try {
                socket.connect(task, address, call);
                return;
            } catch (ErrnoException e) {
                boolean underWay = e.errno == Errno.EINPROGRESS || e.errno == Errno.EALREADY;
                if (!underWay && e.errno != Errno.EAGAIN || socket.isNonBlocking()) {
                    throw e;
                }
                deadline = deadline == UNSET ? deadline(task, timeout) : deadline;
                if (underWay) {
                    awaitConnection(task, socket, call, deadline, timeout);
                    return;
                }
                await(task, socket, call, WRITABLE, deadline, timeout);
            }
        }
    }

    private static void awaitConnection(
            Task task, Socket socket, SocketCall call, long deadline, long timeout)
            throws ErrnoException {
        call.blockedOn = null;
        for (; ; ) {
            try {
                socket.finishConnect(task);
                return;
            } catch (ErrnoException e) {
                if (e.errno != Errno.EINPROGRESS) {
                    throw e;
                }
            }
            try {
                await(task, socket, call, WRITABLE, deadline, timeout);
            } catch (ErrnoException e) {
                throw e.errno == Errno.EAGAIN ? Errno.EINPROGRESS.exception() : e;
            }
        }
    }

    private static long deadline(Task task, long timeoutNanos) {
        return timeoutNanos == FOREVER
                ? FOREVER
                : task.kernel().clocks().deadlineAfter(timeoutNanos);
    }

    /**
     * Waits until it is worth to try again.
     *
     * @param timeoutNanos with a time-out a call that a signal interrupts is not restarted
     * @throws ErrnoException EAGAIN when the time is over, ERESTARTSYS or EINTR
     */
    private static void await(
            Task task, Socket socket, SocketCall call, int events, long deadline, long timeoutNanos)
            throws ErrnoException {
        if (timeoutNanos == 0) {
            throw Errno.EAGAIN.exception();
        }
        boolean ready;
        try {
            // A socket that is ready for others only must not keep the task from its signals.
            if (task.hasPendingSignal()) {
                throw Errno.ERESTARTSYS.exception();
            }
            SocketCall.WaitPoint point = call.blockedOn;
            ready = point == null
                    ? task.waitFor(socket, events, deadline)
                    : waitFor(task, point, deadline);
        } catch (ErrnoException e) {
            boolean signal = e.errno == Errno.ERESTARTSYS;
            throw signal && timeoutNanos != FOREVER ? Errno.EINTR.exception() : e;
        }
        if (!ready) {
            throw Errno.EAGAIN.exception();
        }
    }

    private static boolean waitFor(Task task, SocketCall.WaitPoint point, long deadline)
            throws ErrnoException {
        WaitQueue queue = point.queue();
        WaitQueue.Entry entry = task.newWaitEntry(-1);
        queue.add(entry);
        try {
            while (!point.isReady()) {
                if (!task.sleep(deadline)) {
                    return point.isReady();
                }
            }
            return true;
        } finally {
            queue.remove(entry);
        }
    }
}
