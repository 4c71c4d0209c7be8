// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.MountFlags;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A file system, or a part of it, attached at a place (Linux: {@code struct mount}). */
public final class Mount {

    private final int id;
    private final Filesystem filesystem;
    private final Dentry root;
    private final String source;
    private volatile @Nullable VfsPath mountPoint;
    private volatile int flags;
    private volatile boolean attached = true;

    /** All flags on access times: they are locked together. */
    static final int ATIME_FLAGS = MountFlags.MS_NOATIME
            | MountFlags.MS_NODIRATIME
            | MountFlags.MS_RELATIME
            | MountFlags.MS_STRICTATIME;

    /**
     * Open files, roots and working directories here; once it is detached, the last one lets the
     * file system go.
     */
    private final AtomicInteger users = new AtomicInteger();

    // Guarded by the mount lock.
    final List<Mount> children = new ArrayList<>(0);

    @Nullable
    PeerGroup group;

    @Nullable
    PeerGroup master;

    boolean unbindable;

    /** Whether it may not be taken away alone: a user namespace above put it there. */
    boolean locked;

    /** Flags that may not be cleared, for the same reason. */
    int lockedFlags;

    /** MNT_EXPIRE was called and nobody used it since. */
    private volatile boolean expiring;

    private final AtomicInteger released = new AtomicInteger();

    /** Next mount on the same dentry; guarded by the mount lock, read without. */
    volatile @Nullable Mount nextHere;

    /** The namespace it is in; null for internal mounts. */
    @Nullable
    MountNamespace namespace;

    public Mount(
            int id,
            Filesystem filesystem,
            Dentry root,
            @Nullable VfsPath mountPoint,
            int flags,
            String source) {
        this.id = id;
        this.filesystem = filesystem;
        this.root = root;
        this.mountPoint = mountPoint;
        this.flags = flags;
        this.source = source;
        filesystem.addMount();
        root.inode().mounted();
    }

    /** Makes a mount that no path leads to, for the files of a kernel-internal file system. */
    public static Mount internal(Filesystem filesystem) {
        return new Mount(
                0, filesystem, filesystem.rootDentry(), null, MountFlags.MS_NOUSER, "none");
    }

    public int id() {
        return id;
    }

    public Filesystem filesystem() {
        return filesystem;
    }

    public Dentry root() {
        return root;
    }

    /** The place of its root, the mount's own. */
    public VfsPath rootPath() {
        return new VfsPath(this, root);
    }

    /** Where it is mounted; null for the root of the namespace. */
    public @Nullable VfsPath mountPoint() {
        return mountPoint;
    }

    void setMountPoint(@Nullable VfsPath place) {
        mountPoint = place;
    }

    /**
     * {@code MS_RDONLY}, {@code MS_NOEXEC}, {@code MS_NOSUID}, {@code MS_NODEV},
     * {@code MS_NOATIME}, …
     */
    public int flags() {
        return flags;
    }

    void setFlags(int flags) {
        this.flags = flags;
    }

    public boolean isReadOnly() {
        return (flags & MountFlags.MS_RDONLY) != 0 || filesystem.isReadOnlyMounted();
    }

    /** Whether it is one of {@link #internal}: its dentries have no path, just a name. */
    public boolean isInternal() {
        return (flags & MountFlags.MS_NOUSER) != 0;
    }

    public String source() {
        return source;
    }

    /** Whether it is the top of a tree that is nowhere yet; the caller holds the mount lock. */
    boolean isFloating() {
        return namespace == null && mountPoint == null && attached && !isInternal();
    }

    /** Whether it is part of a namespace (or internal), not unmounted. */
    public boolean isAttached() {
        return attached;
    }

    /** Somebody opens a file here, or has it as root or working directory. */
    public void addUser() {
        expiring = false;
        users.incrementAndGet();
    }

    /** Ends {@link #addUser}. */
    public void removeUser() {
        expiring = false;
        if (users.decrementAndGet() == 0 && !attached) {
            releaseOnce();
        }
    }

    /** Whether it cannot be unmounted. */
    boolean isInUse() {
        return users.get() != 0;
    }

    /** Marks it for MNT_EXPIRE; returns whether it was marked already. */
    boolean expire() {
        boolean before = expiring;
        expiring = true;
        return before;
    }

    /** A shared mount's group in mountinfo, or 0. */
    public int groupId() {
        PeerGroup g = group;
        return g == null ? 0 : g.id;
    }

    /** The group that a slave follows, or 0. */
    public int masterId() {
        PeerGroup g = master;
        return g == null ? 0 : g.id;
    }

    /** Whether it cannot be bound elsewhere (MS_UNBINDABLE). */
    public boolean isUnbindable() {
        return unbindable;
    }

    /** It left its namespace. */
    void detach() {
        attached = false;
        if (users.get() == 0) {
            releaseOnce();
        }
    }

    private void releaseOnce() {
        if (released.getAndIncrement() == 0) {
            root.inode().unmounted();
            filesystem.removeMount();
        }
    }
}
