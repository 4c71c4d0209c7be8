// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.platform.abi.Capabilities.CAP_MKNOD;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/** renameat2(2) (Linux: {@code do_renameat2} and {@code vfs_rename}, in their order of checks). */
final class RenameOperation {

    /**
     * Odd while a rename moves dentries about; lets {@link PathNames} see that its walk up was
     * torn.
     */
    static volatile int sequence;

    private static final Object SEQUENCE_LOCK = new Object();

    private final CallContext context;
    private final Credentials who;
    private final int flags;
    private final PathWalk from;
    private final PathWalk to;

    private RenameOperation(
            CallContext context,
            @Nullable VfsPath oldStart,
            String oldPath,
            @Nullable VfsPath newStart,
            String newPath,
            int flags)
            throws ErrnoException {
        this.context = context;
        this.who = context.credentials();
        this.flags = flags;
        from = new PathWalk(context, who, oldStart, oldPath, 0);
        from.walkToParent();
        to = new PathWalk(context, who, newStart, newPath, 0);
        to.walkToParent();
    }

    static void rename(
            CallContext context,
            @Nullable VfsPath oldStart,
            String oldPath,
            @Nullable VfsPath newStart,
            String newPath,
            int flags)
            throws ErrnoException {
        int known = Fcntl.RENAME_NOREPLACE | Fcntl.RENAME_EXCHANGE | Fcntl.RENAME_WHITEOUT;
        boolean alone = (flags & Fcntl.RENAME_EXCHANGE) == 0 || flags == Fcntl.RENAME_EXCHANGE;
        if ((flags & ~known) != 0 || !alone) {
            throw Errno.EINVAL.exception();
        }
        new RenameOperation(context, oldStart, oldPath, newStart, newPath, flags).run();
    }

    private boolean exchanges() {
        return (flags & Fcntl.RENAME_EXCHANGE) != 0;
    }

    private void run() throws ErrnoException {
        if ((flags & Fcntl.RENAME_WHITEOUT) != 0 && !who.has(CAP_MKNOD)) {
            throw Errno.EPERM.exception();
        }
        if (from.mount != to.mount) {
            throw Errno.EXDEV.exception();
        }
        if (from.last != PathWalk.Last.NORMAL) {
            throw Errno.EBUSY.exception();
        }
        if (to.last != PathWalk.Last.NORMAL) {
            throw ((flags & Fcntl.RENAME_NOREPLACE) != 0 ? Errno.EEXIST : Errno.EBUSY).exception();
        }
        MountNamespace.wantWrite(from.mount);
        Dentry oldDirectory = from.dentry;
        Dentry newDirectory = to.dentry;
        if (oldDirectory == newDirectory) {
            synchronized (oldDirectory) {
                renameLocked();
            }
            return;
        }
        // Between directories: one rename at a time in a file system, so that ancestry holds still,
        // and
        // the ancestor's lock before the descendant's.
        synchronized (from.mount.filesystem().renameLock()) {
            boolean newFirst = oldDirectory.isAtOrBelow(newDirectory)
                    || !newDirectory.isAtOrBelow(oldDirectory)
                            && System.identityHashCode(newDirectory)
                                    < System.identityHashCode(oldDirectory);
            synchronized (newFirst ? newDirectory : oldDirectory) {
                synchronized (newFirst ? oldDirectory : newDirectory) {
                    renameLocked();
                }
            }
        }
    }

    private void renameLocked() throws ErrnoException {
        Dentry old = from.lookupLast();
        if (old.inodeOrNull() == null) {
            throw Errno.ENOENT.exception();
        }
        Dentry target = to.lookupLast();
        boolean exists = target.inodeOrNull() != null;
        if ((flags & Fcntl.RENAME_NOREPLACE) != 0 && exists) {
            throw Errno.EEXIST.exception();
        }
        if (exchanges()) {
            if (!exists) {
                throw Errno.ENOENT.exception();
            }
            if (!target.isDirectory() && to.trailing) {
                throw Errno.ENOTDIR.exception();
            }
        }
        if (!old.isDirectory() && (from.trailing || !exchanges() && to.trailing)) {
            throw Errno.ENOTDIR.exception();
        }
        if (to.dentry.isAtOrBelow(old)) {
            throw Errno.EINVAL.exception();
        }
        if (from.dentry.isAtOrBelow(target)) {
            throw (exchanges() ? Errno.EINVAL : Errno.ENOTEMPTY).exception();
        }
        if (old.inodeOrNull() == target.inodeOrNull()) {
            return;
        }
        checkPermissions(old, target);
        MountNamespace namespace = context.fs().mounts();
        if (old.mountedHere != null && namespace.isMountPoint(old)
                || target.mountedHere != null && namespace.isMountPoint(target)) {
            throw Errno.EBUSY.exception();
        }
        boolean whiteout = (flags & Fcntl.RENAME_WHITEOUT) != 0;
        if (whiteout && !from.mount.filesystem().hasWhiteouts()) {
            throw Errno.EINVAL.exception();
        }
        String oldName = old.name();
        String newName = target.name();
        Inode moved = old.inode();
        Inode other = target.inodeOrNull();
        Dentry place = exists ? null : to.dentry.children().pin(target);
        try {
            from.dentry
                    .inode()
                    .rename(
                            context,
                            old.name(),
                            old.inode(),
                            to.dentry.inode(),
                            target.name(),
                            target.inodeOrNull(),
                            flags & ~Fcntl.RENAME_WHITEOUT);
            moveDentries(old, target);
        } finally {
            if (place != null) {
                place.pinned = false;
            }
        }
        if (whiteout) {
            Dentry directory = from.dentry;
            Inode made = directory.inode().mknod(context, oldName, StatMode.S_IFCHR, 0);
            directory.children().instantiate(oldName, made);
        }
        boolean exchanges = exchanges();
        Inode replaced = exchanges ? null : other;
        Fsnotify.moved(context, from.dentry, oldName, to.dentry, newName, moved, replaced);
        if (exchanges && other != null) {
            Fsnotify.moved(context, to.dentry, newName, from.dentry, oldName, other, null);
        }
    }

    private void checkPermissions(Dentry old, Dentry target) throws ErrnoException {
        boolean directory = old.isDirectory();
        Permissions.checkDelete(who, from.dentry, old.inode(), directory);
        Inode replaced = target.inodeOrNull();
        if (replaced == null) {
            Permissions.checkCreate(who, to.dentry);
        } else {
            boolean wanted = exchanges() ? replaced.isDirectory() : directory;
            Permissions.checkDelete(who, to.dentry, replaced, wanted);
        }
        if (from.dentry != to.dentry) {
            // a directory's ".." changes
            if (directory) {
                Permissions.check(who, old.inode(), Permissions.MAY_WRITE);
            }
            if (exchanges() && replaced != null && replaced.isDirectory()) {
                Permissions.check(who, replaced, Permissions.MAY_WRITE);
            }
        }
    }

    private void moveDentries(Dentry old, Dentry target) {
        DentryTable oldTable = from.dentry.children();
        DentryTable newTable = to.dentry.children();
        String oldName = old.name();
        String newName = target.name();
        synchronized (SEQUENCE_LOCK) {
            sequence++;
            oldTable.takeOut(old);
            if (exchanges()) {
                newTable.takeOut(target);
                target.move(from.dentry, oldName);
                oldTable.putIn(target);
            } else if (target.inodeOrNull() != null) {
                newTable.delete(target);
            }
            old.move(to.dentry, newName);
            newTable.putIn(old);
            sequence++;
        }
    }
}
