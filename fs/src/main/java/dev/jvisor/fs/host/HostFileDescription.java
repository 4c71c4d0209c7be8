// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.host;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostPoll;
import dev.jvisor.platform.host.HostTty;
import dev.jvisor.platform.host.NativeBuffer;

import org.jspecify.annotations.Nullable;

/**
 * A descriptor of the user's in the sandbox: standard input, output, error.
 *
 * <p>Reads and writes use the host's own file offset and O_APPEND, which the user's shell shares.
 * Nothing waits in the host: pipes, terminals and sockets are tried without waiting. The caller's
 * O_NONBLOCK is never changed; the guest's is ours alone.
 */
public final class HostFileDescription extends FileDescription {

    private static final int RWF_NOWAIT = 8;
    private static final int RWF_APPEND = 16;

    /** The descriptor's own offset, for preadv2(2). */
    private static final long CURRENT = -1;

    /** linux/limits.h: writes up to this size to a pipe are not mixed with others'. */
    private static final int PIPE_BUF = 4096;

    /**
     * Most bytes of one write after poll(2) said that there is room, where the host cannot be told
     * not to wait (terminals).
     */
    private static final int POLLED_WRITE_MAX = 512;

    private static final int READ_EVENTS = Poll.POLLIN | Poll.POLLRDNORM;
    private static final int WRITE_EVENTS = Poll.POLLOUT | Poll.POLLWRNORM;
    private static final int OTHER_EVENTS = Poll.POLLPRI | Poll.EPOLLRDHUP;

    private final HostInode inode;

    /** Whether the position is the host's, as of a descriptor that was passed in; else our own. */
    private final boolean sharesOffset;

    HostFileDescription(HostInode inode, VfsPath path, int flags, boolean sharesOffset) {
        super(path, flags);
        this.inode = inode;
        this.sharesOffset = sharesOffset;
        inode.retain();
    }

    @Override
    protected void onRelease() {
        inode.release();
    }

    @Override
    public Inode inode() {
        return inode;
    }

    /** The host terminal that this is, or null. */
    public @Nullable HostTerminal terminal() {
        return inode.terminal;
    }

    @Override
    public boolean isSeekable() {
        return inode.hasOffset();
    }

    /** The position of a descriptor that the caller shares is the host's. */
    @Override
    public long position() {
        if (!sharesOffset || !inode.hasOffset()) {
            return super.position();
        }
        try {
            return HostFiles.lseek(inode.fd, 0, Fcntl.SEEK_CUR);
        } catch (ErrnoException e) {
            throw new SentryBug("lseek errno=" + e.errno, e);
        }
    }

    @Override
    public void setPosition(long position) {
        if (!sharesOffset || !inode.hasOffset()) {
            super.setPosition(position);
            return;
        }
        try {
            HostFiles.lseek(inode.fd, position, Fcntl.SEEK_SET);
        } catch (ErrnoException e) {
            throw new SentryBug("lseek errno=" + e.errno, e);
        }
    }

    // ---- reading ------------------------------------------------------------------------------

    @Override
    public long read(CallContext context, IovIter destination) throws ErrnoException {
        HostTerminal terminal = inode.terminal;
        if (terminal != null) {
            terminal.checkRead(context);
        }
        if (!sharesOffset && inode.hasOffset()) {
            return super.read(context, destination);
        }
        long total = 0;
        try {
            while (destination.remaining() > 0) {
                long address = destination.spanAddress(
                        Math.min(destination.remaining(), HostTransfer.MAX_RW_COUNT), true);
                long want;
                long n;
                if (address != 0) {
                    want = destination.spanLength();
                    n = hostRead(address, want);
                    destination.advance(n);
                } else {
                    want = Math.min(destination.remaining(), HostTransfer.BUFFER_SIZE);
                    NativeBuffer b = NativeBuffer.scratch();
                    int got = (int) hostRead(b.address(), want);
                    n = got == 0 ? 0 : HostTransfer.copyTo(destination, b, got);
                }
                total += n;
                // Of a terminal or socket one read is one line or message.
                if (n < want || inode.isTerminal() || isSocket()) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (total == 0) {
                throw e;
            }
        }
        return total;
    }

    private boolean isSocket() {
        return (inode.mode() & 0170000) == 0140000;
    }

    /** One read at the host's offset that does not wait: EAGAIN. */
    private long hostRead(long address, long length) throws ErrnoException {
        WaitQueue queue = inode.queue;
        if (queue == null) {
            return uninterrupted(address, length, true);
        }
        if (!inode.refusesNoWait) {
            try {
                return HostFiles.preadv2(inode.fd, address, length, CURRENT, RWF_NOWAIT);
            } catch (ErrnoException e) {
                if (e.errno != Errno.EOPNOTSUPP) {
                    throw watching(e, READ_EVENTS);
                }
                inode.refusesNoWait = true;
            }
        }
        int ready = HostPoll.poll(inode.fd, Poll.POLLIN);
        if (ready == 0) {
            throw watching(Errno.EAGAIN.exception(), READ_EVENTS);
        }
        try {
            return HostFiles.read(inode.fd, address, length);
        } catch (ErrnoException e) {
            throw watching(e, READ_EVENTS);
        }
    }

    /**
     * Turns "would block" into a watch if somebody waits; EINTR means that it would have waited.
     */
    private ErrnoException watching(ErrnoException e, int events) throws ErrnoException {
        if (e.errno != Errno.EAGAIN && e.errno != Errno.EINTR) {
            return e;
        }
        watch(events);
        return Errno.EAGAIN.exception();
    }

    private void watch(int events) throws ErrnoException {
        WaitQueue queue = inode.queue;
        if (queue != null && !queue.isEmpty()) {
            HostPoller.watch(inode, events & ~(Poll.POLLRDNORM | Poll.POLLWRNORM));
        }
    }

    private long uninterrupted(long address, long length, boolean reads) throws ErrnoException {
        for (; ; ) {
            try {
                return reads
                        ? HostFiles.read(inode.fd, address, length)
                        : HostFiles.write(inode.fd, address, length);
            } catch (ErrnoException e) {
                if (e.errno != Errno.EINTR) {
                    throw e;
                }
            }
        }
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        return HostTransfer.readAt(inode.fd, destination, offset);
    }

    // ---- writing ------------------------------------------------------------------------------

    @Override
    public long write(CallContext context, IovIter source) throws ErrnoException {
        HostTerminal terminal = inode.terminal;
        if (terminal != null) {
            terminal.checkWrite(context);
        }
        if (!sharesOffset && inode.hasOffset()) {
            return super.write(context, source);
        }
        checkSizeLimit(context);
        long total = 0;
        try {
            while (source.remaining() > 0) {
                long n = writePiece(source);
                total += n;
                if (n == 0) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (e.errno == Errno.EPIPE && inode.isStream()) {
                context.raise(Signals.SIGPIPE);
            }
            if (total == 0) {
                throw e;
            }
        }
        return total;
    }

    private long writePiece(IovIter source) throws ErrnoException {
        long left = source.remaining();
        long address = source.spanAddress(Math.min(left, HostTransfer.MAX_RW_COUNT), false);
        long length = address == 0 ? 0 : source.spanLength();
        boolean atomic = inode.isStream() && left <= PIPE_BUF && length < left;
        if (address != 0 && !atomic) {
            long n = hostWrite(address, length);
            source.advance(n);
            return n;
        }
        int got = HostTransfer.copyFrom(source, (int) Math.min(left, HostTransfer.BUFFER_SIZE));
        long n = 0;
        try {
            n = hostWrite(NativeBuffer.scratch().address(), got);
            return n;
        } finally {
            if (n < got) {
                source.revert(got - n);
            }
        }
    }

    /** One write at the host's offset that does not wait: EAGAIN. */
    private long hostWrite(long address, long length) throws ErrnoException {
        if (inode.queue == null) {
            // Only if the guest asked for O_APPEND itself: the host knows of its own.
            if ((flags() & ~inode.hostFlags & Fcntl.O_APPEND) != 0) {
                return HostFiles.pwritev2(inode.fd, address, length, CURRENT, RWF_APPEND);
            }
            return uninterrupted(address, length, false);
        }
        if (!inode.refusesNoWait) {
            try {
                return HostFiles.pwritev2(inode.fd, address, length, CURRENT, RWF_NOWAIT);
            } catch (ErrnoException e) {
                if (e.errno != Errno.EOPNOTSUPP) {
                    throw watching(e, WRITE_EVENTS);
                }
                inode.refusesNoWait = true;
            }
        }
        if (HostPoll.poll(inode.fd, Poll.POLLOUT) == 0) {
            throw watching(Errno.EAGAIN.exception(), WRITE_EVENTS);
        }
        try {
            return HostFiles.write(inode.fd, address, Math.min(length, POLLED_WRITE_MAX));
        } catch (ErrnoException e) {
            throw watching(e, WRITE_EVENTS);
        }
    }

    /**
     * RLIMIT_FSIZE of the guest: as we do not know where the host will write, only whether it may.
     */
    private void checkSizeLimit(CallContext context) throws ErrnoException {
        if (inode.isStream()) {
            return;
        }
        long limit = context.limit(Resource.RLIMIT_FSIZE);
        if (limit >= 0 && HostFiles.lseek(inode.fd, 0, Fcntl.SEEK_CUR) >= limit) {
            context.raise(Signals.SIGXFSZ);
            throw Errno.EFBIG.exception();
        }
    }

    @Override
    public long writeAt(CallContext context, IovIter source, long offset) throws ErrnoException {
        long limit = context.limit(Resource.RLIMIT_FSIZE);
        if (limit >= 0 && source.remaining() > 0) {
            if (offset >= limit) {
                context.raise(Signals.SIGXFSZ);
                throw Errno.EFBIG.exception();
            }
            source.truncate(limit - offset);
        }
        return HostTransfer.writeAt(inode.fd, source, offset);
    }

    // ---- the rest -----------------------------------------------------------------------------

    @Override
    public long seek(CallContext context, long offset, int whence) throws ErrnoException {
        if (!inode.hasOffset()) {
            throw Errno.ESPIPE.exception();
        }
        if (sharesOffset) {
            return HostFiles.lseek(inode.fd, offset, whence);
        }
        return super.seek(context, offset, whence);
    }

    @Override
    public int poll() {
        WaitQueue queue = inode.queue;
        if (queue == null) {
            return super.poll();
        }
        int wanted =
                OTHER_EVENTS | (isReadable() ? READ_EVENTS : 0) | (isWritable() ? WRITE_EVENTS : 0);
        int ready = HostPoll.poll(inode.fd, wanted);
        if ((ready & (Poll.POLLHUP | Poll.POLLERR)) == 0) {
            try {
                watch(wanted & ~ready);
            } catch (ErrnoException e) {
                return ready | Poll.POLLERR; // nobody would wake those who wait
            }
        }
        return ready;
    }

    @Override
    public @Nullable WaitQueue waitQueue() {
        return inode.queue;
    }

    @Override
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        HostTerminal terminal = inode.terminal;
        if (terminal != null) {
            return terminal.ioctl(context, command, argument, isReadable());
        }
        if (command == Ioctls.FIONREAD) {
            byte[] count = new byte[4];
            HostTty.get(inode.fd, command, count);
            context.memory().copyOut(argument, count, 0, 4);
            return 0;
        }
        return super.ioctl(context, command, argument);
    }

    @Override
    public void truncate(CallContext context, long size) throws ErrnoException {
        if (!inode.hasOffset()) {
            throw Errno.EINVAL.exception();
        }
        HostFiles.ftruncate(inode.fd, size);
    }

    @Override
    public void allocate(CallContext context, int mode, long offset, long length)
            throws ErrnoException {
        if (!inode.hasOffset()) {
            throw (inode.queue == null ? Errno.ENODEV : Errno.ESPIPE).exception();
        }
        HostFiles.fallocate(inode.fd, mode, offset, length);
    }

    @Override
    public void sync(CallContext context, boolean dataOnly) throws ErrnoException {
        HostFiles.fsync(inode.fd, dataOnly);
    }
}
