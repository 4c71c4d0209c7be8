// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.platform.abi.Capabilities.CAP_SYS_ADMIN;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;

/**
 * mount(2), umount2(2), pivot_root(2) (Linux: fs/namespace.c). Propagation types are accepted only.
 */
final class MountOperations {

    private static final long MAGIC_MASK = 0xffff0000L;
    private static final long MAGIC = 0xc0ed0000L;

    private static final int PER_MOUNT = MountFlags.MS_RDONLY
            | MountFlags.MS_NOSUID
            | MountFlags.MS_NODEV
            | MountFlags.MS_NOEXEC
            | MountFlags.MS_NOATIME
            | MountFlags.MS_NODIRATIME
            | MountFlags.MS_RELATIME
            | MountFlags.MS_STRICTATIME
            | MountFlags.MS_NOSYMFOLLOW
            | MountFlags.MS_SYNCHRONOUS;

    private static final int PROPAGATION = MountFlags.MS_SHARED
            | MountFlags.MS_PRIVATE
            | MountFlags.MS_SLAVE
            | MountFlags.MS_UNBINDABLE;

    private MountOperations() {}

    /** Linux: may_mount. */
    private static boolean mayAdmin(CallContext context) {
        return context.credentials().hasIn(context.fs().mounts().owner(), CAP_SYS_ADMIN);
    }

    static void mount(
            CallContext context, String source, String target, String type, long flags, String data)
            throws ErrnoException {
        VfsPath at = Vfs.resolve(context, null, target, 0);
        if (!mayAdmin(context)) {
            throw Errno.EPERM.exception();
        }
        long bare = (flags & MAGIC_MASK) == MAGIC ? flags & ~MAGIC_MASK : flags;
        int how = (int) bare;
        MountNamespace namespace = context.fs().mounts();
        if (at.mount().namespace != namespace) {
            throw Errno.EINVAL.exception();
        }
        if ((how & MountFlags.MS_REMOUNT) != 0) {
            remount(context, at, how, data);
        } else if ((how & MountFlags.MS_BIND) != 0) {
            bind(context, source, at, how);
        } else if ((how & PROPAGATION) != 0) {
            changePropagation(at, how);
        } else if ((how & MountFlags.MS_MOVE) != 0) {
            move(context, source, at);
        } else {
            VfsRegistry registry = namespace.registry();
            FilesystemType kind = registry.type(type);
            if (kind == null) {
                throw Errno.ENODEV.exception();
            }
            Filesystem made = kind.mount(context, source, how, data);
            namespace.mount(made, at, how & PER_MOUNT, source);
        }
    }

    private static void remount(CallContext context, VfsPath at, int how, String data)
            throws ErrnoException {
        Mount mount = at.mount();
        if (at.dentry() != mount.root()) {
            throw Errno.EINVAL.exception();
        }
        if ((how & MountFlags.MS_BIND) == 0) {
            mount.filesystem().remount(context, how, data);
        }
        mount.setFlags(mount.flags() & ~PER_MOUNT | how & PER_MOUNT);
    }

    private static void bind(CallContext context, String source, VfsPath at, int how)
            throws ErrnoException {
        if (source.isEmpty()) {
            throw Errno.EINVAL.exception();
        }
        VfsPath from = Vfs.resolve(context, null, source, 0);
        MountNamespace namespace = context.fs().mounts();
        if (from.mount().namespace != namespace) {
            throw Errno.EINVAL.exception();
        }
        if ((how & MountFlags.MS_REC) != 0) {
            namespace.bindRecursive(from, at);
        } else {
            Mount m = from.mount();
            namespace.mountDentry(m.filesystem(), from.dentry(), at, m.flags(), m.source());
        }
    }

    private static void changePropagation(VfsPath at, int how) throws ErrnoException {
        int kinds = how & PROPAGATION;
        int others = how & ~(PROPAGATION | MountFlags.MS_REC | MountFlags.MS_SILENT);
        if (Integer.bitCount(kinds) != 1
                || others != 0
                || at.dentry() != at.mount().root()) {
            throw Errno.EINVAL.exception();
        }
    }

    private static void move(CallContext context, String source, VfsPath at) throws ErrnoException {
        if (source.isEmpty()) {
            throw Errno.EINVAL.exception();
        }
        VfsPath from = Vfs.resolve(context, null, source, 0);
        if (from.dentry() != from.mount().root()) {
            throw Errno.EINVAL.exception();
        }
        context.fs().mounts().move(from.mount(), at);
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
        VfsPath at = Vfs.resolve(context, null, target, how);
        if (!mayAdmin(context)) {
            throw Errno.EPERM.exception();
        }
        if (at.dentry() != at.mount().root()) {
            throw Errno.EINVAL.exception();
        }
        boolean lazy = (flags & MountFlags.MNT_DETACH) != 0;
        if ((flags & MountFlags.MNT_EXPIRE) != 0) {
            if ((flags & (MountFlags.MNT_FORCE | MountFlags.MNT_DETACH)) != 0) {
                throw Errno.EINVAL.exception();
            }
            throw Errno.EAGAIN.exception();
        }
        context.fs().mounts().umount(at.mount(), lazy);
    }

    static void pivotRoot(CallContext context, String newRoot, String putOld)
            throws ErrnoException {
        if (!mayAdmin(context)) {
            throw Errno.EPERM.exception();
        }
        VfsPath incoming = Vfs.resolve(context, null, newRoot, 0);
        VfsPath old = Vfs.resolve(context, null, putOld, 0);
        if (!incoming.dentry().isDirectory() || !old.dentry().isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        context.fs().mounts().pivotRoot(incoming, old, context.fs().root());
    }
}
