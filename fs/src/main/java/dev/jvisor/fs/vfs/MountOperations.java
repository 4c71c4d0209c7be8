// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.platform.abi.Capabilities.CAP_SYS_ADMIN;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;

/** mount(2), umount2(2), pivot_root(2) (Linux: fs/namespace.c). */
final class MountOperations {

    private static final long MAGIC_MASK = 0xffff0000L;
    private static final long MAGIC = 0xc0ed0000L;

    /** Flags that a mount has for itself. */
    static final int PER_MOUNT = MountFlags.MS_RDONLY
            | MountFlags.MS_NOSUID
            | MountFlags.MS_NODEV
            | MountFlags.MS_NOEXEC
            | Mount.ATIME_FLAGS
            | MountFlags.MS_NOSYMFOLLOW;

    private static final int PROPAGATION = MountFlags.MS_SHARED
            | MountFlags.MS_PRIVATE
            | MountFlags.MS_SLAVE
            | MountFlags.MS_UNBINDABLE;

    private MountOperations() {}

    /** Linux: may_mount. */
    static boolean mayMount(CallContext context) {
        return context.credentials().hasIn(context.fs().mounts().owner(), CAP_SYS_ADMIN);
    }

    static void checkMayMount(CallContext context) throws ErrnoException {
        if (!mayMount(context)) {
            throw Errno.EPERM.exception();
        }
    }

    static void mount(
            CallContext context, String source, String target, String type, long flags, String data)
            throws ErrnoException {
        VfsPath at = MountNamespace.topOf(Vfs.resolve(context, null, target, 0));
        long bare = (flags & MAGIC_MASK) == MAGIC ? flags & ~MAGIC_MASK : flags;
        int how = (int) bare;
        if ((how & MountFlags.MS_NOUSER) != 0) {
            throw Errno.EINVAL.exception();
        }
        checkMayMount(context);
        boolean remounts = (how & MountFlags.MS_REMOUNT) != 0;
        boolean binds = (how & MountFlags.MS_BIND) != 0;
        int own = flagsOf(how);
        if (remounts && binds) {
            changeFlags(context, at, keepAtime(at.mount(), how, own));
        } else if (remounts) {
            remount(context, at, how, keepAtime(at.mount(), how, own), data);
        } else if (binds) {
            bind(context, source, at, (how & MountFlags.MS_REC) != 0);
        } else if ((how & PROPAGATION) != 0) {
            changePropagation(context, at, how);
        } else if ((how & MountFlags.MS_MOVE) != 0) {
            move(context, source, at);
        } else {
            mountNew(context, source, at, type, how, own, data);
        }
    }

    /** The mount's own among the flags of mount(2); access times are relative by default. */
    private static int flagsOf(int how) {
        int own = how & PER_MOUNT;
        if ((how & MountFlags.MS_STRICTATIME) != 0) {
            return own & ~(MountFlags.MS_RELATIME | MountFlags.MS_NOATIME);
        }
        return (how & MountFlags.MS_NOATIME) != 0 ? own & ~MountFlags.MS_RELATIME : own;
    }

    /** A remount that says nothing of access times leaves them as they are. */
    private static int keepAtime(Mount mount, int how, int own) {
        return (how & Mount.ATIME_FLAGS) == 0 ? own | mount.flags() & Mount.ATIME_FLAGS : own;
    }

    private static void checkHere(CallContext context, VfsPath at) throws ErrnoException {
        boolean isRoot = at.dentry() == at.mount().root();
        if (!isRoot || at.mount().namespace != context.fs().mounts()) {
            throw Errno.EINVAL.exception();
        }
    }

    /** Changes the flags of a mount alone. EINVAL; EPERM for flags that are locked. */
    private static void changeFlags(CallContext context, VfsPath at, int own)
            throws ErrnoException {
        checkHere(context, at);
        checkLocked(at.mount(), own);
        at.mount().setFlags(at.mount().flags() & ~PER_MOUNT | own);
    }

    /** Linux: can_change_locked_flags. */
    static void checkLocked(Mount mount, int own) throws ErrnoException {
        int locked = mount.lockedFlags;
        if ((locked & ~Mount.ATIME_FLAGS & mount.flags() & ~own) != 0
                || (locked & Mount.ATIME_FLAGS) != 0 && atime(own) != atime(mount.flags())) {
            throw Errno.EPERM.exception();
        }
    }

    private static int atime(int flags) {
        int how = flags & Mount.ATIME_FLAGS;
        boolean isDefault = (how & (MountFlags.MS_NOATIME | MountFlags.MS_STRICTATIME)) == 0;
        return isDefault ? how | MountFlags.MS_RELATIME : how;
    }

    private static void remount(CallContext context, VfsPath at, int how, int own, String data)
            throws ErrnoException {
        checkHere(context, at);
        Mount mount = at.mount();
        checkLocked(mount, own);
        Filesystem filesystem = mount.filesystem();
        checkRuler(context, filesystem);
        MountData parsed = new MountData(how, data);
        filesystem.remount(context, parsed.flags(), parsed.rest());
        filesystem.setReadOnlyMounted((parsed.flags() & MountFlags.MS_RDONLY) != 0);
        mount.setFlags(mount.flags() & ~PER_MOUNT | own);
    }

    /** EPERM unless the caller administers the user namespace that mounted it. */
    static void checkRuler(CallContext context, Filesystem filesystem) throws ErrnoException {
        if (!context.credentials().hasIn(filesystem.owner(), CAP_SYS_ADMIN)) {
            throw Errno.EPERM.exception();
        }
    }

    private static void bind(CallContext context, String source, VfsPath at, boolean recursive)
            throws ErrnoException {
        if (source.isEmpty()) {
            throw Errno.EINVAL.exception();
        }
        VfsPath from = Vfs.resolve(context, null, source, 0);
        MountNamespace namespace = context.fs().mounts();
        checkNoLoop(namespace, from);
        namespace.bind(from, at, recursive);
    }

    /** A mount namespace cannot be kept by a mount in itself or in an older one: EINVAL. */
    private static void checkNoLoop(MountNamespace namespace, VfsPath from) throws ErrnoException {
        String name = from.dentry().name();
        if (from.mount().filesystem().type().equals("nsfs") && name.startsWith("mnt:[")) {
            long number = Long.parseLong(name.substring("mnt:[".length(), name.length() - 1));
            if (number <= namespace.number()) {
                throw Errno.EINVAL.exception();
            }
        }
    }

    private static void changePropagation(CallContext context, VfsPath at, int how)
            throws ErrnoException {
        int kinds = how & PROPAGATION;
        int others = how & ~(PROPAGATION | MountFlags.MS_REC | MountFlags.MS_SILENT);
        if (Integer.bitCount(kinds) != 1 || others != 0) {
            throw Errno.EINVAL.exception();
        }
        checkHere(context, at);
        MountNamespace.changePropagation(at.mount(), kinds, (how & MountFlags.MS_REC) != 0);
    }

    private static void move(CallContext context, String source, VfsPath at) throws ErrnoException {
        if (source.isEmpty()) {
            throw Errno.EINVAL.exception();
        }
        VfsPath from = Vfs.resolve(context, null, source, 0);
        move(context, from, at);
    }

    /** Moves a mount, or attaches a tree that is nowhere yet. */
    static void move(CallContext context, VfsPath from, VfsPath at) throws ErrnoException {
        if (from.dentry() != from.mount().root()) {
            throw Errno.EINVAL.exception();
        }
        context.fs().mounts().move(from.mount(), at);
    }

    private static void mountNew(
            CallContext context,
            String source,
            VfsPath at,
            String type,
            int how,
            int own,
            String data)
            throws ErrnoException {
        if (type.isEmpty()) {
            throw Errno.EINVAL.exception();
        }
        MountNamespace namespace = context.fs().mounts();
        FilesystemType kind = namespace.registry().type(type);
        if (kind == null) {
            throw Errno.ENODEV.exception();
        }
        Filesystem made = create(context, kind, source, how, data);
        Mount mount = null;
        try {
            mount = mountOf(context, kind, made, own, source);
            if (at.mount().namespace != namespace) {
                throw Errno.EINVAL.exception();
            }
            namespace.attach(mount, at);
        } catch (ErrnoException e) {
            if (mount != null) {
                mount.detach();
            } else {
                made.release();
            }
            throw e;
        }
    }

    /** Makes an instance for the caller's user namespace; EPERM if that may not. */
    static Filesystem create(
            CallContext context, FilesystemType kind, String source, int how, String data)
            throws ErrnoException {
        UserNamespace owner =
                kind.allowsUserNamespaces() ? kind.ruler(context) : UserNamespace.INITIAL;
        if (!context.credentials().hasIn(owner, CAP_SYS_ADMIN)) {
            throw Errno.EPERM.exception();
        }
        MountData parsed = new MountData(how, data);
        Filesystem made = kind.mount(context, source, parsed.flags(), parsed.rest());
        made.setOwner(owner);
        made.setReadOnlyMounted((parsed.flags() & MountFlags.MS_RDONLY) != 0);
        return made;
    }

    /** Makes a mount that is nowhere yet; EPERM if it would show too much. */
    static Mount mountOf(
            CallContext context, FilesystemType kind, Filesystem made, int own, String source)
            throws ErrnoException {
        MountNamespace namespace = context.fs().mounts();
        if (namespace.owner() != UserNamespace.INITIAL
                && kind.needsVisibleOne()
                && !namespace.showsWhole(kind.name(), own)) {
            throw Errno.EPERM.exception();
        }
        return MountNamespace.newMount(made, own, source);
    }

    static void umount(CallContext context, String target, int flags) throws ErrnoException {
        int known = MountFlags.MNT_FORCE
                | MountFlags.MNT_DETACH
                | MountFlags.MNT_EXPIRE
                | MountFlags.UMOUNT_NOFOLLOW;
        if ((flags & ~known) != 0) {
            throw Errno.EINVAL.exception();
        }
        int how = (flags & MountFlags.UMOUNT_NOFOLLOW) != 0 ? Fcntl.AT_SYMLINK_NOFOLLOW : 0;
        VfsPath at = MountNamespace.topOf(Vfs.resolve(context, null, target, how));
        checkMayMount(context);
        checkHere(context, at);
        Mount mount = at.mount();
        if (mount.locked) {
            throw Errno.EINVAL.exception();
        }
        if ((flags & MountFlags.MNT_FORCE) != 0 && !context.credentials().has(CAP_SYS_ADMIN)) {
            throw Errno.EPERM.exception();
        }
        boolean lazy = (flags & MountFlags.MNT_DETACH) != 0;
        if ((flags & MountFlags.MNT_EXPIRE) != 0) {
            if ((flags & (MountFlags.MNT_FORCE | MountFlags.MNT_DETACH)) != 0
                    || mount == context.fs().root().mount()) {
                throw Errno.EINVAL.exception();
            }
            context.fs().mounts().expire(mount);
        }
        context.fs().mounts().umount(mount, lazy);
    }

    static void pivotRoot(CallContext context, String newRoot, String putOld)
            throws ErrnoException {
        checkMayMount(context);
        VfsPath incoming = Vfs.resolve(context, null, newRoot, 0);
        if (!incoming.dentry().isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        VfsPath old = Vfs.resolve(context, null, putOld, 0);
        if (!old.dentry().isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        context.fs().mounts().pivotRoot(incoming, old, context.fs().root());
    }
}
