// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import org.jspecify.annotations.Nullable;

/**
 * Somebody who is told what happens to an inode and, if it is a directory, to its entries (Linux:
 * {@code struct fsnotify_mark}). It holds the name by which the inode was found, so that the inode
 * stays the one object that stands for the file.
 */
public abstract class InodeWatch {

    private final Dentry dentry;
    private final Inode inode;

    protected InodeWatch(Dentry dentry) {
        this.dentry = dentry;
        this.inode = dentry.inode();
    }

    public final Inode inode() {
        return inode;
    }

    /** The name by which it was found first. */
    public final Dentry dentry() {
        return dentry;
    }

    /** Begins to watch. */
    protected final void attach() {
        if (inode.addWatch(this)) {
            Fsnotify.watchAdded(this);
        }
    }

    /** Ends watching; a second time is without effect. */
    protected final void detach() {
        if (inode.removeWatch(this)) {
            Fsnotify.watchRemoved(this);
        }
    }

    /**
     * Something happened; any thread, with directories locked. Must not block.
     *
     * @param mask one or more {@code IN_*} events, and IN_ISDIR
     * @param name of the entry it happened to, null if it is the inode itself
     * @param cookie pairs the two events of a rename, otherwise 0
     * @param unlinked whether it happened through an open file that has no name any more
     */
    protected abstract void event(int mask, @Nullable String name, int cookie, boolean unlinked);

    /** The inode is gone: no events will come. */
    protected abstract void inodeGone();
}
