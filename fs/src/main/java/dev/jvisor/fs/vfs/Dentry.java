// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import org.jspecify.annotations.Nullable;

/**
 * A name in a directory, cached (Linux: {@code struct dentry}).
 *
 * <p>A directory of a file system has one dentry as long as anybody refers to it, however often the
 * cache dropped it meanwhile. The monitor of a directory's dentry is the directory's lock (Linux:
 * {@code i_rwsem}): whoever creates, removes or renames entries holds it. Looking up needs no lock.
 */
public final class Dentry {

    private volatile String name;
    private volatile @Nullable Dentry parent;
    private volatile @Nullable Inode inode;
    private volatile boolean deleted;
    private volatile @Nullable DentryTable children;

    /** First of the mounts on this dentry, of any parent mount; changed under the mount lock. */
    volatile @Nullable Mount mountedHere;

    /** Links of the table of the parent that this is in; guarded by that table. */
    int hash;

    @Nullable
    Dentry next;

    /** Links of the list of the cache; guarded by the cache. */
    @Nullable
    Dentry older;

    @Nullable
    Dentry newer;

    /** The cache must keep it: a rename is about to give its name an inode. */
    volatile boolean pinned;

    boolean listed;

    /** Found since the cache last looked (a hint, racy). */
    boolean referenced;

    public Dentry(@Nullable Dentry parent, String name, @Nullable Inode inode) {
        this.parent = parent;
        this.name = name;
        this.inode = inode;
        this.hash = name.hashCode();
    }

    public String name() {
        return name;
    }

    public @Nullable Dentry parent() {
        return parent;
    }

    /** The inode, or null for a negative entry. */
    public @Nullable Inode inodeOrNull() {
        return inode;
    }

    /** The inode of a positive entry. */
    public Inode inode() {
        Inode i = inode;
        if (i == null) {
            throw new IllegalStateException("negative dentry " + name);
        }
        return i;
    }

    /** Whether the name has been removed (or the file never had one). */
    public boolean isDeleted() {
        return deleted;
    }

    public boolean isDirectory() {
        Inode i = inode;
        return i != null && i.isDirectory();
    }

    /** Whether this is {@code ancestor} or lies below it, within one file system. */
    boolean isAtOrBelow(Dentry ancestor) {
        for (Dentry d = this; d != null; d = d.parent) {
            if (d == ancestor) {
                return true;
            }
        }
        return false;
    }

    @Nullable
    DentryTable childrenOrNull() {
        return children;
    }

    /** The table of children, made when first needed. Only for positive directories. */
    DentryTable children() {
        DentryTable t = children;
        if (t != null) {
            return t;
        }
        DentryCache cache = inode().filesystem().dentryCache();
        DentryTable made = new DentryTable(this, cache);
        synchronized (cache) {
            t = children;
            if (t == null) {
                children = t = made;
            }
        }
        return t;
    }

    void setInode(@Nullable Inode inode) {
        this.inode = inode;
    }

    void setDeleted() {
        deleted = true;
    }

    /** Gives it another place; the tables are the caller's work. */
    void move(Dentry newParent, String newName) {
        parent = newParent;
        name = newName;
        hash = newName.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
