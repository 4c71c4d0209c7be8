// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc.mqueue;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;

/** A POSIX message queue. */
final class Queue extends Inode {

    /** What stat(2) says: room for the line that reading gives. */
    private static final int TEXT_SIZE = 80;

    private static final int BLOCK_BYTES = 4096;

    /** SIGEV_NONE and SIGEV_SIGNAL of sigevent(7). */
    static final int NOTIFY_SIGNAL = 0;

    static final int NOTIFY_NONE = 1;

    /** A message. */
    record Message(int priority, byte[] text) {}

    /** Who is told of the first message. */
    record Registration(ThreadGroup group, int how, int signal, long value) {}

    private final QueueFilesystem filesystem;
    private final long number;
    private final int creator;
    private final long bornNanos;
    final QueueAttributes attributes;
    final WaitQueue waiters = new WaitQueue();

    // Guarded by this.
    private int mode;
    private int uid;
    private int gid;
    private final TreeMap<Integer, ArrayDeque<Message>> messages = new TreeMap<>();
    private int count;
    private long bytes;
    private int receivers;
    private @Nullable Registration registration;
    private int open;
    private boolean unlinked;
    private boolean dismissed;

    Queue(QueueFilesystem filesystem, CallContext context, int mode, QueueAttributes attributes) {
        this.filesystem = filesystem;
        this.number = filesystem.nextNumber();
        this.mode = StatMode.S_IFREG | mode;
        this.uid = context.credentials().fsuid();
        this.gid = context.credentials().fsgid();
        this.creator = context.credentials().euid();
        this.bornNanos = context.realtimeNanos();
        this.attributes = attributes;
    }

    long number() {
        return number;
    }

    @Override
    public synchronized int mode() {
        return mode;
    }

    @Override
    public synchronized int uid() {
        return uid;
    }

    @Override
    public synchronized int gid() {
        return gid;
    }

    @Override
    public void getAttributes(CallContext context, FileStatus result) {
        result.device = filesystem.deviceId();
        result.inode = number;
        result.mode = mode();
        synchronized (this) {
            result.links = unlinked ? 0 : 1;
        }
        result.uid = uid();
        result.gid = gid();
        result.size = TEXT_SIZE;
        result.blockSize = BLOCK_BYTES;
        long seconds = Math.floorDiv(bornNanos, 1_000_000_000L);
        int nanos = (int) Math.floorMod(bornNanos, 1_000_000_000L);
        result.accessSeconds = result.modifySeconds = result.changeSeconds = seconds;
        result.accessNanos = result.modifyNanos = result.changeNanos = nanos;
    }

    @Override
    public synchronized void setAttributes(CallContext context, Changes changes) {
        if (changes.setMode) {
            mode = StatMode.S_IFREG | changes.mode & 07777;
        }
        if (changes.setUid) {
            uid = changes.uid;
        }
        if (changes.setGid) {
            gid = changes.gid;
        }
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags) {
        synchronized (this) {
            open++;
        }
        return new QueueFile(this, path, flags);
    }

    @Override
    public Filesystem filesystem() {
        return filesystem;
    }

    void unlinked() {
        synchronized (this) {
            unlinked = true;
        }
        dismissIfUnused();
    }

    void closed() {
        synchronized (this) {
            open--;
        }
        dismissIfUnused();
    }

    private void dismissIfUnused() {
        synchronized (this) {
            if (!unlinked || open != 0 || dismissed) {
                return;
            }
            dismissed = true;
            for (ArrayDeque<Message> all : messages.values()) {
                for (Message m : all) {
                    filesystem.uncharge(m.text.length);
                }
            }
            messages.clear();
            count = 0;
        }
        filesystem.dismiss(creator, attributes);
    }

    synchronized int count() {
        return count;
    }

    synchronized int poll() {
        int events = count > 0 ? Poll.POLLIN | Poll.POLLRDNORM : 0;
        return count < attributes.messagesMax() ? events | Poll.POLLOUT | Poll.POLLWRNORM : events;
    }

    /** One more or one fewer task waits for a message. */
    synchronized void countReceiver(int change) {
        receivers += change;
    }

    /** Adds a message; EAGAIN if the queue is full, ENOMEM. */
    void send(Task task, Message message) throws ErrnoException {
        Registration told = null;
        synchronized (this) {
            if (count >= attributes.messagesMax()) {
                throw Errno.EAGAIN.exception();
            }
            filesystem.charge(message.text.length);
            messages.computeIfAbsent(-message.priority, unused -> new ArrayDeque<>())
                    .add(message);
            count++;
            bytes += message.text.length;
            if (count == 1 && receivers == 0) {
                told = registration;
                registration = null;
            }
        }
        waiters.notify(Poll.POLLIN | Poll.POLLRDNORM);
        if (told != null && told.how == NOTIFY_SIGNAL) {
            int pid = task.threadGroup().id();
            int uid = task.credentials().uid();
            Signals.sendToGroup(
                    told.group, SigInfo.messageQueue(told.signal, pid, uid, told.value));
        }
    }

    /** Takes the oldest message of the highest priority; EAGAIN if there is none. */
    Message receive() throws ErrnoException {
        Message message;
        synchronized (this) {
            Map.Entry<Integer, ArrayDeque<Message>> first = messages.firstEntry();
            if (first == null) {
                throw Errno.EAGAIN.exception();
            }
            message = first.getValue().removeFirst();
            if (first.getValue().isEmpty()) {
                messages.remove(first.getKey());
            }
            count--;
            bytes -= message.text.length;
            filesystem.uncharge(message.text.length);
        }
        waiters.notify(Poll.POLLOUT | Poll.POLLWRNORM);
        return message;
    }

    /** mq_notify(2). EBUSY if somebody is registered. */
    synchronized void register(@Nullable Registration wanted, ThreadGroup group)
            throws ErrnoException {
        Registration now = registration;
        if (wanted == null) {
            if (now != null && now.group == group) {
                registration = null;
            }
            return;
        }
        if (now != null) {
            throw Errno.EBUSY.exception();
        }
        registration = wanted;
    }

    /** The line that reading gives. */
    synchronized String text() {
        Registration r = registration;
        return field("QSIZE:", bytes, 10)
                + field(" NOTIFY:", r == null ? 0 : r.how, 5)
                + field(" SIGNO:", r == null || r.how != NOTIFY_SIGNAL ? 0 : r.signal, 5)
                + field(" NOTIFY_PID:", r == null ? 0 : r.group.id(), 6)
                + "\n";
    }

    private static String field(String name, long value, int width) {
        String digits = Long.toString(value);
        return name + digits + " ".repeat(Math.max(width - digits.length(), 0));
    }
}
