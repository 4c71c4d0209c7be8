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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** A tree of mounts (Linux: {@code struct mnt_namespace}). */
public final class MountNamespace extends Namespace {

    /**
     * The mount lock (Linux: {@code namespace_sem}): guards all mount trees of the process. Taken
     * before any dentry table; no file system is called under it.
     */
    static final Object LOCK = new Object();

    private static final int FIRST_ID = 20; // small numbers look like a bug in mountinfo

    /** Mounts of a namespace; Linux: {@code fs.mount-max}, which is ten times that. */
    private static final int MOUNTS_MAX = 10_000;

    /** Mounts of all namespaces together: they are objects of ours. */
    private static final int ALL_MOUNTS_MAX = 100_000;

    private static int nextId = FIRST_ID; // guarded by LOCK
    private static int allMounts; // guarded by LOCK

    private final UserNamespace owner;
    private final VfsRegistry registry;
    private final List<Mount> mounts = new ArrayList<>();
    private final List<WeakReference<FsContext>> users = new ArrayList<>();
    private int pruneAt = 64;
    private int holders;
    private Mount root;
    private @Nullable Map<Mount, Mount> copiedFrom;

    /** Makes the initial one. */
    private MountNamespace(
            VfsRegistry registry, Filesystem filesystem, Dentry root, int flags, String source) {
        super(INITIAL_MNT);
        this.owner = UserNamespace.INITIAL;
        this.registry = registry;
        synchronized (LOCK) {
            this.root = new Mount(nextId++, filesystem, root, null, flags, source);
            adopt(this.root);
        }
    }

    private MountNamespace(MountNamespace other, UserNamespace owner, Mount root) {
        this.owner = owner;
        this.registry = other.registry;
        this.root = root;
        adoptTree(root);
    }

    /** Creates one whose root is a file system. */
    public static MountNamespace create(Filesystem root, String source, int flags) {
        return new MountNamespace(new VfsRegistry(), root, root.rootDentry(), flags, source);
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

    /** A number for a new mount; the caller holds the mount lock. ENOSPC. */
    static int takeId() throws ErrnoException {
        if (allMounts >= ALL_MOUNTS_MAX) {
            throw Errno.ENOSPC.exception();
        }
        return nextId++;
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

    /** Mounts in mount order, for /proc/mounts and mountinfo. */
    public List<Mount> mounts() {
        synchronized (LOCK) {
            return List.copyOf(mounts);
        }
    }

    private void adopt(Mount m) {
        m.namespace = this;
        mounts.add(m);
        allMounts++;
    }

    private void adoptTree(Mount top) {
        for (Mount m : MountTrees.subtree(top)) {
            adopt(m);
        }
    }

    /** A mount leaves; the caller holds the mount lock. */
    void forget(Mount m) {
        mounts.remove(m);
        allMounts--;
    }

    // Mounting.

    /** Mounts an instance at a directory or file, read-only as a whole with MS_RDONLY. */
    public Mount mount(Filesystem filesystem, VfsPath at, int flags, String source)
            throws ErrnoException {
        synchronized (LOCK) {
            filesystem.setReadOnlyMounted((flags & MountFlags.MS_RDONLY) != 0);
            Mount m = newMount(filesystem, flags, source);
            try {
                attach(m, at);
            } catch (ErrnoException e) {
                MountTrees.dissolve(m);
                throw e;
            }
            return m;
        }
    }

    /** Makes a mount that is nowhere yet. */
    static Mount newMount(Filesystem filesystem, int flags, String source) throws ErrnoException {
        synchronized (LOCK) {
            return new Mount(takeId(), filesystem, filesystem.rootDentry(), null, flags, source);
        }
    }

    /**
     * Puts a tree that is nowhere on a place of this namespace, and its copies on the places that
     * follow (Linux: graft_tree, attach_recursive_mnt).
     *
     * @throws ErrnoException ENOENT, EINVAL, ENOTDIR for the place; ENOSPC
     */
    void attach(Mount tree, VfsPath at) throws ErrnoException {
        synchronized (LOCK) {
            VfsPath top = topOf(at);
            checkPlace(tree, top);
            attachAt(tree, top);
        }
    }

    private void checkPlace(Mount tree, VfsPath top) throws ErrnoException {
        if (top.dentry().isDeleted()) {
            throw Errno.ENOENT.exception();
        }
        if (top.mount().namespace != this) {
            throw Errno.EINVAL.exception();
        }
        if (top.dentry().isDirectory() != tree.root().isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
    }

    private void attachAt(Mount tree, VfsPath top) throws ErrnoException {
        List<Mount> all = MountTrees.subtree(tree);
        boolean moves = tree.namespace == this;
        if (!moves && mounts.size() + all.size() > MOUNTS_MAX) {
            throw Errno.ENOSPC.exception();
        }
        List<Propagation.Copy> copies = List.of();
        if (top.mount().group != null) {
            for (Mount m : all) {
                if (m.group == null) {
                    new PeerGroup().join(m);
                }
            }
            copies = Propagation.copies(tree, top);
            checkRoom(copies);
        }
        MountTrees.disconnect(tree);
        MountTrees.connect(tree, top);
        if (!moves) {
            adoptTree(tree);
        }
        for (Propagation.Copy copy : copies) {
            // What is there already stays on top.
            Mount above = mountedOn(copy.place().mount(), copy.place().dentry());
            MountNamespace target = copy.place().mount().namespace;
            MountTrees.connect(copy.tree(), copy.place());
            if (target != null) {
                target.adoptTree(copy.tree());
            }
            if (above != null) {
                MountTrees.disconnect(above);
                MountTrees.connect(above, topOf(copy.tree().rootPath()));
            }
        }
    }

    private static void checkRoom(List<Propagation.Copy> copies) throws ErrnoException {
        for (Propagation.Copy copy : copies) {
            MountNamespace target = copy.place().mount().namespace;
            if (target != null && target.mounts.size() + 1 > MOUNTS_MAX) {
                for (Propagation.Copy other : copies) {
                    MountTrees.dissolve(other.tree());
                }
                throw Errno.ENOSPC.exception();
            }
        }
    }

    /**
     * A copy of a place, to be mounted elsewhere (Linux: __do_loopback).
     *
     * @param recursive with the mounts below it
     * @throws ErrnoException EINVAL if it is of another namespace, unbindable or hides something
     */
    Mount copyOf(VfsPath from, boolean recursive) throws ErrnoException {
        synchronized (LOCK) {
            Mount m = from.mount();
            boolean foreign = m.namespace != this && !m.filesystem().type().equals("nsfs");
            if (m.unbindable || foreign) {
                throw Errno.EINVAL.exception();
            }
            if (recursive) {
                return MountTrees.copy(m, from.dentry(), Propagation.Relation.PEER, false);
            }
            if (MountTrees.hasLockedChildren(m, from.dentry())) {
                throw Errno.EINVAL.exception();
            }
            return MountTrees.copyOne(m, from.dentry(), Propagation.Relation.PEER);
        }
    }

    /** Binds a place elsewhere (MS_BIND, MS_REC). */
    void bind(VfsPath from, VfsPath at, boolean recursive) throws ErrnoException {
        synchronized (LOCK) {
            if (topOf(at).mount().namespace != this) {
                throw Errno.EINVAL.exception();
            }
            Mount copy = copyOf(from, recursive);
            try {
                attach(copy, at);
            } catch (ErrnoException e) {
                MountTrees.dissolve(copy);
                throw e;
            }
        }
    }

    /** Moves a mount with all below it (MS_MOVE, move_mount(2)). EINVAL, ELOOP. */
    void move(Mount mount, VfsPath at) throws ErrnoException {
        synchronized (LOCK) {
            VfsPath old = mount.mountPoint();
            VfsPath top = topOf(at);
            boolean floating = mount.isFloating();
            if (top.mount().namespace != this
                    || !floating && (old == null || mount.namespace != this)
                    || mount.locked
                    || top.dentry().isDirectory() != mount.root().isDirectory()
                    || old != null && old.mount().group != null
                    || top.mount().group != null && MountTrees.hasUnbindable(mount)) {
                throw Errno.EINVAL.exception();
            }
            if (top.dentry().isDeleted()) {
                throw Errno.ENOENT.exception();
            }
            for (Mount m = top.mount(); m != null; m = parentOf(m)) {
                if (m == mount) {
                    throw Errno.ELOOP.exception();
                }
            }
            attachAt(mount, top);
        }
    }

    /** Changes the propagation type of a mount, with MS_REC of all below too. */
    static void changePropagation(Mount mount, int type, boolean recursive) {
        synchronized (LOCK) {
            if (!recursive) {
                Propagation.change(mount, type);
                return;
            }
            for (Mount m : MountTrees.subtree(mount)) {
                Propagation.change(m, type);
            }
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
            VfsPath old = topOf(putOld);
            VfsPath outgoingAt = outgoing.mountPoint();
            if (isShared(old.mount())
                    || at != null && isShared(at.mount())
                    || outgoingAt != null && isShared(outgoingAt.mount())
                    || incoming.namespace != this
                    || outgoing.namespace != this
                    || incoming.locked) {
                throw Errno.EINVAL.exception();
            }
            if (newRoot.dentry().isDeleted()) {
                throw Errno.ENOENT.exception();
            }
            if (incoming == outgoing || old.mount() == outgoing) {
                throw Errno.EBUSY.exception();
            }
            if (newRoot.dentry() != incoming.root()
                    || currentRoot.dentry() != outgoing.root()
                    || at == null
                    || !isReachable(old, newRoot)
                    || !isReachable(newRoot, currentRoot)) {
                throw Errno.EINVAL.exception();
            }
            if (outgoing.locked) {
                incoming.locked = true;
                outgoing.locked = false;
            }
            MountTrees.disconnect(incoming);
            MountTrees.disconnect(outgoing);
            MountTrees.connect(outgoing, old);
            if (outgoingAt != null) {
                MountTrees.connect(incoming, outgoingAt);
            } else {
                root = incoming;
            }
            for (WeakReference<FsContext> reference : users) {
                FsContext user = reference.get();
                if (user != null) {
                    user.replace(currentRoot, newRoot);
                }
            }
        }
    }

    private static boolean isShared(Mount m) {
        return m.group != null;
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

    // Unmounting.

    /** Takes a mount away: EBUSY if it is used, unless {@code lazy} (MNT_DETACH). */
    void umount(Mount mount, boolean lazy) throws ErrnoException {
        synchronized (LOCK) {
            if (mount.namespace != this || mount.mountPoint() == null || mount.locked) {
                throw Errno.EINVAL.exception();
            }
            if (!lazy) {
                if (!mount.children.isEmpty() || mount.isInUse()) {
                    throw Errno.EBUSY.exception();
                }
                Propagation.checkBusy(mount);
            }
            umountTree(mount);
        }
    }

    private static void umountTree(Mount mount) {
        List<Mount> gone = MountTrees.subtree(mount);
        List<Mount> more = Propagation.alsoUnmounted(gone);
        for (Mount m : more) {
            VfsPath place = m.mountPoint();
            Mount topper = mountedOn(m, m.root());
            if (topper != null && place != null && !more.contains(topper)) {
                MountTrees.disconnect(topper);
                MountTrees.disconnect(m);
                MountTrees.connect(topper, place);
            }
        }
        for (int i = more.size() - 1; i >= 0; i--) {
            MountTrees.end(more.get(i));
        }
        for (int i = gone.size() - 1; i >= 0; i--) {
            MountTrees.end(gone.get(i));
        }
    }

    /** MNT_EXPIRE: EBUSY if it is used, EAGAIN if it was used since the last call. */
    void expire(Mount mount) throws ErrnoException {
        synchronized (LOCK) {
            if (mount.isInUse() || !mount.children.isEmpty()) {
                throw Errno.EBUSY.exception();
            }
            if (!mount.expire()) {
                throw Errno.EAGAIN.exception();
            }
        }
    }

    // Copies and life time.

    /**
     * Copies the tree for CLONE_NEWNS or unshare(2); places of the caller follow with
     * {@link FsContext#moveTo}.
     *
     * @param itsOwner user namespace of the copy
     */
    public MountNamespace copy(UserNamespace itsOwner) throws ErrnoException {
        synchronized (LOCK) {
            boolean sameOwner = itsOwner == owner;
            List<Mount> before = MountTrees.subtree(root);
            Mount top = MountTrees.copy(
                    root,
                    root.root(),
                    sameOwner ? Propagation.Relation.PEER : Propagation.Relation.SHARED_TO_SLAVE,
                    true);
            if (!sameOwner) {
                MountTrees.lock(top, false);
            }
            MountNamespace made = new MountNamespace(this, itsOwner, top);
            List<Mount> after = MountTrees.subtree(top);
            Map<Mount, Mount> copies = new IdentityHashMap<>();
            for (int i = 0; i < before.size(); i++) {
                copies.put(before.get(i), after.get(i));
            }
            made.copiedFrom = copies;
            return made;
        }
    }

    /** Where a place of the namespace this was copied from is here. */
    VfsPath translate(VfsPath place) {
        Map<Mount, Mount> copies = copiedFrom;
        Mount m = copies == null ? null : copies.get(place.mount());
        return m == null ? place : new VfsPath(m, place.dentry());
    }

    /** The one that made it has entered it. */
    void forgetOriginals() {
        copiedFrom = null;
    }

    /** Somebody refers to it who is not in it (an open file of {@code /proc/PID/ns/mnt}). */
    @Override
    public void hold() {
        synchronized (LOCK) {
            holders++;
        }
    }

    /** Ends {@link #hold}. */
    @Override
    public void letGo() {
        synchronized (LOCK) {
            holders--;
            endIfUnused();
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
                    break;
                }
            }
            endIfUnused();
        }
    }

    /** The initial one stays: the sandbox may start another process. */
    private void endIfUnused() {
        if (users.isEmpty() && holders == 0 && number() != INITIAL_MNT) {
            MountTrees.dissolve(root);
        }
    }

    // Lookups; without the lock.

    private static @Nullable Mount parentOf(Mount m) {
        VfsPath at = m.mountPoint();
        return at == null ? null : at.mount();
    }

    /** The mount on a place, or null. */
    static @Nullable Mount mountedOn(Mount mount, Dentry dentry) {
        for (Mount m = dentry.mountedHere; m != null; m = m.nextHere) {
            VfsPath at = m.mountPoint();
            if (at != null && at.mount() == mount && at.dentry() == dentry) {
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

    /** Whether a flag of the mount or of the whole file system keeps writers out: EROFS. */
    static void wantWrite(Mount mount) throws ErrnoException {
        if (mount.isReadOnly()) {
            throw Errno.EROFS.exception();
        }
    }

    /**
     * Whether a file system of a type is to be seen whole, so that a new one shows nothing new
     * (Linux: mnt_already_visible).
     *
     * @param flags of the new mount
     */
    boolean showsWhole(String type, int flags) {
        synchronized (LOCK) {
            for (Mount m : mounts) {
                if (!m.filesystem().type().equals(type)
                        || m.root() != m.filesystem().rootDentry()
                        || (m.lockedFlags & MountFlags.MS_RDONLY & ~flags) != 0
                        || MountTrees.hasLockedChildren(m, m.root())) {
                    continue;
                }
                return true;
            }
            return false;
        }
    }
}
