// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MountFlags;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What mounting and unmounting below a shared mount does elsewhere (Linux: fs/pnode.c). The caller
 * holds the mount lock.
 */
final class Propagation {

    /** How a copied mount relates to its original (Linux: {@code CL_*}). */
    enum Relation {
        /** A peer if the original is shared, a slave of the same master if it is a slave. */
        PEER,
        /** A slave of the original's group, which is shared. */
        SLAVE,
        /** A slave of the original's group, and shared with its own copies. */
        SHARED_SLAVE,
        /** A slave if the original is shared: the copy goes to another user namespace. */
        SHARED_TO_SLAVE
    }

    /** A copy that is to be mounted. */
    record Copy(Mount tree, VfsPath place) {}

    private Propagation() {}

    /** Sets a copy's relations. */
    static void relate(Mount original, Mount copy, Relation relation) {
        PeerGroup group = original.group;
        switch (relation) {
            case SLAVE, SHARED_SLAVE -> {
                PeerGroup.setMaster(copy, group);
                if (relation == Relation.SHARED_SLAVE) {
                    new PeerGroup().join(copy);
                }
            }
            case SHARED_TO_SLAVE ->
                PeerGroup.setMaster(copy, group != null ? group : original.master);
            default -> {
                if (group != null) {
                    group.join(copy);
                }
                PeerGroup.setMaster(copy, original.master);
            }
        }
    }

    /** {@code MS_SHARED}, {@code MS_PRIVATE}, {@code MS_SLAVE}, {@code MS_UNBINDABLE}. */
    static void change(Mount mount, int type) {
        if (type == MountFlags.MS_SHARED) {
            mount.unbindable = false;
            if (mount.group == null) {
                new PeerGroup().join(mount);
            }
            return;
        }
        PeerGroup group = mount.group;
        PeerGroup.leave(mount);
        if (group != null && !group.peers.isEmpty()) {
            PeerGroup.setMaster(mount, group);
        }
        if (type != MountFlags.MS_SLAVE) {
            PeerGroup.setMaster(mount, null);
        }
        mount.unbindable = type == MountFlags.MS_UNBINDABLE;
    }

    /**
     * Copies of a tree for all places that have to show it too (Linux: propagate_mnt). Its mounts
     * are shared already.
     */
    static List<Copy> copies(Mount tree, VfsPath place) throws ErrnoException {
        List<Copy> made = new ArrayList<>();
        PeerGroup group = place.mount().group;
        if (group == null) {
            return made;
        }
        try {
            addCopies(group, tree, place, new HashSet<>(), made);
        } catch (ErrnoException e) {
            for (Copy copy : made) {
                MountTrees.dissolve(copy.tree);
            }
            throw e;
        }
        return made;
    }

    private static void addCopies(
            PeerGroup group, Mount tree, VfsPath place, Set<PeerGroup> seen, List<Copy> made)
            throws ErrnoException {
        seen.add(group);
        for (Mount peer : group.peers) {
            if (peer != place.mount()) {
                add(peer, tree, Relation.PEER, place, made);
            }
        }
        for (Mount slave : group.slaves) {
            PeerGroup own = slave.group;
            if (own == null) {
                add(slave, tree, Relation.SLAVE, place, made);
            } else if (!seen.contains(own)) {
                addToSlaves(own, tree, place, seen, made);
            }
        }
    }

    /** A group of slaves: the first copy follows the tree, the others are its peers. */
    private static void addToSlaves(
            PeerGroup group, Mount tree, VfsPath place, Set<PeerGroup> seen, List<Copy> made)
            throws ErrnoException {
        Mount first = null;
        Mount firstPeer = null;
        for (Mount peer : group.peers) {
            first = add(peer, tree, Relation.SHARED_SLAVE, place, made);
            if (first != null) {
                firstPeer = peer;
                break;
            }
        }
        if (first == null || firstPeer == null) {
            // None of them shows the place; their slaves may.
            seen.add(group);
            for (Mount slave : group.slaves) {
                PeerGroup own = slave.group;
                if (own == null) {
                    add(slave, tree, Relation.SLAVE, place, made);
                } else if (!seen.contains(own)) {
                    addToSlaves(own, tree, place, seen, made);
                }
            }
            return;
        }
        addCopies(group, first, new VfsPath(firstPeer, place.dentry()), seen, made);
    }

    private static @Nullable Mount add(
            Mount target, Mount tree, Relation relation, VfsPath place, List<Copy> made)
            throws ErrnoException {
        MountNamespace namespace = target.namespace;
        if (!place.dentry().isAtOrBelow(target.root()) || namespace == null) {
            return null;
        }
        Mount copy = MountTrees.copy(tree, tree.root(), relation, true);
        MountNamespace source = place.mount().namespace;
        if (source == null || source.owner() != namespace.owner()) {
            MountTrees.lock(copy, true);
        }
        made.add(new Copy(copy, new VfsPath(target, place.dentry())));
        return copy;
    }

    /** Mounts that follow what happens on a mount, itself not among them. */
    static List<Mount> receivers(Mount mount) {
        List<Mount> found = new ArrayList<>();
        if (mount.group != null) {
            addReceivers(mount.group, mount, new HashSet<>(), found);
        }
        return found;
    }

    private static void addReceivers(
            PeerGroup group, Mount origin, Set<PeerGroup> seen, List<Mount> found) {
        if (!seen.add(group)) {
            return;
        }
        for (Mount peer : group.peers) {
            if (peer != origin) {
                found.add(peer);
            }
        }
        for (Mount slave : group.slaves) {
            PeerGroup own = slave.group;
            if (own == null) {
                found.add(slave);
            } else {
                addReceivers(own, origin, seen, found);
            }
        }
    }

    /**
     * What else goes when mounts go (Linux: propagate_umount): the mounts on the same places of
     * those that follow, unless something other is mounted below them, or they are locked.
     */
    static List<Mount> alsoUnmounted(List<Mount> gone) {
        Set<Mount> all = new HashSet<>(gone);
        List<Mount> more = new ArrayList<>();
        for (Mount m : gone) {
            VfsPath at = m.mountPoint();
            if (at == null) {
                continue;
            }
            for (Mount receiver : receivers(at.mount())) {
                Mount there = MountNamespace.mountedOn(receiver, at.dentry());
                if (there != null && (!there.locked || all.contains(receiver)) && all.add(there)) {
                    more.add(there);
                }
            }
        }
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int i = more.size() - 1; i >= 0; i--) {
                if (isHeld(more.get(i), all)) {
                    all.remove(more.remove(i));
                    changed = true;
                }
            }
        }
        return more;
    }

    private static boolean isHeld(Mount mount, Set<Mount> gone) {
        for (Mount child : mount.children) {
            VfsPath at = child.mountPoint();
            boolean topper = at != null && at.dentry() == mount.root();
            if (!topper && !gone.contains(child)) {
                return true;
            }
        }
        return false;
    }

    /** EBUSY if one that would go too is in use (Linux: propagate_mount_busy). */
    static void checkBusy(Mount mount) throws ErrnoException {
        VfsPath at = mount.mountPoint();
        if (at == null) {
            return;
        }
        for (Mount receiver : receivers(at.mount())) {
            Mount there = MountNamespace.mountedOn(receiver, at.dentry());
            if (there != null && there.children.isEmpty() && there.isInUse()) {
                throw Errno.EBUSY.exception();
            }
        }
    }
}
