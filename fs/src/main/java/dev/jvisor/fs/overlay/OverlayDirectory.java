// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;

/** A directory: the union of what is above and of what is below and not hidden. */
final class OverlayDirectory extends OverlayInode {

    /** Lower names that are removed, moved away or covered; guarded by this, grows only. */
    private @Nullable HashSet<String> hidden;

    /** How many more subdirectories there are than below; guarded by this. */
    private int extraDirectories;

    /** For "..", changed by rename. */
    private volatile @Nullable OverlayDirectory parent;

    OverlayDirectory(OverlayDirectory parent, String name, Inode lower) {
        super(parent, name, lower, null);
        this.parent = parent;
    }

    OverlayDirectory(
            OverlayFilesystem filesystem,
            @Nullable OverlayDirectory parent,
            @Nullable Inode lower,
            Inode upper) {
        super(filesystem, lower, upper);
        this.parent = parent;
    }

    OverlayDirectory parent() {
        OverlayDirectory p = parent;
        return p == null ? this : p;
    }

    synchronized boolean hides(String name) {
        return hidden != null && hidden.contains(name);
    }

    private synchronized void hide(String name) {
        HashSet<String> names = hidden;
        if (names == null) {
            hidden = names = new HashSet<>();
        }
        names.add(name);
    }

    private synchronized void countDirectory(int change) {
        extraDirectories += change;
    }

    @Override
    public void getAttributes(CallContext context, FileStatus result) throws ErrnoException {
        super.getAttributes(context, result);
        Inode l = lower;
        if (l == null) {
            // a directory looks the same whether it was there before or not
            result.size = filesystem.directoryBytes();
            result.blocks = (result.size + 511) / 512;
            return;
        }
        if (upperOrNull() == null) {
            return;
        }
        FileStatus below = new FileStatus();
        l.getAttributes(context, below);
        result.size = below.size;
        result.blocks = below.blocks;
        result.blockSize = below.blockSize;
        synchronized (this) {
            result.links = isUnlinked() ? 0 : below.links < 2 ? 1 : below.links + extraDirectories;
        }
    }

    @Override
    public @Nullable Inode lookup(CallContext context, String name) throws ErrnoException {
        Inode u = upperOrNull();
        if (u != null) {
            synchronized (this) {
                Inode found = u.lookup(context, name);
                if (found != null) {
                    return ofUpper(found);
                }
                if (hides(name)) {
                    return null;
                }
            }
        }
        Inode l = lower;
        Inode found = l == null ? null : l.lookup(context, name);
        return found == null ? null : ofLower(context, this, name, found);
    }

    /**
     * Makes the upper copy of a child. The child's monitor is held, this directory is copied up.
     *
     * @param status the original's attributes
     */
    Inode insertCopy(
            CallContext context, OverlayInode child, String name, Inode original, FileStatus status)
            throws ErrnoException {
        Inode above = upper();
        synchronized (this) {
            FileStatus before = new FileStatus();
            above.getAttributes(context, before);
            boolean named = !child.isUnlinked();
            Inode copy = named
                    ? CopyUp.create(context, above, name, original, status)
                    : filesystem.newNameless(context, original);
            copy.setSpecial(child);
            CopyUp.attributes(context, original, status, copy);
            if (named) {
                above.setAttributes(context, CopyUp.times(before));
            }
            child.setUpper(copy, status);
            return copy;
        }
    }

    @Override
    public Inode create(CallContext context, String name, int mode) throws ErrnoException {
        Inode above = copyUp(context);
        synchronized (this) {
            return new OverlayRegular(filesystem, above.create(context, name, mode));
        }
    }

    @Override
    public Inode tmpfile(CallContext context, int mode) throws ErrnoException {
        return new OverlayRegular(filesystem, copyUp(context).tmpfile(context, mode));
    }

    @Override
    public Inode mkdir(CallContext context, String name, int mode) throws ErrnoException {
        Inode above = copyUp(context);
        synchronized (this) {
            Inode made = above.mkdir(context, name, mode);
            extraDirectories++;
            return new OverlayDirectory(filesystem, this, null, made);
        }
    }

    @Override
    public Inode mknod(CallContext context, String name, int mode, long rdevice)
            throws ErrnoException {
        Inode above = copyUp(context);
        synchronized (this) {
            return new OverlayInode(filesystem, null, above.mknod(context, name, mode, rdevice));
        }
    }

    @Override
    public Inode symlink(CallContext context, String name, String target) throws ErrnoException {
        Inode above = copyUp(context);
        synchronized (this) {
            return new OverlayInode(filesystem, null, above.symlink(context, name, target));
        }
    }

    @Override
    public void link(CallContext context, String name, Inode target) throws ErrnoException {
        Inode above = copyUp(context);
        above.link(context, name, ((OverlayInode) target).copyUp(context));
    }

    @Override
    public void unlink(CallContext context, String name, Inode child) throws ErrnoException {
        OverlayInode victim = (OverlayInode) child;
        Inode above = copyUp(context);
        synchronized (this) {
            Inode victimAbove = entryAbove(context, name, victim);
            if (victimAbove != null) {
                above.unlink(context, name, victimAbove);
            } else {
                touch(context, above);
            }
            forgetName(context, victim, name, victimAbove != null);
        }
    }

    /** The upper inode of a child if it has its name in the upper directory, else null. */
    private @Nullable Inode entryAbove(CallContext context, String name, OverlayInode child)
            throws ErrnoException {
        Inode childAbove = child.upperOrNull();
        if (child.shared() == null || childAbove == null) {
            return childAbove;
        }
        return upper().lookup(context, name) == childAbove ? childAbove : null;
    }

    /** A child lost its name here; {@code wasAbove} tells in which layer it had it. */
    private void forgetName(CallContext context, OverlayInode victim, String name, boolean wasAbove)
            throws ErrnoException {
        SharedFile shared = victim.shared();
        if (shared != null) {
            if (!wasAbove) {
                hide(name);
                shared.removeName(context, victim.upperOrNull());
            }
        } else if (victim.isLowerNameOf(this, name)) {
            hide(name);
            victim.setUnlinked();
        }
    }

    /**
     * Makes a lower name of a shared file an entry of the upper directory, so that it can be moved.
     */
    private void raiseName(CallContext context, String name, OverlayInode child)
            throws ErrnoException {
        SharedFile shared = child.shared();
        if (shared == null) {
            return;
        }
        synchronized (this) {
            if (entryAbove(context, name, child) == null) {
                upper().link(context, name, child.upper());
                hide(name);
                shared.removeName(context, child.upperOrNull());
            }
        }
    }

    /** Contents changed without a change above. */
    private static void touch(CallContext context, Inode above) throws ErrnoException {
        long now = context.realtimeNanos();
        Changes changes = new Changes();
        changes.setModify = true;
        changes.modifySeconds = Math.floorDiv(now, 1_000_000_000L);
        changes.modifyNanos = (int) Math.floorMod(now, 1_000_000_000L);
        above.setAttributes(context, changes);
    }

    @Override
    public void rmdir(CallContext context, String name, Inode child) throws ErrnoException {
        OverlayDirectory victim = (OverlayDirectory) child;
        if (!victim.isEmpty(context)) {
            throw Errno.ENOTEMPTY.exception();
        }
        Inode above = copyUp(context);
        synchronized (this) {
            Inode victimAbove = victim.upperOrNull();
            if (victimAbove != null) {
                above.rmdir(context, name, victimAbove);
            } else {
                touch(context, above);
            }
            victim.setUnlinked();
            forgetName(context, victim, name, victimAbove != null);
            extraDirectories--;
        }
    }

    private boolean isEmpty(CallContext context) throws ErrnoException {
        MergedEntries entries = new MergedEntries();
        entries.gather(context, this, filesystem.lowerPlace(this));
        return entries.count() == 0;
    }

    @Override
    public void rename(
            CallContext context,
            String name,
            Inode child,
            Inode newParent,
            String newName,
            @Nullable Inode replaced,
            int flags)
            throws ErrnoException {
        OverlayInode moved = (OverlayInode) child;
        OverlayDirectory target = (OverlayDirectory) newParent;
        OverlayInode victim = (OverlayInode) replaced;
        boolean exchange = (flags & Fcntl.RENAME_EXCHANGE) != 0;
        if (!exchange && victim instanceof OverlayDirectory d && !d.isEmpty(context)) {
            throw Errno.ENOTEMPTY.exception();
        }
        Inode above = copyUp(context);
        Inode targetAbove = target.copyUp(context);
        Inode movedAbove = moved.copyUp(context);
        raiseName(context, name, moved);
        if (exchange && victim != null) {
            victim.copyUp(context);
            target.raiseName(context, newName, victim);
        }
        synchronized (target) {
            Inode victimAbove = victim == null ? null : target.entryAbove(context, newName, victim);
            above.rename(context, name, movedAbove, targetAbove, newName, victimAbove, flags);
            if (victim != null && !exchange) {
                if (victim instanceof OverlayDirectory) {
                    victim.setUnlinked();
                }
                target.forgetName(context, victim, newName, victimAbove != null);
            } else if (victim != null && victim.isLowerNameOf(target, newName)) {
                target.hide(newName);
            }
        }
        if (moved.isLowerNameOf(this, name)) {
            hide(name);
        }
        if (moved instanceof OverlayDirectory d) {
            countDirectory(-1);
            target.countDirectory(1);
            d.parent = target;
        }
        if (victim instanceof OverlayDirectory d) {
            target.countDirectory(-1);
            if (exchange) {
                countDirectory(1);
                d.parent = this;
            }
        }
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        return new OverlayDirectoryFile(this, path, flags);
    }

    /** The overlay's inode of an upper entry. */
    @Nullable
    OverlayInode upperChild(CallContext context, String name) throws ErrnoException {
        Inode u = upperOrNull();
        if (u == null) {
            return null;
        }
        synchronized (this) {
            Inode found = u.lookup(context, name);
            return found == null ? null : ofUpper(found);
        }
    }
}
