// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MountFlags;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Trees of mounts: copies, locks, ends (Linux: fs/namespace.c). The caller holds the mount lock.
 */
final class MountTrees {

    private MountTrees() {}

    /** A mount and all below it, parents first. */
    static List<Mount> subtree(Mount top) {
        List<Mount> found = new ArrayList<>();
        found.add(top);
        for (int i = 0; i < found.size(); i++) {
            found.addAll(found.get(i).children);
        }
        return found;
    }

    /** Copies one mount, or a part of it, without what is mounted below. */
    static Mount copyOne(Mount original, Dentry root, Propagation.Relation relation)
            throws ErrnoException {
        Mount copy = new Mount(
                MountNamespace.takeId(),
                original.filesystem(),
                root,
                null,
                original.flags(),
                original.source());
        copy.lockedFlags = original.lockedFlags;
        Propagation.relate(original, copy, relation);
        return copy;
    }

    /**
     * Copies a mount, or a part of it, with what is mounted below (Linux: copy_tree).
     *
     * @param unbindable whether unbindable mounts are copied too; otherwise they are left out
     * @throws ErrnoException EPERM if one that is left out may not be uncovered
     */
    static Mount copy(Mount top, Dentry root, Propagation.Relation relation, boolean unbindable)
            throws ErrnoException {
        Mount first = copyOne(top, root, relation);
        Map<Mount, Mount> copies = new HashMap<>();
        copies.put(top, first);
        try {
            for (Mount m : subtree(top)) {
                VfsPath place = m.mountPoint();
                if (m == top || place == null) {
                    continue;
                }
                Mount parent = copies.get(place.mount());
                boolean inside = place.mount() != top || place.dentry().isAtOrBelow(root);
                if (parent == null || !inside) {
                    continue;
                }
                if (m.unbindable && !unbindable) {
                    if (m.locked) {
                        throw Errno.EPERM.exception();
                    }
                    continue;
                }
                Mount copy = copyOne(m, m.root(), relation);
                copy.locked = m.locked;
                copy.unbindable = m.unbindable;
                connect(copy, new VfsPath(parent, place.dentry()));
                copies.put(m, copy);
            }
        } catch (ErrnoException e) {
            dissolve(first);
            throw e;
        }
        if (unbindable) {
            first.unbindable = top.unbindable;
        }
        return first;
    }

    /** Puts a mount on a place. */
    static void connect(Mount m, VfsPath place) {
        m.setMountPoint(place);
        place.mount().children.add(m);
        Dentry at = place.dentry();
        m.nextHere = at.mountedHere;
        at.mountedHere = m;
    }

    /** Takes a mount from its place. */
    static void disconnect(Mount m) {
        VfsPath place = m.mountPoint();
        if (place == null) {
            return;
        }
        place.mount().children.remove(m);
        Dentry at = place.dentry();
        Mount before = null;
        for (Mount x = at.mountedHere; x != null; x = x.nextHere) {
            if (x == m) {
                if (before == null) {
                    at.mountedHere = x.nextHere;
                } else {
                    before.nextHere = x.nextHere;
                }
                break; // m.nextHere stays: a walk that is on it goes on
            }
            before = x;
        }
        m.setMountPoint(null);
    }

    /** Ends a tree that is in no namespace. */
    static void dissolve(Mount top) {
        List<Mount> all = subtree(top);
        for (int i = all.size() - 1; i >= 0; i--) {
            end(all.get(i));
        }
    }

    /** A mount leaves its place, its namespace and its relations. */
    static void end(Mount m) {
        disconnect(m);
        Propagation.change(m, MountFlags.MS_PRIVATE);
        MountNamespace namespace = m.namespace;
        if (namespace != null) {
            namespace.forget(m);
            m.namespace = null;
        }
        m.detach();
    }

    /**
     * The tree goes to a namespace of another user namespace: nothing of it can be uncovered or get
     * more rights there (Linux: lock_mnt_tree).
     *
     * @param withTop whether the first mount may not be taken away either
     */
    static void lock(Mount top, boolean withTop) {
        for (Mount m : subtree(top)) {
            m.lockedFlags |= Mount.ATIME_FLAGS
                    | m.flags()
                            & (MountFlags.MS_RDONLY
                                    | MountFlags.MS_NODEV
                                    | MountFlags.MS_NOSUID
                                    | MountFlags.MS_NOEXEC);
            if (m != top || withTop) {
                m.locked = true;
            }
        }
    }

    /** Whether something that may not be uncovered is mounted below a place. */
    static boolean hasLockedChildren(Mount mount, Dentry below) {
        for (Mount child : mount.children) {
            VfsPath at = child.mountPoint();
            if (child.locked && at != null && at.dentry().isAtOrBelow(below)) {
                return true;
            }
        }
        return false;
    }

    static boolean hasUnbindable(Mount top) {
        for (Mount m : subtree(top)) {
            if (m.unbindable) {
                return true;
            }
        }
        return false;
    }
}
