// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc.mqueue;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.kernfs.KernfsFilesystem;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Mount;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Resource;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;

/** The queues of an IPC namespace as files (type {@code mqueue}). */
public final class QueueFilesystem extends KernfsFilesystem {

    private static final int MQUEUE_MAGIC = 0x19800202;
    private static final int BLOCK_BYTES = 4096;

    /** What the kernel needs for a message and a priority, in the account of a user. */
    private static final int NODE_BYTES = 48;

    private static final int TREE_BYTES = 80;

    /** Bytes of messages that the Sentry has memory for. */
    private static final long TOTAL_MAX = 32L << 20;

    private static final long MESSAGE_OVERHEAD = 128;
    private static final int PRIORITIES_MAX = 32768;

    private final QueueLimits limits = new QueueLimits();
    private final QueueDirectory root;
    private final Mount mount;
    private final HashMap<Integer, Long> users = new HashMap<>(); // guarded by this
    private int queues; // guarded by this
    private long totalBytes; // guarded by this

    /** Attributes for the queue that a thread's call is about to make. */
    private final ThreadLocal<@Nullable QueueAttributes> wanted = new ThreadLocal<>();

    public QueueFilesystem(long bornNanos) {
        super(MQUEUE_MAGIC, BLOCK_BYTES, bornNanos);
        root = new QueueDirectory(this);
        mount = Mount.internal(this);
    }

    public QueueLimits limits() {
        return limits;
    }

    @Override
    public String type() {
        return "mqueue";
    }

    @Override
    public Inode root() {
        return root;
    }

    /** Where names of queues start. */
    public VfsPath rootPath() {
        return new VfsPath(mount, rootDentry());
    }

    /** Sets the attributes of a queue that this thread is about to make, or forgets them. */
    public void setWanted(@Nullable QueueAttributes attributes) {
        if (attributes == null) {
            wanted.remove();
        } else {
            wanted.set(attributes);
        }
    }

    /**
     * Accounts for a new queue.
     *
     * @return its attributes
     * @throws ErrnoException ENOSPC, EINVAL, EOVERFLOW, EMFILE
     */
    QueueAttributes admit(CallContext context) throws ErrnoException {
        Credentials who = context.credentials();
        boolean privileged = who.has(Capabilities.CAP_SYS_RESOURCE);
        QueueAttributes asked = wanted.get();
        QueueAttributes a = asked;
        synchronized (this) {
            if (queues >= limits.queuesMax && !privileged || queues >= PRIORITIES_MAX) {
                throw Errno.ENOSPC.exception();
            }
            if (a == null) {
                a = new QueueAttributes(
                        Math.min(limits.messagesMax, limits.messagesDefault),
                        Math.min(limits.bytesMax, limits.bytesDefault));
            }
            long most = privileged ? QueueLimits.HARD_MESSAGES_MAX : limits.messagesMax;
            long longest = privileged ? QueueLimits.HARD_BYTES_MAX : limits.bytesMax;
            if (a.messagesMax() <= 0
                    || a.bytesMax() <= 0
                    || a.messagesMax() > most
                    || a.bytesMax() > longest) {
                throw Errno.EINVAL.exception();
            }
            long bytes = users.getOrDefault(who.euid(), 0L) + cost(a);
            if (Long.compareUnsigned(bytes, context.limit(Resource.RLIMIT_MSGQUEUE)) > 0) {
                throw Errno.EMFILE.exception();
            }
            users.put(who.euid(), bytes);
            queues++;
        }
        return a;
    }

    private static long cost(QueueAttributes a) {
        long tree = a.messagesMax() * NODE_BYTES
                + Math.min(a.messagesMax(), PRIORITIES_MAX) * TREE_BYTES;
        return tree + a.messagesMax() * a.bytesMax();
    }

    synchronized void dismiss(int uid, QueueAttributes attributes) {
        queues--;
        long bytes = users.getOrDefault(uid, 0L) - cost(attributes);
        if (bytes <= 0) {
            users.remove(uid);
        } else {
            users.put(uid, bytes);
        }
    }

    /** Accounts for a message; ENOMEM if the Sentry has no memory for it. */
    synchronized void charge(int length) throws ErrnoException {
        long bytes = length + MESSAGE_OVERHEAD;
        if (totalBytes + bytes > TOTAL_MAX) {
            throw Errno.ENOMEM.exception();
        }
        totalBytes += bytes;
    }

    synchronized void uncharge(int length) {
        totalBytes -= length + MESSAGE_OVERHEAD;
    }
}
