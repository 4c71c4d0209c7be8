// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.anon;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Eventfd;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;

/** eventfd(2): a counter to wait for. */
public final class EventFile extends FileDescription {

    private static final int KNOWN_FLAGS =
            Eventfd.EFD_SEMAPHORE | Eventfd.EFD_NONBLOCK | Eventfd.EFD_CLOEXEC;

    private final WaitQueue queue = new WaitQueue();
    private final boolean semaphore;

    /** Unsigned, at most 2^64 - 2 (the very last value marks an overflow); guarded by this. */
    private long count;

    private EventFile(long count, int flags) {
        super(
                AnonInodes.place("[eventfd]"),
                Fcntl.O_RDWR | ((flags & Eventfd.EFD_NONBLOCK) != 0 ? Fcntl.O_NONBLOCK : 0));
        this.count = count;
        this.semaphore = (flags & Eventfd.EFD_SEMAPHORE) != 0;
    }

    /**
     * Makes one.
     *
     * @param initial low 32 bits count
     * @throws ErrnoException EINVAL for unknown flags
     */
    public static EventFile create(int initial, int flags) throws ErrnoException {
        if ((flags & ~KNOWN_FLAGS) != 0) {
            throw Errno.EINVAL.exception();
        }
        return new EventFile(initial & 0xffffffffL, flags);
    }

    @Override
    public Inode inode() {
        return AnonInodes.inode();
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        if (destination.remaining() < Long.BYTES) {
            throw Errno.EINVAL.exception();
        }
        long value;
        synchronized (this) {
            if (count == 0) {
                throw Errno.EAGAIN.exception();
            }
            value = semaphore ? 1 : count;
            count -= value;
        }
        queue.notify(Poll.POLLOUT | Poll.POLLWRNORM);
        byte[] bytes = new byte[Long.BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[i] = (byte) (value >>> 8 * i);
        }
        if (destination.copyTo(bytes, 0, Long.BYTES) < Long.BYTES) {
            throw Errno.EFAULT.exception();
        }
        return Long.BYTES;
    }

    @Override
    public long writeAt(CallContext context, IovIter source, long offset) throws ErrnoException {
        if (source.remaining() != Long.BYTES) {
            throw Errno.EINVAL.exception();
        }
        byte[] bytes = new byte[Long.BYTES];
        if (source.copyFrom(bytes, 0, Long.BYTES) < Long.BYTES) {
            throw Errno.EFAULT.exception();
        }
        long value = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            value = value << 8 | bytes[i] & 0xff;
        }
        if (value == -1) {
            throw Errno.EINVAL.exception();
        }
        synchronized (this) {
            if (Long.compareUnsigned(-2 - count, value) < 0) {
                source.revert(Long.BYTES);
                throw Errno.EAGAIN.exception();
            }
            count += value;
        }
        queue.notify(Poll.POLLIN | Poll.POLLRDNORM);
        return Long.BYTES;
    }

    @Override
    public synchronized int poll() {
        int events = count != 0 ? Poll.POLLIN : 0;
        return Long.compareUnsigned(count, -2) < 0 ? events | Poll.POLLOUT : events;
    }

    /** Accepted without effect (Linux: noop_llseek). */
    @Override
    public long seek(CallContext context, long offset, int whence) {
        return 0;
    }

    @Override
    public WaitQueue waitQueue() {
        return queue;
    }
}
