// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.fs.lock.FileLocks;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An open file description (Linux: {@code struct file}): what descriptors refer to.
 *
 * <p>No operation here blocks: one that cannot proceed throws EAGAIN, and the system call layer,
 * unless O_NONBLOCK is set, waits on {@link #waitQueue} and tries again. Created with one
 * reference.
 */
public abstract class FileDescription {

    /** open(2) flags that are not kept (Linux: {@code do_dentry_open}). */
    private static final int NOT_KEPT =
            Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_NOCTTY | Fcntl.O_TRUNC | Fcntl.O_CLOEXEC;

    /** Flags that F_SETFL changes. */
    private static final int SETTABLE =
            Fcntl.O_APPEND | Fcntl.O_ASYNC | Fcntl.O_DIRECT | Fcntl.O_NOATIME | Fcntl.O_NONBLOCK;

    /** Somebody who has to know when a description ends, as an epoll instance. */
    public interface ReleaseListener {
        void released(FileDescription file);
    }

    /** Open file descriptions of this virtual machine (Linux: {@code nr_files}). */
    private static final AtomicLong OPEN = new AtomicLong();

    private static final int WRITER = 1;
    private static final int EXECUTED = -1;

    /** Whether it counts among the inode's writers, or keeps them away (ETXTBSY). */
    private int writeAccess;

    private volatile @Nullable AsyncOwner asyncOwner;

    /** Whether watchers hear of its end. */
    private boolean announced;

    private @Nullable ReleaseListener[] listeners = NO_LISTENERS;
    private static final @Nullable ReleaseListener[] NO_LISTENERS = {};

    private final AtomicInteger references = new AtomicInteger(1);
    private volatile int statusFlags;
    private final @Nullable VfsPath path;

    /** What the path led to when it was opened. */
    private final @Nullable Inode opened;

    private long position;

    /**
     * Serialises the file position (Linux: {@code f_pos_lock}). Taken by the read and write calls
     * below.
     */
    protected final Object positionLock = new Object();

    /**
     * @param path where it was opened, null for anonymous files
     * @param flags open(2) flags: access mode and status flags are kept
     */
    protected FileDescription(@Nullable VfsPath path, int flags) {
        OPEN.incrementAndGet();
        this.path = path;
        this.statusFlags = flags & ~NOT_KEPT;
        if (path != null) {
            path.mount().addUser();
            Inode file = path.dentry().inodeOrNull();
            if (file != null) {
                file.addOpenFile();
            }
            opened = file;
        } else {
            opened = null;
        }
    }

    /** Access mode and status flags as F_GETFL gives them. */
    public final int flags() {
        return statusFlags;
    }

    /**
     * Replaces the flags that F_SETFL may change (O_APPEND, O_ASYNC, O_DIRECT, O_NOATIME,
     * O_NONBLOCK).
     */
    public void setStatusFlags(int flags) throws ErrnoException {
        statusFlags = statusFlags & ~SETTABLE | flags & SETTABLE;
    }

    public final @Nullable VfsPath path() {
        return path;
    }

    public final boolean isReadable() {
        int mode = statusFlags & 3;
        return (mode == 0 || mode == 2) && !isPathOnly();
    }

    public final boolean isWritable() {
        int mode = statusFlags & 3;
        return (mode == 1 || mode == 2) && !isPathOnly();
    }

    /** Whether it was opened with O_PATH. */
    public final boolean isPathOnly() {
        return (statusFlags & 0x200000) != 0;
    }

    public final boolean isNonBlocking() {
        return (statusFlags & 0x800) != 0;
    }

    /** Adds a reference. */
    public final void retain() {
        references.incrementAndGet();
    }

    /** How many references there are now: of use where nobody can add one (Linux: file_count). */
    public final int references() {
        return references.get();
    }

    /** Adds a reference unless the last one is gone already. */
    public final boolean tryRetain() {
        for (; ; ) {
            int n = references.get();
            if (n == 0) {
                return false;
            }
            if (references.compareAndSet(n, n + 1)) {
                return true;
            }
        }
    }

    /** Drops a reference; the last one calls {@link #onRelease}. */
    public final void release() {
        if (references.decrementAndGet() == 0) {
            end();
        }
    }

    /** How many exist. */
    public static long openCount() {
        return OPEN.get();
    }

    private void end() {
        OPEN.decrementAndGet();
        if (announced) {
            Fsnotify.close(this);
        }
        ReleaseListener[] told;
        synchronized (positionLock) {
            told = listeners;
            listeners = NO_LISTENERS;
        }
        AsyncOwner owner = asyncOwner;
        if (owner != null) {
            owner.fileReleased(this);
        }
        for (ReleaseListener listener : told) {
            if (listener != null) {
                listener.released(this);
            }
        }
        if (path != null) {
            Inode file = inode();
            FileLocks locks = file.locksOrNull();
            if (locks != null) {
                locks.releaseDescription(this);
            }
            if (writeAccess == WRITER) {
                file.endWrite();
            } else if (writeAccess == EXECUTED) {
                file.allowWrite();
            }
        }
        onRelease();
        if (path != null) {
            path.mount().removeUser();
        }
        Inode file = opened;
        if (file != null) {
            file.removeOpenFile();
            Fsnotify.endIfUnused(file);
        }
    }

    /** Who gets signals of it, or null if nobody ever did. */
    public final @Nullable AsyncOwner asyncOwner() {
        return asyncOwner;
    }

    /** Sets who gets signals of it unless there is somebody already; returns who it is. */
    public final AsyncOwner setAsyncOwnerIfAbsent(AsyncOwner owner) {
        synchronized (positionLock) {
            AsyncOwner there = asyncOwner;
            if (there == null) {
                asyncOwner = there = owner;
            }
            return there;
        }
    }

    /** Marks that watchers of the file were told of its opening. */
    final void setAnnounced() {
        announced = true;
    }

    /** Marks that {@link Inode#beginWrite} was done for it. */
    final void setCountsAsWriter() {
        writeAccess = WRITER;
    }

    /** Marks that {@link Inode#denyWrite} was done for it. */
    final void setDeniesWrite() {
        writeAccess = EXECUTED;
    }

    /** Adds one who is told of the end, before {@link #onRelease}. */
    public final void addReleaseListener(ReleaseListener listener) {
        synchronized (positionLock) {
            for (int i = 0; i < listeners.length; i++) {
                if (listeners[i] == null) {
                    listeners[i] = listener;
                    return;
                }
            }
            int n = listeners.length;
            @Nullable ReleaseListener[] wider = new @Nullable ReleaseListener[n * 2 + 1];
            System.arraycopy(listeners, 0, wider, 0, n);
            wider[n] = listener;
            listeners = wider;
        }
    }

    public final void removeReleaseListener(ReleaseListener listener) {
        synchronized (positionLock) {
            for (int i = 0; i < listeners.length; i++) {
                if (listeners[i] == listener) {
                    listeners[i] = null;
                    return;
                }
            }
        }
    }

    /** The last reference is gone. */
    protected void onRelease() {}

    /** The inode behind it, also for pipes, sockets and anonymous files (fstat works on all). */
    public abstract Inode inode();

    /** Whether it has a position (lseek, pread); false gives ESPIPE. */
    public boolean isSeekable() {
        return false;
    }

    public long position() {
        synchronized (positionLock) {
            return position;
        }
    }

    public void setPosition(long position) {
        synchronized (positionLock) {
            this.position = position;
        }
    }

    /** read(2) at the position, which advances. Access mode was checked by the caller. */
    public long read(CallContext context, IovIter destination) throws ErrnoException {
        if (!isSeekable()) {
            return readAt(context, destination, 0);
        }
        synchronized (positionLock) {
            long n = readAt(context, destination, position);
            position += n;
            return n;
        }
    }

    /** write(2) at the position (or the end with O_APPEND), which advances. */
    public long write(CallContext context, IovIter source) throws ErrnoException {
        if (!isSeekable()) {
            return writeAt(context, source, 0);
        }
        synchronized (positionLock) {
            // Neither a write of nothing nor one that fails moves to the end.
            boolean appends = (statusFlags & 0x400) != 0 && source.remaining() != 0;
            long start = appends ? size(context) : position;
            long n = writeAt(context, source, start);
            position = start + n;
            return n;
        }
    }

    /** Reads at an offset. Streams ignore it. */
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        throw Errno.EINVAL.exception();
    }

    /** Writes at an offset. Streams ignore it. Honours RLIMIT_FSIZE where it applies. */
    public long writeAt(CallContext context, IovIter source, long offset) throws ErrnoException {
        throw Errno.EINVAL.exception();
    }

    /** Size for SEEK_END and O_APPEND. */
    protected long size(CallContext context) throws ErrnoException {
        FileStatus s = new FileStatus();
        inode().getAttributes(context, s);
        return s.size;
    }

    /**
     * lseek(2); default rules for seekable files incl. SEEK_DATA/SEEK_HOLE on a file without holes.
     */
    public long seek(CallContext context, long offset, int whence) throws ErrnoException {
        if (!isSeekable()) {
            throw Errno.ESPIPE.exception();
        }
        synchronized (positionLock) {
            long base;
            switch (whence) {
                case 0 -> base = 0;
                case 1 -> base = position;
                case 2 -> base = size(context);
                case 3, 4 -> {
                    long size = size(context);
                    if (offset < 0 || offset >= size) {
                        throw Errno.ENXIO.exception();
                    }
                    position = whence == 3 ? offset : size;
                    return position;
                }
                default -> throw Errno.EINVAL.exception();
            }
            long target = base + offset;
            if (target < 0) {
                throw Errno.EINVAL.exception();
            }
            position = target;
            return target;
        }
    }

    /** Receives directory entries from {@link #iterate}. */
    public interface DirectorySink {
        /**
         * @param offset position of the next entry ({@code d_off})
         * @param type {@code DT_*}
         * @return false if it has no room: the iteration stops before this entry
         */
        boolean entry(String name, long inode, int type, long offset);
    }

    /**
     * Gives directory entries from the position on, "." and ".." included; the position follows.
     */
    public void iterate(CallContext context, DirectorySink sink) throws ErrnoException {
        throw Errno.ENOTDIR.exception();
    }

    /**
     * Returns which of {@code POLLIN}, {@code POLLOUT}, … hold now. Default: always readable and
     * writable.
     */
    public int poll() {
        return Poll.POLLIN | Poll.POLLOUT | Poll.POLLRDNORM | Poll.POLLWRNORM;
    }

    /** Whether epoll accepts it (EPERM for regular files and directories). */
    public boolean isPollable() {
        return waitQueue() != null;
    }

    /** Where changes of {@link #poll} are announced; null if it never changes. */
    public @Nullable WaitQueue waitQueue() {
        return null;
    }

    /** ioctl(2); {@code argument} is usually a guest address in {@code context.memory()}. */
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        throw Errno.ENOTTY.exception();
    }

    /** What mmap(2) maps; ENODEV if it cannot be mapped. */
    public Mappable mappable(CallContext context) throws ErrnoException {
        throw Errno.ENODEV.exception();
    }

    /**
     * F_SETPIPE_SZ and F_GETPIPE_SZ, F_ADD_SEALS and F_GET_SEALS, and other commands of fcntl(2)
     * that only some files have.
     *
     * @throws ErrnoException EBADF for a pipe command, EINVAL for others that it does not have
     */
    public long fcntl(CallContext context, int command, long argument) throws ErrnoException {
        boolean pipe = command == Fcntl.F_SETPIPE_SZ || command == Fcntl.F_GETPIPE_SZ;
        throw (pipe ? Errno.EBADF : Errno.EINVAL).exception();
    }

    /** Adds lines of its own to what {@code /proc/PID/fdinfo} shows. */
    public void describe(CallContext context, StringBuilder out) {}

    /** ftruncate(2) after checks. */
    public void truncate(CallContext context, long size) throws ErrnoException {
        throw Errno.EINVAL.exception();
    }

    /** fallocate(2). */
    public void allocate(CallContext context, int mode, long offset, long length)
            throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    /** fsync(2), fdatasync(2). */
    public void sync(CallContext context, boolean dataOnly) throws ErrnoException {
        throw Errno.EINVAL.exception();
    }

    /** A descriptor of it was closed (close(2)'s flush): POSIX locks of the owner go. */
    public void onDescriptorClosed(CallContext context) {
        if (path != null) {
            FileLocks locks = inode().locksOrNull();
            if (locks != null) {
                locks.releaseOwner(context.fileTableOwner());
            }
        }
    }
}
