// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.host;

import dev.jvisor.fs.anon.AnonymousFilesystem;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostStat;

import org.jspecify.annotations.Nullable;

/**
 * The file behind a descriptor of the user's. Owns the descriptor as long as a description uses it.
 * Type, size and times are the host's; owner and mode too.
 */
final class HostInode extends Inode {

    private static final AnonymousFilesystem FILESYSTEM =
            new AnonymousFilesystem("hostfd", 0x686f7374);

    /** Major of /dev/null, /dev/zero and the like: always ready. */
    private static final int MEMORY_MAJOR = 1;

    /** Unix98 pseudo-terminals. */
    private static final int PTY_SLAVE_MAJOR = 136;

    final int fd;

    /** Access mode and status flags of the host's description. */
    final int hostFlags;

    /** The terminal, or null. */
    final @Nullable HostTerminal terminal;

    /** Who waits for it; null if it is always ready. */
    final @Nullable WaitQueue queue;

    /** Whether reads and writes with RWF_NOWAIT work; found out by trying. */
    volatile boolean refusesNoWait;

    private final int type;
    private final long number;
    private final long rdevice;
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;
    private int users;

    /** Events that the poller watches; guarded by the poller. */
    int watched;

    /** The poller's number of it, 0 if it does not know it; guarded by the poller. */
    long watchId;

    /** Takes over a descriptor. */
    HostInode(int fd, @Nullable HostTerminal terminal, HostStat s) throws ErrnoException {
        this.fd = fd;
        this.terminal = terminal;
        this.hostFlags = HostFiles.fcntl(fd, Fcntl.F_GETFL, 0);
        this.type = s.type();
        this.number = s.inode;
        this.rdevice = s.rdevice;
        this.mode = s.mode;
        this.uid = s.uid;
        this.gid = s.gid;
        boolean memory = type == StatMode.S_IFCHR && (s.rdevice >>> 8 & 0xfff) == MEMORY_MAJOR;
        boolean ready = memory
                || type == StatMode.S_IFREG
                || type == StatMode.S_IFBLK
                || type == StatMode.S_IFDIR;
        this.queue = ready ? null : new WaitQueue();
    }

    /** The name that readlink of /proc/PID/fd shows. */
    VfsPath place() {
        String name = switch (type) {
            case StatMode.S_IFIFO -> "pipe:[" + number + "]";
            case StatMode.S_IFSOCK -> "socket:[" + number + "]";
            case StatMode.S_IFCHR -> deviceName();
            default -> "host:[" + number + "]";
        };
        return FILESYSTEM.place(name, this);
    }

    /** Where Linux has the device that everybody knows by its number. */
    private String deviceName() {
        int minor = DeviceNumber.minor(rdevice);
        int major = DeviceNumber.major(rdevice);
        if (major == PTY_SLAVE_MAJOR) {
            return "/dev/pts/" + minor;
        }
        String known = major != MEMORY_MAJOR
                ? null
                : switch (minor) {
                    case 3 -> "/dev/null";
                    case 5 -> "/dev/zero";
                    case 7 -> "/dev/full";
                    case 8 -> "/dev/random";
                    case 9 -> "/dev/urandom";
                    default -> null;
                };
        return known != null ? known : "host:[" + number + "]";
    }

    synchronized void retain() {
        users++;
    }

    void release() {
        synchronized (this) {
            if (--users > 0) {
                return;
            }
        }
        HostPoller.forget(this);
        HostFiles.close(fd);
    }

    boolean hasOffset() {
        return type == StatMode.S_IFREG || type == StatMode.S_IFBLK;
    }

    boolean isTerminal() {
        return terminal != null;
    }

    /** Whether writes are messages or bytes for somebody, not changes of a file. */
    boolean isStream() {
        return !hasOffset();
    }

    @Override
    public int mode() {
        return mode;
    }

    @Override
    public long rdevice() {
        return rdevice;
    }

    @Override
    public int uid() {
        return uid;
    }

    @Override
    public int gid() {
        return gid;
    }

    @Override
    public void getAttributes(CallContext context, FileStatus r) throws ErrnoException {
        HostStat s = new HostStat();
        HostFiles.fstat(fd, s);
        mode = s.mode;
        uid = s.uid;
        gid = s.gid;
        r.device = FILESYSTEM.deviceId();
        r.inode = s.inode;
        r.mode = s.mode;
        r.links = s.links;
        r.uid = s.uid;
        r.gid = s.gid;
        r.rdevice = s.rdevice;
        r.size = s.size;
        r.blockSize = s.blockSize;
        r.blocks = s.blocks;
        r.accessSeconds = s.accessSeconds;
        r.accessNanos = s.accessNanos;
        r.modifySeconds = s.modifySeconds;
        r.modifyNanos = s.modifyNanos;
        r.changeSeconds = s.changeSeconds;
        r.changeNanos = s.changeNanos;
        r.hasBirth = s.hasBirth;
        r.birthSeconds = s.birthSeconds;
        r.birthNanos = s.birthNanos;
    }

    /**
     * The user gave away the contents of a file, not its owner and mode: only size and times
     * change.
     */
    @Override
    public void setAttributes(CallContext context, Changes c) throws ErrnoException {
        if (c.setMode || c.setUid || c.setGid || !hasOffset()) {
            throw Errno.EPERM.exception();
        }
        if (c.setSize) {
            HostFiles.ftruncate(fd, c.size);
        }
        if (c.setAccess || c.setModify) {
            long omit = HostFiles.utimeOmit();
            HostFiles.futimens(
                    fd,
                    c.accessSeconds,
                    c.setAccess ? c.accessNanos : omit,
                    c.modifySeconds,
                    c.setModify ? c.modifyNanos : omit);
        }
    }

    @Override
    public boolean opensItself() {
        return true;
    }

    /**
     * Opening again through /proc/PID/fd: the same host descriptor, so no more access than it has.
     */
    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        if (type == StatMode.S_IFSOCK) {
            throw Errno.ENXIO.exception();
        }
        int has = hostFlags & Fcntl.O_ACCMODE;
        int wants = flags & Fcntl.O_ACCMODE;
        if (has != Fcntl.O_RDWR && has != wants) {
            throw Errno.EACCES.exception();
        }
        return new HostFileDescription(this, path, flags, false);
    }

    @Override
    public Filesystem filesystem() {
        return FILESYSTEM;
    }
}
