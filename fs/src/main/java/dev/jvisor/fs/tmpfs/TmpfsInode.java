// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Permissions;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.abi.Xattr;

import org.jspecify.annotations.Nullable;

import java.util.TreeMap;

/** Attributes and extended attributes of a tmpfs file. Its monitor guards them. */
abstract class TmpfsInode extends Inode {

    static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long DAY_SECONDS = 86400;
    private static final int XATTR_BYTES_MAX = 64 * 1024;

    final Tmpfs filesystem;
    private final long number;
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;
    int links;

    /** Whether it may get its first name although it has none (O_TMPFILE). */
    boolean linkable;

    private long accessSeconds;
    private int accessNanos;
    private long modifySeconds;
    private int modifyNanos;
    private long changeSeconds;
    private int changeNanos;
    private final long birthSeconds;
    private final int birthNanos;
    private @Nullable TreeMap<String, byte[]> xattrs;
    private int xattrBytes;

    /** Makes one with a link count of 0; {@code mode} has the type. */
    TmpfsInode(Tmpfs filesystem, long nowNanos, int mode, int uid, int gid) {
        this.filesystem = filesystem;
        this.number = filesystem.nextInode();
        this.mode = mode;
        this.uid = uid;
        this.gid = gid;
        birthSeconds = Math.floorDiv(nowNanos, NANOS_PER_SECOND);
        birthNanos = (int) Math.floorMod(nowNanos, NANOS_PER_SECOND);
        accessSeconds = modifySeconds = changeSeconds = birthSeconds;
        accessNanos = modifyNanos = changeNanos = birthNanos;
    }

    @Override
    public final int mode() {
        return mode;
    }

    @Override
    public final int uid() {
        return uid;
    }

    @Override
    public final int gid() {
        return gid;
    }

    final long number() {
        return number;
    }

    @Override
    public final Tmpfs filesystem() {
        return filesystem;
    }

    /** Bytes; directories count 20 for each entry as in Linux. */
    abstract long size();

    /** In units of 512 bytes. */
    long blocks() {
        return 0;
    }

    @Override
    public void getAttributes(CallContext context, FileStatus result) {
        result.device = filesystem.deviceId();
        result.inode = number;
        result.rdevice = rdevice();
        result.size = size();
        result.blocks = blocks();
        result.blockSize = Tmpfs.BLOCK_BYTES;
        synchronized (this) {
            result.mode = mode;
            result.links = links;
            result.uid = uid;
            result.gid = gid;
            result.accessSeconds = accessSeconds;
            result.accessNanos = accessNanos;
            result.modifySeconds = modifySeconds;
            result.modifyNanos = modifyNanos;
            result.changeSeconds = changeSeconds;
            result.changeNanos = changeNanos;
        }
        result.hasBirth = true;
        result.birthSeconds = birthSeconds;
        result.birthNanos = birthNanos;
    }

    /** Sets the size of a regular file. */
    void resize(CallContext context, long size) throws ErrnoException {
        throw Errno.EINVAL.exception();
    }

    @Override
    public void setAttributes(CallContext context, Changes changes) throws ErrnoException {
        boolean resized = false;
        if (changes.setSize) {
            resized = changes.size == 0 || changes.size != size();
            resize(context, changes.size);
        }
        long now = context.realtimeNanos();
        synchronized (this) {
            if (changes.setMode) {
                mode = mode & StatMode.S_IFMT | changes.mode & 07777;
            }
            if (changes.setUid) {
                uid = changes.uid;
            }
            if (changes.setGid) {
                gid = changes.gid;
            }
            if (changes.setAccess) {
                accessSeconds = changes.accessSeconds;
                accessNanos = changes.accessNanos;
            }
            if (resized) {
                setModified(now);
            }
            if (changes.setModify) {
                modifySeconds = changes.modifySeconds;
                modifyNanos = changes.modifyNanos;
            }
            if (!changes.setSize || resized || changes.setMode) {
                setChanged(now);
            }
        }
    }

    private void setModified(long now) {
        modifySeconds = Math.floorDiv(now, NANOS_PER_SECOND);
        modifyNanos = (int) Math.floorMod(now, NANOS_PER_SECOND);
    }

    private void setChanged(long now) {
        changeSeconds = Math.floorDiv(now, NANOS_PER_SECOND);
        changeNanos = (int) Math.floorMod(now, NANOS_PER_SECOND);
    }

    /** Contents changed. */
    final synchronized void touchModified(long now) {
        setModified(now);
        setChanged(now);
    }

    /** Attributes or links changed. */
    final synchronized void touchChanged(long now) {
        setChanged(now);
    }

    /**
     * Contents were read through a place: access time by the mount's rules (relatime by default).
     */
    final void touchAccess(CallContext context, @Nullable VfsPath path, int openFlags) {
        if ((openFlags & Fcntl.O_NOATIME) != 0) {
            return;
        }
        int mount = path == null ? 0 : path.mount().flags();
        int none = MountFlags.MS_NOATIME | MountFlags.MS_RDONLY;
        if ((mount & none) != 0 || (mount & MountFlags.MS_NODIRATIME) != 0 && isDirectory()) {
            return;
        }
        long now = context.realtimeNanos();
        long seconds = Math.floorDiv(now, NANOS_PER_SECOND);
        synchronized (this) {
            boolean stale = (mount & MountFlags.MS_STRICTATIME) != 0
                    || !isAfter(accessSeconds, accessNanos, modifySeconds, modifyNanos)
                    || !isAfter(accessSeconds, accessNanos, changeSeconds, changeNanos)
                    || seconds - accessSeconds >= DAY_SECONDS;
            if (stale) {
                accessSeconds = seconds;
                accessNanos = (int) Math.floorMod(now, NANOS_PER_SECOND);
            }
        }
    }

    private static boolean isAfter(long seconds, int nanos, long thanSeconds, int thanNanos) {
        return seconds > thanSeconds || seconds == thanSeconds && nanos > thanNanos;
    }

    /** Clears set-id bits as a write by the caller does. */
    final void dropSetId(Credentials who) {
        int before = mode;
        if ((before & (StatMode.S_ISUID | StatMode.S_ISGID)) != 0) {
            int after = Permissions.modeAfterWrite(who, before);
            synchronized (this) {
                mode = after;
            }
        }
    }

    /** A name was added. */
    final synchronized void addLink() {
        links++;
    }

    /** A name is gone (a directory: all of its links). */
    final void removeLink() {
        boolean last;
        synchronized (this) {
            links -= isDirectory() ? links : 1;
            last = links == 0;
        }
        if (last) {
            onUnlinked();
        }
    }

    /** The last name is gone. */
    void onUnlinked() {
        filesystem.budget.giveBackInodes(inodeUnits());
    }

    /** How many inodes' worth of heap it takes. */
    int inodeUnits() {
        return 1;
    }

    @Override
    public final synchronized byte @Nullable [] getXattr(CallContext context, String name)
            throws ErrnoException {
        checkNamespace(name);
        byte[] value = xattrs == null ? null : xattrs.get(name);
        return value == null ? null : value.clone();
    }

    @Override
    public final void setXattr(CallContext context, String name, byte[] value, int flags)
            throws ErrnoException {
        checkNamespace(name);
        long now = context.realtimeNanos();
        synchronized (this) {
            TreeMap<String, byte[]> map = xattrs;
            byte[] old = map == null ? null : map.get(name);
            if ((flags & Xattr.XATTR_CREATE) != 0 && old != null) {
                throw Errno.EEXIST.exception();
            }
            if ((flags & Xattr.XATTR_REPLACE) != 0 && old == null) {
                throw Errno.ENODATA.exception();
            }
            int grown = value.length - (old == null ? -name.length() : old.length);
            if (xattrBytes + grown > XATTR_BYTES_MAX) {
                throw Errno.ENOSPC.exception();
            }
            if (map == null) {
                xattrs = map = new TreeMap<>();
            }
            map.put(name, value.clone());
            xattrBytes += grown;
            setChanged(now);
        }
    }

    @Override
    public final void removeXattr(CallContext context, String name) throws ErrnoException {
        checkNamespace(name);
        long now = context.realtimeNanos();
        synchronized (this) {
            byte[] old = xattrs == null ? null : xattrs.remove(name);
            if (old == null) {
                throw Errno.ENODATA.exception();
            }
            xattrBytes -= old.length + name.length();
            setChanged(now);
        }
    }

    @Override
    public final synchronized String[] listXattr(CallContext context) {
        return xattrs == null ? new String[0] : xattrs.keySet().toArray(new String[0]);
    }

    private static void checkNamespace(String name) throws ErrnoException {
        if (!name.startsWith("user.")
                && !name.startsWith("security.")
                && !name.startsWith("trusted.")) {
            throw Errno.EOPNOTSUPP.exception();
        }
    }
}
