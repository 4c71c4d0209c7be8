// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.anon;

import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.platform.abi.StatMode;

/**
 * The file system behind eventfd, epoll and their like (Linux: anon_inodefs, one inode for all).
 */
public final class AnonInodes {

    private static final AnonymousFilesystem FILESYSTEM =
            new AnonymousFilesystem("anon_inodefs", MountFlags.ANON_INODE_FS_MAGIC);

    private static final AnonymousInode INODE =
            new AnonymousInode(FILESYSTEM, 2, StatMode.S_IRUSR | StatMode.S_IWUSR, 0, 0, 0);

    private AnonInodes() {}

    /** The inode that all share: no file type, mode 0600. */
    public static AnonymousInode inode() {
        return INODE;
    }

    /** The place of a new file; {@code kind} as in {@code anon_inode:[eventfd]}. */
    public static VfsPath place(String kind) {
        return FILESYSTEM.place("anon_inode:" + kind, INODE);
    }
}
