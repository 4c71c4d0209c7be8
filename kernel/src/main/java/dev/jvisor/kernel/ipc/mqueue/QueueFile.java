// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc.mqueue;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/** An open POSIX message queue. */
public final class QueueFile extends FileDescription {

    /** A message that was received. */
    public record Received(int priority, byte[] text) {}

    private final Queue queue;

    QueueFile(Queue queue, VfsPath path, int flags) {
        super(path, flags);
        this.queue = queue;
    }

    @Override
    public Inode inode() {
        return queue;
    }

    public QueueAttributes attributes() {
        return queue.attributes;
    }

    /** Messages that wait. */
    public int count() {
        return queue.count();
    }

    /**
     * Sends a message, waiting for room.
     *
     * @param deadlineNanos CLOCK_MONOTONIC
     * @throws ErrnoException EMSGSIZE was checked; EAGAIN, ETIMEDOUT, ENOMEM, ERESTARTSYS
     */
    public void send(Task task, int priority, byte[] text, long deadlineNanos)
            throws ErrnoException {
        Queue.Message message = new Queue.Message(priority, text);
        for (; ; ) {
            try {
                queue.send(task, message);
                return;
            } catch (ErrnoException e) {
                if (e.errno != Errno.EAGAIN || isNonBlocking()) {
                    throw e;
                }
            }
            if (!task.waitFor(this, Poll.POLLOUT, deadlineNanos)) {
                throw Errno.ETIMEDOUT.exception();
            }
        }
    }

    /** Receives a message, waiting for one; errors as {@link #send}. */
    public Received receive(Task task, long deadlineNanos) throws ErrnoException {
        boolean counted = false;
        try {
            for (; ; ) {
                try {
                    Queue.Message message = queue.receive();
                    return new Received(message.priority(), message.text());
                } catch (ErrnoException e) {
                    if (e.errno != Errno.EAGAIN || isNonBlocking()) {
                        throw e;
                    }
                }
                if (!counted) {
                    queue.countReceiver(1);
                    counted = true;
                }
                if (!task.waitFor(this, Poll.POLLIN, deadlineNanos)) {
                    throw Errno.ETIMEDOUT.exception();
                }
            }
        } finally {
            if (counted) {
                queue.countReceiver(-1);
            }
        }
    }

    /** mq_notify(2) with SIGEV_SIGNAL or SIGEV_NONE. EBUSY. */
    public void register(Task task, int how, int signal, long value) throws ErrnoException {
        queue.register(
                new Queue.Registration(task.threadGroup(), how, signal, value), task.threadGroup());
    }

    /** Ends the caller's registration, if there is one. */
    public void unregister(Task task) {
        try {
            queue.register(null, task.threadGroup());
        } catch (ErrnoException e) {
            // never for an end
        }
    }

    @Override
    public void onDescriptorClosed(CallContext context) {
        if (context instanceof Task task) {
            unregister(task);
        }
        super.onDescriptorClosed(context);
    }

    @Override
    public boolean isSeekable() {
        return true;
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        byte[] text = queue.text().getBytes(StandardCharsets.ISO_8859_1);
        if (offset >= text.length) {
            return 0;
        }
        int left = text.length - (int) offset;
        return destination.copyTo(text, (int) offset, left);
    }

    @Override
    public int poll() {
        return queue.poll();
    }

    @Override
    public @Nullable WaitQueue waitQueue() {
        return queue.waiters;
    }

    @Override
    protected void onRelease() {
        queue.closed();
    }
}
