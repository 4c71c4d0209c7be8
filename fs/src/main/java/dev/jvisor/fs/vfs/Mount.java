// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import org.jspecify.annotations.Nullable;

/** A file system attached at a place (Linux: {@code struct mount}). Contract skeleton (fs owner). */
public final class Mount {

    private final int id;
    private final Filesystem filesystem;
    private final Dentry root;
    private final @Nullable VfsPath mountPoint;
    private final int flags;
    private final String source;

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

    /** Where it is mounted; null for the root of the namespace. */
    public @Nullable VfsPath mountPoint() {
        return mountPoint;
    }

    /** {@code MS_RDONLY}, {@code MS_NOEXEC}, {@code MS_NOSUID}, {@code MS_NODEV}, {@code MS_NOATIME}, … */
    public int flags() {
        return flags;
    }

    public String source() {
        return source;
    }
}
