// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.ErrnoException;

/** A mounted instance of a file system (Linux: {@code struct super_block}). */
public abstract class Filesystem {

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

    /** The last mount is gone. */
    public void release() {}
}
