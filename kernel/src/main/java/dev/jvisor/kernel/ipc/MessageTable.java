// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.ipc.MessageQueue.Message;
import dev.jvisor.kernel.ipc.MessageQueue.Receiver;
import dev.jvisor.kernel.ipc.MessageQueue.Search;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import org.jspecify.annotations.Nullable;

/** System V message queues (Linux: ipc/msg.c). */
public final class MessageTable extends IpcTable<MessageQueue> {

    public static final int MSG_NOERROR = 010000;
    public static final int MSG_EXCEPT = 020000;
    public static final int MSG_COPY = 040000;

    /** Bytes of all queues that the Sentry has memory for, with {@link #OVERHEAD} for each. */
    private static final long TOTAL_MAX = 32L << 20;

    private static final int OVERHEAD = 128;

    // Constants that IPC_INFO reports (uapi/linux/msg.h).
    private static final int MSGPOOL = 512000;
    private static final int MSGMAP = 16384;
    private static final int MSGSSZ = 16;
    private static final int MSGSEG = 0xffff;

    private final IpcLimits limits;
    private long totalBytes;
    private int totalMessages;

    MessageTable(IpcLimits limits) {
        this.limits = limits;
    }

    private static long seconds(Task task) {
        return Math.floorDiv(task.realtimeNanos(), 1_000_000_000L);
    }

    /** The most bytes of a message. */
    public int messageMax() {
        return limits.msgmax;
    }

    /** msgget(2): EEXIST, ENOENT, EACCES, ENOSPC. */
    public int get(Task task, int key, int flags) throws ErrnoException {
        return get(task.credentials(), key, flags, 0, seconds(task));
    }

    @Override
    void checkFound(MessageQueue found, long wanted) {}

    @Override
    MessageQueue make(Credentials who, int key, int flags, long unused, long nowSeconds) {
        return new MessageQueue(key, flags, who, nowSeconds, limits.msgmnb);
    }

    @Override
    void discarded(MessageQueue queue) {
        for (Message message : queue.messages) {
            uncharge(message);
        }
        queue.messages.clear();
        queue.failAll(Errno.EIDRM);
    }

    @Override
    int countMax() {
        return limits.msgmni;
    }

    private void uncharge(Message message) {
        totalBytes -= message.text().length;
        totalMessages--;
    }

    /**
     * msgsnd(2) with arguments that were checked.
     *
     * @throws ErrnoException EINVAL, EACCES, EAGAIN, EIDRM, ENOMEM, ERESTARTNOHAND
     */
    public void send(Task task, int id, Message message, boolean noWait) throws ErrnoException {
        MessageQueue queue;
        synchronized (this) {
            queue = find(id);
        }
        try {
            while (!trySend(task, queue, message, noWait)) {
                try {
                    task.sleep(Long.MAX_VALUE);
                } catch (ErrnoException signal) {
                    throw Errno.ERESTARTNOHAND.exception();
                }
            }
        } finally {
            synchronized (this) {
                queue.removeSender(task);
            }
        }
    }

    private synchronized boolean trySend(
            Task task, MessageQueue queue, Message message, boolean noWait) throws ErrnoException {
        if (queue.removed) {
            throw Errno.EIDRM.exception();
        }
        queue.checkAccess(task.credentials(), IpcObject.WRITE);
        if (!queue.hasRoom(message.text().length)) {
            if (noWait) {
                throw Errno.EAGAIN.exception();
            }
            queue.addSender(task);
            return false;
        }
        long now = seconds(task);
        if (!queue.hand(message, now)) {
            long all = totalBytes + message.text().length + (totalMessages + 1L) * OVERHEAD;
            if (all > TOTAL_MAX) {
                throw Errno.ENOMEM.exception();
            }
            queue.messages.add(message);
            queue.bytes += message.text().length;
            totalBytes += message.text().length;
            totalMessages++;
        }
        queue.lastSender = task.threadGroup().id();
        queue.sendSeconds = now;
        return true;
    }

    /**
     * msgrcv(2) with arguments that were checked.
     *
     * @param room most bytes wanted
     * @param flags IPC_NOWAIT and {@code MSG_*}
     * @throws ErrnoException EINVAL, EACCES, E2BIG, ENOMSG, EIDRM, ERESTARTNOHAND
     */
    public Message receive(Task task, int id, long room, long type, int flags)
            throws ErrnoException {
        Receiver receiver = receiver(task, room, type, flags);
        MessageQueue queue;
        synchronized (this) {
            queue = find(id);
            Message now = tryReceive(task, queue, receiver, flags);
            if (now != null) {
                return now;
            }
        }
        for (; ; ) {
            boolean interrupted = false;
            try {
                task.sleep(Long.MAX_VALUE);
            } catch (ErrnoException signal) {
                interrupted = true;
            }
            synchronized (this) {
                Message message = receiver.message;
                if (message != null) {
                    return message;
                }
                Errno failure = receiver.failure;
                if (failure == Errno.EAGAIN) { // the queue's attributes changed
                    receiver.failure = null;
                    Message now = tryReceive(task, queue, receiver, flags);
                    if (now != null) {
                        return now;
                    }
                } else if (failure != null) {
                    throw failure.exception();
                }
                if (interrupted) {
                    queue.removeReceiver(receiver);
                    throw Errno.ERESTARTNOHAND.exception();
                }
            }
        }
    }

    private static Receiver receiver(Task task, long room, long type, int flags) {
        boolean truncates = (flags & MSG_NOERROR) != 0;
        Search search;
        long wanted = type;
        if ((flags & MSG_COPY) != 0) {
            search = Search.POSITION;
        } else if (type == 0) {
            search = Search.ANY;
        } else if (type < 0) {
            search = Search.LESS_OR_EQUAL;
            wanted = type == Long.MIN_VALUE ? Long.MAX_VALUE : -type;
        } else {
            search = (flags & MSG_EXCEPT) != 0 ? Search.NOT_EQUAL : Search.EQUAL;
        }
        return new Receiver(task, search, wanted, room, truncates);
    }

    /** Takes a message, or null: the receiver was enqueued. */
    private @Nullable Message tryReceive(
            Task task, MessageQueue queue, Receiver receiver, int flags) throws ErrnoException {
        if (queue.removed) {
            throw Errno.EIDRM.exception();
        }
        queue.checkAccess(task.credentials(), IpcObject.READ);
        Message message = queue.search(receiver);
        if (message != null) {
            if (!receiver.fits(message)) {
                throw Errno.E2BIG.exception();
            }
            if ((flags & MSG_COPY) == 0) {
                queue.take(message);
                uncharge(message);
                queue.lastReceiver = task.threadGroup().id();
                queue.receiveSeconds = seconds(task);
            }
            return message;
        }
        if ((flags & IPC_NOWAIT) != 0) {
            throw Errno.ENOMSG.exception();
        }
        queue.addReceiver(receiver);
        return null;
    }

    /** IPC_SET with a {@code struct msqid64_ds}. EINVAL, EPERM. */
    public synchronized void set(Task task, int id, byte[] status) throws ErrnoException {
        MessageQueue queue = find(id);
        queue.checkControl(task.credentials());
        long bytesMax = LittleEndian.getLong(status, 88);
        if (Long.compareUnsigned(bytesMax, limits.msgmnb) > 0
                && !task.credentials().has(Capabilities.CAP_SYS_RESOURCE)) {
            throw Errno.EPERM.exception();
        }
        queue.set(status, seconds(task));
        queue.bytesMax = bytesMax < 0 ? Long.MAX_VALUE : bytesMax;
        queue.failAll(Errno.EAGAIN);
    }

    /**
     * IPC_INFO and MSG_INFO: {@code struct msginfo}, 32 bytes; returns the highest place.
     *
     * @param usage whether it tells how much is in use
     */
    public synchronized int info(byte[] b, boolean usage) {
        int[] fields = {
            usage ? count() : MSGPOOL,
            usage ? totalMessages : MSGMAP,
            limits.msgmax,
            limits.msgmnb,
            limits.msgmni,
            MSGSSZ,
            usage ? (int) totalBytes : MSGMAP,
            MSGSEG,
        };
        for (int i = 0; i < fields.length; i++) {
            LittleEndian.putInt(b, i * Integer.BYTES, fields[i]);
        }
        return highestPlace();
    }

    @Override
    public synchronized void list(StringBuilder out) {
        for (MessageQueue q : objects()) {
            column(out, q.key, 10).append(' ');
            column(out, q.id, 10).append("  ");
            column(out, Integer.toOctalString(q.mode), 4).append("  ");
            column(out, q.bytes, 10).append(' ');
            column(out, q.messages.size(), 10).append(' ');
            column(out, q.lastSender, 5).append(' ');
            column(out, q.lastReceiver, 5).append(' ');
            owners(out, q);
            column(out, q.sendSeconds, 10).append(' ');
            column(out, q.receiveSeconds, 10).append(' ');
            column(out, q.changeSeconds, 10).append('\n');
        }
    }
}
