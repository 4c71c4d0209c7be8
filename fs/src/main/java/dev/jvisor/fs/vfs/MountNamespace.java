// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.platform.abi.Sched;

import org.jspecify.annotations.Nullable;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A tree of mounts (Linux: {@code struct mnt_namespace}). */
public final class MountNamespace extends Namespace {

    /**
     * The mount lock (Linux: {@code namespace_sem}): guards all mount trees of the process. Taken
     * before any dentry table; no file system is called under it.
     */
    private static final Object LOCK = new Object();

    private static final int FIRST_ID = 20; // small numbers look like a bug in mountinfo

    /** Mounts of a namespace; Linux: {@code fs.mount-max}, which is ten times that. */
    private static final int MOUNTS_MAX = 10_000;

    private static int nextId = FIRST_ID;

    private final UserNamespace owner;
    private final VfsRegistry registry;
    private final List<Mount> mounts = new ArrayList<>();
    private final List<WeakReference<FsContext>> users = new ArrayList<>();
    private int pruneAt = 64;
    private int holders;
    private Mount root;

    /** Makes the initial one. */
    private MountNamespace(
            VfsRegistry registry, Filesystem filesystem, Dentry root, int flags, String source) {
        super(INITIAL_MNT);
        this.owner = UserNamespace.INITIAL;
        this.registry = registry;
        synchronized (LOCK) {
            Mount m = new Mount(nextId++, filesystem, root, null, flags, source);
            this.root = m;
            m.namespace = this;
            mounts.add(m);
        }
    }

    /** Creates one whose root is a file system. */
    public static MountNamespace create(Filesystem root, String source, int flags) {
        return new MountNamespace(new VfsRegistry(), root, root.rootDentry(), flags, source);
    }

    private MountNamespace(MountNamespace other, UserNamespace owner) {
        this.owner = owner;
        this.registry = other.registry;
        synchronized (LOCK) {
            Mount theirs = other.root;
            this.root = new Mount(
                    nextId++,
                    theirs.filesystem(),
                    theirs.root(),
                    null,
                    theirs.flags(),
                    theirs.source());
            root.namespace = this;
            mounts.add(root);
        }
    }

    @Override
    public UserNamespace owner() {
        return owner;
    }

    @Override
    public String kind() {
        return "mnt";
    }

    @Override
    public int cloneFlag() {
        return Sched.CLONE_NEWNS;
    }

    /** The uppermost mount at its root. */
    public VfsPath root() {
        synchronized (LOCK) {
            return topOf(root.rootPath());
        }
    }

    /** What is known to all namespaces of a kernel: types and devices. */
    public VfsRegistry registry() {
        return registry;
    }

    /**
     * Registers a type for mount(2) and /proc/filesystems (kept for all namespaces of a kernel).
     */
    public void registerType(FilesystemType type) {
        registry.registerType(type);
    }

    public List<FilesystemType> types() {
        return registry.types();
    }

    /** Mounts an instance at a directory or file. */
    public Mount mount(Filesystem filesystem, VfsPath at, int flags, String source)
            throws ErrnoException {
        return mountDentry(filesystem, filesystem.rootDentry(), at, flags, source);
    }

    /** Mounts a part of a file system: a bind mount. */
    public Mount mountDentry(
            Filesystem filesystem, Dentry root, VfsPath at, int flags, String source)
            throws ErrnoException {
        synchronized (LOCK) {
            VfsPath top = topOf(at);
            if (top.dentry().isDeleted()) {
                throw Errno.ENOENT.exception();
            }
            if (top.mount().namespace != this) {
                throw Errno.EINVAL.exception();
            }
            if (top.dentry().isDirectory() != root.isDirectory()) {
                throw Errno.ENOTDIR.exception();
            }
            if (mounts.size() >= MOUNTS_MAX) {
                throw Errno.ENOSPC.exception();
            }
            Mount m = new Mount(nextId++, filesystem, root, top, flags, source);
            m.namespace = this;
            attachHere(m, top.dentry());
            mounts.add(m);
            return m;
        }
    }

    /** Binds a subtree with the mounts below it (MS_BIND|MS_REC). */
    Mount bindRecursive(VfsPath from, VfsPath at) throws ErrnoException {
        synchronized (LOCK) {
            List<Mount> below = subtree(from.mount());
            Map<Mount, Mount> copies = new HashMap<>();
            Mount first = mountDentry(
                    from.mount().filesystem(),
                    from.dentry(),
                    at,
                    from.mount().flags(),
                    from.mount().source());
            copies.put(from.mount(), first);
            for (Mount m : below) {
                VfsPath place = m.mountPoint();
                Mount parentCopy = place == null ? null : copies.get(place.mount());
                if (place == null || parentCopy == null || m == first) {
                    continue;
                }
                if (place.mount() == from.mount() && !place.dentry().isAtOrBelow(from.dentry())) {
                    continue;
                }
                VfsPath there = new VfsPath(parentCopy, place.dentry());
                copies.put(m, mountDentry(m.filesystem(), m.root(), there, m.flags(), m.source()));
            }
            return first;
        }
    }

    /** Moves a mount with all below it (MS_MOVE). */
    void move(Mount mount, VfsPath at) throws ErrnoException {
        synchronized (LOCK) {
            VfsPath old = mount.mountPoint();
            VfsPath top = topOf(at);
            if (old == null || mount.namespace != this || top.mount().namespace != this) {
                throw Errno.EINVAL.exception();
            }
            if (top.dentry().isDirectory() != mount.root().isDirectory()) {
                throw Errno.ENOTDIR.exception();
            }
            for (Mount m = top.mount(); m != null; m = parentOf(m)) {
                if (m == mount) {
                    throw Errno.ELOOP.exception();
                }
            }
            detachHere(mount, old.dentry());
            mount.setMountPoint(top);
            attachHere(mount, top.dentry());
        }
    }

    /**
     * pivot_root(2): makes {@code newRoot}'s mount the root and puts the old one at {@code putOld},
     * whose paths the caller resolved and checked.
     */
    public void pivotRoot(VfsPath newRoot, VfsPath putOld, VfsPath currentRoot)
            throws ErrnoException {
        synchronized (LOCK) {
            Mount incoming = newRoot.mount();
            Mount outgoing = currentRoot.mount();
            VfsPath at = incoming.mountPoint();
            if (newRoot.dentry() != incoming.root()
                    || currentRoot.dentry() != outgoing.root()
                    || at == null
                    || incoming.namespace != this) {
                throw Errno.EINVAL.exception();
            }
            if (incoming == outgoing || putOld.mount() == outgoing) {
                throw Errno.EBUSY.exception();
            }
            if (!isReachable(putOld, newRoot)) {
                throw Errno.EINVAL.exception();
            }
            VfsPath outgoingAt = outgoing.mountPoint();
            detachHere(incoming, at.dentry());
            if (outgoingAt != null) {
                detachHere(outgoing, outgoingAt.dentry());
                attachHere(incoming, outgoingAt.dentry());
            } else {
                root = incoming;
            }
            incoming.setMountPoint(outgoingAt);
            VfsPath top = topOf(putOld);
            outgoing.setMountPoint(top);
            attachHere(outgoing, top.dentry());
            for (WeakReference<FsContext> reference : users) {
                FsContext user = reference.get();
                if (user != null) {
                    user.replace(currentRoot, newRoot);
                }
            }
        }
    }

    private static boolean isReachable(VfsPath place, VfsPath root) {
        Mount m = place.mount();
        Dentry d = place.dentry();
        while (m != root.mount()) {
            VfsPath at = m.mountPoint();
            if (at == null) {
                return false;
            }
            m = at.mount();
            d = at.dentry();
        }
        return d.isAtOrBelow(root.dentry());
    }

    /** Takes a mount away: EBUSY if it is used, unless {@code lazy} (MNT_DETACH). */
    void umount(Mount mount, boolean lazy) throws ErrnoException {
        synchronized (LOCK) {
            VfsPath at = mount.mountPoint();
            if (mount.namespace != this || at == null) {
                throw Errno.EINVAL.exception();
            }
            List<Mount> gone = subtree(mount);
            if (!lazy && (gone.size() > 1 || mount.openFiles() > 0 || isUsed(mount))) {
                throw Errno.EBUSY.exception();
            }
            for (int i = gone.size() - 1; i >= 0; i--) {
                Mount m = gone.get(i);
                VfsPath place = m.mountPoint();
                if (place != null) {
                    detachHere(m, place.dentry());
                }
                mounts.remove(m);
                m.namespace = null;
                m.detach();
            }
        }
    }

    private boolean isUsed(Mount mount) {
        for (WeakReference<FsContext> reference : users) {
            FsContext user = reference.get();
            if (user != null && user.uses(mount)) {
                return true;
            }
        }
        return false;
    }

    /** Mounts in mount order, for /proc/mounts and mountinfo. */
    public List<Mount> mounts() {
        synchronized (LOCK) {
            return List.copyOf(mounts);
        }
    }

    /**
     * Copies the tree for CLONE_NEWNS or unshare(2); places of the caller follow with
     * {@link FsContext#moveTo}.
     *
     * @param itsOwner user namespace of the copy
     */
    public MountNamespace copy(UserNamespace itsOwner) throws ErrnoException {
        synchronized (LOCK) {
            MountNamespace made = new MountNamespace(this, itsOwner);
            Map<Mount, Mount> copies = new HashMap<>();
            copies.put(root, made.root);
            for (Mount m : subtree(root)) {
                VfsPath at = m.mountPoint();
                Mount parentCopy = at == null ? null : copies.get(at.mount());
                if (at == null || parentCopy == null) {
                    continue;
                }
                VfsPath place = new VfsPath(parentCopy, at.dentry());
                Mount copy =
                        new Mount(nextId++, m.filesystem(), m.root(), place, m.flags(), m.source());
                copy.namespace = made;
                attachHere(copy, place.dentry());
                made.mounts.add(copy);
                copies.put(m, copy);
            }
            made.copiedFrom = copies;
            return made;
        }
    }

    private @Nullable Map<Mount, Mount> copiedFrom;

    /** Where a place of the namespace this was copied from is here. */
    VfsPath translate(VfsPath place) {
        Map<Mount, Mount> copies = copiedFrom;
        Mount m = copies == null ? null : copies.get(place.mount());
        return m == null ? place : new VfsPath(m, place.dentry());
    }

    /** A mount and all below it, parents first. */
    private List<Mount> subtree(Mount top) {
        List<Mount> found = new ArrayList<>();
        found.add(top);
        for (int i = 0; i < found.size(); i++) {
            for (Mount m : mounts) {
                VfsPath at = m.mountPoint();
                if (at != null && at.mount() == found.get(i)) {
                    found.add(m);
                }
            }
        }
        return found;
    }

    private static @Nullable Mount parentOf(Mount m) {
        VfsPath at = m.mountPoint();
        return at == null ? null : at.mount();
    }

    private static void attachHere(Mount m, Dentry at) {
        m.nextHere = at.mountedHere;
        at.mountedHere = m;
    }

    private static void detachHere(Mount m, Dentry at) {
        Mount before = null;
        for (Mount x = at.mountedHere; x != null; x = x.nextHere) {
            if (x == m) {
                if (before == null) {
                    at.mountedHere = x.nextHere;
                } else {
                    before.nextHere = x.nextHere;
                }
                // m.nextHere stays: a walk that is on it goes on
                return;
            }
            before = x;
        }
    }

    /** The mount on a place, or null. */
    static @Nullable Mount mountedOn(Mount mount, Dentry dentry) {
        for (Mount m = dentry.mountedHere; m != null; m = m.nextHere) {
            VfsPath at = m.mountPoint();
            if (at != null && at.mount() == mount) {
                return m;
            }
        }
        return null;
    }

    /** Whether anything is mounted on a dentry in the caller's namespace: it cannot be removed. */
    boolean isMountPoint(Dentry dentry) {
        for (Mount m = dentry.mountedHere; m != null; m = m.nextHere) {
            if (m.namespace == this) {
                return true;
            }
        }
        return false;
    }

    /** The uppermost root of what is stacked on a place. */
    static VfsPath topOf(VfsPath place) {
        VfsPath p = place;
        for (Mount m = mountedOn(p.mount(), p.dentry()); m != null; ) {
            p = m.rootPath();
            m = mountedOn(p.mount(), p.dentry());
        }
        return p;
    }

    /** Somebody refers to it who is not in it (an open file of {@code /proc/PID/ns/mnt}). */
    public void hold() {
        synchronized (LOCK) {
            holders++;
        }
    }

    /** Ends {@link #hold}. */
    public void letGo() {
        synchronized (LOCK) {
            holders--;
        }
    }

    void addUser(FsContext user) {
        synchronized (LOCK) {
            if (users.size() >= pruneAt) {
                users.removeIf(reference -> reference.get() == null);
                pruneAt = Math.max(64, users.size() * 2);
            }
            users.add(new WeakReference<>(user));
        }
    }

    void removeUser(FsContext user) {
        synchronized (LOCK) {
            for (int i = users.size() - 1; i >= 0; i--) {
                if (users.get(i).refersTo(user)) {
                    users.remove(i);
                    return;
                }
            }
        }
    }

    /** Whether a flag that only a mount has keeps writers out: EROFS. */
    static void wantWrite(Mount mount) throws ErrnoException {
        if ((mount.flags() & MountFlags.MS_RDONLY) != 0) {
            throw Errno.EROFS.exception();
        }
    }
}
