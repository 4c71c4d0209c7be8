// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/**
 * A file of the overlay: a symbolic link or special file; subclasses are directories and regular
 * files.
 */
class OverlayInode extends Inode {

    /** Name and directory that a lower file is found by; those of an upper one do not matter. */
    final @Nullable OverlayDirectory lowerParent;

    final @Nullable String lowerName;

    final OverlayFilesystem filesystem;
    final @Nullable Inode lower;

    /** Set once, under the monitors of this and of the directory. */
    private volatile @Nullable Inode upper;

    /** Its number; 0: not asked for yet, the lower one's. */
    private volatile long number;

    /** Whether its (last lower) name is gone; written under the directory's monitor. */
    private volatile boolean unlinked;

    /** For a lower file with several names; null for others. */
    private final @Nullable SharedFile shared;

    /** A file that only exists below. */
    OverlayInode(OverlayDirectory parent, String name, Inode lower, @Nullable SharedFile shared) {
        this.shared = shared;
        this.filesystem = parent.filesystem;
        this.lowerParent = parent;
        this.lowerName = name;
        this.lower = lower;
    }

    /** A file that only exists above, or a root. */
    OverlayInode(OverlayFilesystem filesystem, @Nullable Inode lower, Inode upper) {
        this.shared = null;
        this.filesystem = filesystem;
        this.lowerParent = null;
        this.lowerName = null;
        this.lower = lower;
        this.upper = upper;
        this.number = lower == null ? filesystem.nextNumber() : 0;
        upper.setSpecial(this);
    }

    /** Wraps what a lower directory holds; names of one file lead to one inode. */
    static OverlayInode ofLower(
            CallContext context, OverlayDirectory parent, String name, Inode lower)
            throws ErrnoException {
        if (lower.isDirectory()) {
            return new OverlayDirectory(parent, name, lower);
        }
        FileStatus status = new FileStatus();
        lower.getAttributes(context, status);
        return status.links > 1
                ? parent.filesystem.sharedFiles().find(parent, name, lower, status)
                : ofFile(parent, name, lower, null);
    }

    static OverlayInode ofFile(
            OverlayDirectory parent, String name, Inode lower, @Nullable SharedFile shared) {
        return lower.isRegular()
                ? new OverlayRegular(parent, name, lower, shared)
                : new OverlayInode(parent, name, lower, shared);
    }

    /** What is known of a lower file with several names, or null for all others. */
    final @Nullable SharedFile shared() {
        return shared;
    }

    /** The overlay's inode of what was found in the upper layer. */
    static OverlayInode ofUpper(Inode upper) {
        if (upper.specialOrNull() instanceof OverlayInode found) {
            return found;
        }
        throw new SentryBug("upper inode without overlay inode");
    }

    final @Nullable Inode upperOrNull() {
        return upper;
    }

    /** The upper inode after a copy-up. */
    final Inode upper() {
        Inode u = upper;
        if (u == null) {
            throw new SentryBug("not copied up");
        }
        return u;
    }

    /** Where attributes are. */
    final Inode real() {
        Inode u = upper;
        if (u != null) {
            return u;
        }
        Inode l = lower;
        if (l == null) {
            throw new SentryBug("overlay inode without layers");
        }
        return l;
    }

    final boolean isUnlinked() {
        return unlinked;
    }

    final void setUnlinked() {
        unlinked = true;
    }

    /** Whether its name in a directory hides a lower one. */
    final boolean isLowerNameOf(OverlayDirectory directory, String name) {
        return lowerParent == directory && name.equals(lowerName);
    }

    @Override
    public int mode() {
        return real().mode();
    }

    @Override
    public int uid() {
        return real().uid();
    }

    @Override
    public int gid() {
        return real().gid();
    }

    @Override
    public long rdevice() {
        return real().rdevice();
    }

    @Override
    public final OverlayFilesystem filesystem() {
        return filesystem;
    }

    @Override
    public void getAttributes(CallContext context, FileStatus result) throws ErrnoException {
        Inode u = upper;
        Inode l = lower;
        if (u == null) {
            real().getAttributes(context, result);
            result.inode = filesystem.translate(result.device, result.inode);
            if (unlinked) {
                result.links = isDirectory() ? 0 : Math.max(0, result.links - 1);
            }
        } else {
            u.getAttributes(context, result);
            result.inode = l == null || number != 0 ? number : lowerNumber(context, l);
        }
        if (shared != null) {
            result.links = shared.links(u == null ? 0 : result.links);
        }
        result.device = filesystem.deviceId();
    }

    private long lowerNumber(CallContext context, Inode l) throws ErrnoException {
        FileStatus status = new FileStatus();
        l.getAttributes(context, status);
        number = filesystem.translate(status.device, status.inode);
        return number;
    }

    /** Its number, for getdents. */
    final long number(CallContext context) throws ErrnoException {
        Inode l = lower;
        return number != 0 || l == null ? number : lowerNumber(context, l);
    }

    @Override
    public void setAttributes(CallContext context, Changes changes) throws ErrnoException {
        copyUp(context).setAttributes(context, changes);
    }

    /**
     * Makes sure that it is in the upper layer (a regular file: its attributes).
     *
     * @return the upper inode
     */
    final Inode copyUp(CallContext context) throws ErrnoException {
        Inode u = upper;
        if (u != null) {
            return u;
        }
        OverlayDirectory parent = lowerParent;
        String name = lowerName;
        Inode l = lower;
        if (parent == null || name == null || l == null) {
            throw new SentryBug("lower file without place");
        }
        if (shared == null) {
            parent.copyUp(context);
        }
        synchronized (this) {
            u = upper;
            if (u != null) {
                return u;
            }
            FileStatus status = new FileStatus();
            l.getAttributes(context, status);
            return shared == null
                    ? parent.insertCopy(context, this, name, l, status)
                    : filesystem.sharedFiles().insertCopy(context, this, shared, l, status);
        }
    }

    /** Tells of the finished copy, which leads here; the directory's monitor is held. */
    final void setUpper(Inode copy, FileStatus original) {
        number = filesystem.translate(original.device, original.inode);
        upper = copy;
    }

    @Override
    public String readlink(CallContext context) throws ErrnoException {
        return real().readlink(context);
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        throw Errno.ENXIO.exception();
    }

    @Override
    public byte @Nullable [] getXattr(CallContext context, String name) throws ErrnoException {
        return real().getXattr(context, name);
    }

    @Override
    public void setXattr(CallContext context, String name, byte[] value, int flags)
            throws ErrnoException {
        copyUp(context).setXattr(context, name, value, flags);
    }

    @Override
    public void removeXattr(CallContext context, String name) throws ErrnoException {
        copyUp(context).removeXattr(context, name);
    }

    @Override
    public String[] listXattr(CallContext context) throws ErrnoException {
        return real().listXattr(context);
    }

    /** No name leads here: the lower file is not needed unless the upper layer remembers this. */
    @Override
    public void evict() {
        Inode l = lower;
        if (l != null
                && upper == null
                && (shared == null || filesystem.sharedFiles().forget(shared))) {
            l.evict();
        }
    }
}
