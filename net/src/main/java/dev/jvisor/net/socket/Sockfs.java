// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.socket;

import dev.jvisor.fs.anon.AnonymousFilesystem;
import dev.jvisor.fs.anon.AnonymousInode;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.platform.abi.StatMode;

/** Where the inodes of sockets live (Linux: sockfs). */
final class Sockfs {

    private static final AnonymousFilesystem FILESYSTEM =
            new AnonymousFilesystem("sockfs", MountFlags.SOCKFS_MAGIC);

    private Sockfs() {}

    /** A place named {@code socket:[N]} for a new socket of the caller. */
    static VfsPath newPlace(CallContext context) {
        AnonymousInode inode = FILESYSTEM.newInode(context, StatMode.S_IFSOCK | 0777);
        return FILESYSTEM.place("socket:[" + inode.number() + "]", inode);
    }
}
