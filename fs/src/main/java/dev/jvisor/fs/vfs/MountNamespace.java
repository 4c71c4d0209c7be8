// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.ErrnoException;
import java.util.List;

/** A tree of mounts (Linux: {@code struct mnt_namespace}). Contract skeleton (fs owner). */
public abstract class MountNamespace {

    /** Creates one whose root is a file system. */
    public static MountNamespace create(Filesystem root, String source, int flags) {
        throw new UnsupportedOperationException();
    }

    public abstract VfsPath root();

    /** Registers a type for mount(2) and /proc/filesystems (kept for all namespaces of a kernel). */
    public abstract void registerType(FilesystemType type);

    public abstract List<FilesystemType> types();

    /** Mounts an instance at a directory or file. */
    public abstract Mount mount(Filesystem filesystem, VfsPath at, int flags, String source)
            throws ErrnoException;

    /** Mounts in mount order, for /proc/mounts and mountinfo. */
    public abstract List<Mount> mounts();
}
