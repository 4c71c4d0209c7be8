// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** A mounted instance of a file system (Linux: {@code struct super_block}). */
public abstract class Filesystem {

    private final DentryCache dentryCache = new DentryCache(DentryCache.ENTRIES_MAX);
    private final Object renameLock = new Object();
    private volatile @Nullable Dentry rootDentry;
    private int mounts;
    private volatile boolean readOnlyMounted;
    private volatile UserNamespace owner = UserNamespace.INITIAL;

    final DentryCache dentryCache() {
        return dentryCache;
    }

    /** Whether it was mounted, or remounted, read-only as a whole (Linux: {@code SB_RDONLY}). */
    public final boolean isReadOnlyMounted() {
        return readOnlyMounted;
    }

    /** The user namespace that mounted it (Linux: {@code s_user_ns}). */
    public final UserNamespace owner() {
        return owner;
    }

    final void setOwner(UserNamespace owner) {
        this.owner = owner;
    }

    final void setReadOnlyMounted(boolean on) {
        readOnlyMounted = on;
    }

    /** The dentry of the root, the same for all mounts of this. */
    public final Dentry rootDentry() {
        Dentry d = rootDentry;
        if (d != null) {
            return d;
        }
        Inode inode = root();
        synchronized (this) {
            d = rootDentry;
            if (d == null) {
                inode.addDentry();
                rootDentry = d = new Dentry(null, "/", inode);
            }
        }
        return d;
    }

    /** An entry of the root went away by itself: files that are open show it as deleted. */
    protected final void forgetRootEntry(String name) {
        Dentry d = rootDentry;
        DentryTable table = d == null ? null : d.childrenOrNull();
        Dentry entry = table == null ? null : table.find(name);
        if (table != null && entry != null) {
            table.forget(entry);
        }
    }

    /** Held by renames between directories (Linux: {@code s_vfs_rename_mutex}). */
    final Object renameLock() {
        return renameLock;
    }

    final synchronized void addMount() {
        mounts++;
    }

    final void removeMount() {
        boolean last;
        synchronized (this) {
            last = --mounts == 0;
        }
        if (last) {
            Fsnotify.unmounted(this);
            release();
        }
    }

    /**
     * Whether {@link Inode#evict} does anything, so that names without users have to be watched.
     */
    public boolean wantsEvict() {
        return true;
    }

    /** Whether a rename may leave a whiteout behind (RENAME_WHITEOUT). */
    public boolean hasWhiteouts() {
        return false;
    }

    /** Type name as in /proc/filesystems. */
    public abstract String type();

    public abstract Inode root();

    /** Fills in statfs(2)'s answer. */
    public abstract void status(CallContext context, FilesystemStatus result) throws ErrnoException;

    /** Device number of its inodes. */
    public abstract long deviceId();

    /** Writes back everything (sync(2), syncfs(2)). */
    public void sync() throws ErrnoException {}

    /** Options as /proc/mounts shows them after rw/ro, starting with a comma or empty. */
    public String options() {
        return "";
    }

    /** Applies mount(2)'s data to a living instance (MS_REMOUNT); the flags are the mount's. */
    public void remount(CallContext context, int flags, String data) throws ErrnoException {}

    /** The last mount, and the last open file of a lazily unmounted one, is gone. */
    public void release() {}
}
