// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountAttr;
import dev.jvisor.platform.abi.MountFlags;

import java.util.List;

/** open_tree(2), move_mount(2), mount_setattr(2). */
public final class MountApi {

    private MountApi() {}

    /** EPERM unless the caller may mount in its namespace. */
    public static void checkMayMount(CallContext context) throws ErrnoException {
        MountOperations.checkMayMount(context);
    }

    /** open_tree(2) without OPEN_TREE_CLONE: a place. */
    public static FileDescription openPlace(VfsPath place) {
        return new PathOnlyFile(place, Fcntl.O_PATH);
    }

    /** open_tree(2) with OPEN_TREE_CLONE: a copy that is nowhere yet. EPERM, EINVAL. */
    public static FileDescription openCopy(CallContext context, VfsPath place, boolean recursive)
            throws ErrnoException {
        checkMayMount(context);
        return new MountTreeFile(context.fs().mounts().copyOf(place, recursive));
    }

    /** move_mount(2). EPERM, EINVAL, ELOOP, ENOENT. */
    public static void move(CallContext context, VfsPath from, VfsPath to) throws ErrnoException {
        checkMayMount(context);
        MountOperations.move(context, from, to);
    }

    /** The flags of a mount for {@code MOUNT_ATTR_*}. */
    public static int flagsOf(int attributes) {
        int flags = attributes
                & (MountAttr.MOUNT_ATTR_RDONLY
                        | MountAttr.MOUNT_ATTR_NOSUID
                        | MountAttr.MOUNT_ATTR_NODEV
                        | MountAttr.MOUNT_ATTR_NOEXEC);
        return flags
                | flag(attributes, MountAttr.MOUNT_ATTR_NODIRATIME, MountFlags.MS_NODIRATIME)
                | flag(attributes, MountAttr.MOUNT_ATTR_NOSYMFOLLOW, MountFlags.MS_NOSYMFOLLOW)
                | switch (attributes & MountAttr.MOUNT_ATTR__ATIME) {
                    case MountAttr.MOUNT_ATTR_NOATIME -> MountFlags.MS_NOATIME;
                    case MountAttr.MOUNT_ATTR_STRICTATIME -> MountFlags.MS_STRICTATIME;
                    default -> 0;
                };
    }

    private static int flag(int attributes, int attribute, int flag) {
        return (attributes & attribute) != 0 ? flag : 0;
    }

    /**
     * mount_setattr(2), on all mounts or on none.
     *
     * @param clear {@code MOUNT_ATTR_*} to clear; all of MOUNT_ATTR__ATIME or nothing of it
     * @param set {@code MOUNT_ATTR_*} to set
     * @param propagation one of MS_SHARED and the like, or 0
     * @throws ErrnoException EINVAL for the place, EPERM for flags that are locked
     */
    public static void setAttributes(
            CallContext context,
            VfsPath place,
            boolean recursive,
            int clear,
            int set,
            int propagation)
            throws ErrnoException {
        Mount top = place.mount();
        int cleared = flagsOf(clear & ~MountAttr.MOUNT_ATTR__ATIME);
        if ((clear & MountAttr.MOUNT_ATTR__ATIME) != 0) {
            cleared |= Mount.ATIME_FLAGS & ~MountFlags.MS_NODIRATIME;
        }
        int added = flagsOf(set);
        synchronized (MountNamespace.LOCK) {
            boolean here = top.namespace == context.fs().mounts() || top.isFloating();
            if (place.dentry() != top.root() || !here) {
                throw Errno.EINVAL.exception();
            }
            List<Mount> all = recursive ? MountTrees.subtree(top) : List.of(top);
            for (Mount m : all) {
                MountOperations.checkLocked(m, m.flags() & ~cleared | added);
            }
            for (Mount m : all) {
                m.setFlags(m.flags() & ~cleared | added);
                if (propagation != 0) {
                    Propagation.change(m, propagation);
                }
            }
        }
    }
}
