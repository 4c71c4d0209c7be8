// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import org.jspecify.annotations.Nullable;

/**
 * A name in a directory, cached (Linux: {@code struct dentry}). Contract skeleton (fs owner): children
 * cache with negative entries, bounded.
 */
public final class Dentry {

    private final String name;
    private final @Nullable Dentry parent;
    private @Nullable Inode inode;

    public Dentry(@Nullable Dentry parent, String name, @Nullable Inode inode) {
        this.parent = parent;
        this.name = name;
        this.inode = inode;
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

    void setInode(@Nullable Inode inode) {
        this.inode = inode;
    }
}
