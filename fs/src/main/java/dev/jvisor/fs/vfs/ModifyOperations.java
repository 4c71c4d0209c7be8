// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.platform.abi.Capabilities.CAP_DAC_READ_SEARCH;
import static dev.jvisor.platform.abi.Capabilities.CAP_MKNOD;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/**
 * Calls that make and remove names (Linux: the second half of fs/namei.c, in its order of checks).
 */
final class ModifyOperations {

    private ModifyOperations() {}

    /** Makes one entry in a directory, once all checks are done and the directory is locked. */
    private interface Maker {
        Inode make(Inode directory, String name) throws ErrnoException;
    }

    /** Walks to the parent and creates (Linux: {@code filename_create} and the vfs_ call). */
    private static void create(
            CallContext context,
            @Nullable VfsPath start,
            String path,
            boolean makesDirectory,
            @Nullable VfsPath linked,
            boolean needsMknod,
            Maker maker)
            throws ErrnoException {
        Credentials who = context.credentials();
        PathWalk walk = new PathWalk(context, who, start, path, 0);
        walk.walkToParent();
        if (walk.last != PathWalk.Last.NORMAL) {
            throw Errno.EEXIST.exception();
        }
        Dentry directory = walk.dentry;
        String name = walk.lastName();
        synchronized (directory) {
            Dentry child = walk.lookupLast();
            if (child.inodeOrNull() != null) {
                throw Errno.EEXIST.exception();
            }
            if (walk.trailing && !makesDirectory) {
                throw Errno.ENOENT.exception();
            }
            MountNamespace.wantWrite(walk.mount);
            if (linked != null) {
                if (linked.mount() != walk.mount) {
                    throw Errno.EXDEV.exception();
                }
                checkLinkSource(who, linked.dentry().inode());
            }
            Permissions.checkCreate(who, directory);
            if (needsMknod && !who.has(CAP_MKNOD)) {
                throw Errno.EPERM.exception();
            }
            Inode made = maker.make(directory.inode(), name);
            directory.children().instantiate(name, made);
            if (linked != null) {
                Fsnotify.linked(directory, name, made);
            } else {
                Fsnotify.created(directory, name, made);
            }
        }
    }

    /**
     * Whose files may be linked to by others: fs.protected_hardlinks is 1 here, as distributions
     * set it.
     */
    private static void checkLinkSource(Credentials who, Inode inode) throws ErrnoException {
        if (Permissions.isOwner(who, inode)) {
            return;
        }
        int mode = inode.mode();
        int setGroup = StatMode.S_ISGID | StatMode.S_IXGRP;
        boolean safe = inode.isRegular()
                && (mode & StatMode.S_ISUID) == 0
                && (mode & setGroup) != setGroup
                && Permissions.allows(who, inode, Permissions.MAY_READ | Permissions.MAY_WRITE);
        if (!safe) {
            throw Errno.EPERM.exception();
        }
    }

    static void mkdir(CallContext context, @Nullable VfsPath start, String path, int mode)
            throws ErrnoException {
        int bits = mode & 01777 & ~context.fs().umask();
        // Not a lambda: every start makes mount points, and the first lambda costs milliseconds.
        Maker maker = new Maker() {
            @Override
            public Inode make(Inode directory, String name) throws ErrnoException {
                return directory.mkdir(context, name, bits);
            }
        };
        create(context, start, path, true, null, false, maker);
    }

    static void mknod(
            CallContext context, @Nullable VfsPath start, String path, int mode, long rdevice)
            throws ErrnoException {
        int type = mode & StatMode.S_IFMT;
        boolean device = type == StatMode.S_IFCHR || type == StatMode.S_IFBLK;
        switch (type) {
            case 0,
                    StatMode.S_IFREG,
                    StatMode.S_IFCHR,
                    StatMode.S_IFBLK,
                    StatMode.S_IFIFO,
                    StatMode.S_IFSOCK -> {}
            case StatMode.S_IFDIR -> throw Errno.EPERM.exception();
            default -> throw Errno.EINVAL.exception();
        }
        int bits = mode & 07777 & ~context.fs().umask();
        create(
                context,
                start,
                path,
                false,
                null,
                device,
                (directory, name) -> type == 0 || type == StatMode.S_IFREG
                        ? directory.create(context, name, bits)
                        : directory.mknod(context, name, type | bits, device ? rdevice : 0));
    }

    /** mknod for bind(2) of a UNIX socket: answers the inode made. */
    static Inode bindSocket(
            CallContext context, @Nullable VfsPath start, String path, int mode, Object socket)
            throws ErrnoException {
        int bits = mode & 07777 & ~context.fs().umask();
        Inode[] result = new Inode[1];
        create(context, start, path, false, null, false, (directory, name) -> {
            Inode made = directory.mknod(context, name, StatMode.S_IFSOCK | bits, 0);
            made.setSpecial(socket);
            result[0] = made;
            return made;
        });
        return result[0];
    }

    static void symlink(CallContext context, String target, @Nullable VfsPath start, String path)
            throws ErrnoException {
        if (target.isEmpty()) {
            throw Errno.ENOENT.exception();
        }
        if (target.length() >= PathWalk.PATH_MAX) {
            throw Errno.ENAMETOOLONG.exception();
        }
        create(
                context,
                start,
                path,
                false,
                null,
                false,
                (directory, name) -> directory.symlink(context, name, target));
    }

    static void link(
            CallContext context,
            @Nullable VfsPath oldStart,
            String oldPath,
            @Nullable VfsPath newStart,
            String newPath,
            int flags)
            throws ErrnoException {
        if ((flags & ~(Fcntl.AT_SYMLINK_FOLLOW | Fcntl.AT_EMPTY_PATH)) != 0) {
            throw Errno.EINVAL.exception();
        }
        if ((flags & Fcntl.AT_EMPTY_PATH) != 0
                && oldPath.isEmpty()
                && oldStart != null
                && !context.credentials().has(CAP_DAC_READ_SEARCH)) {
            throw Errno.ENOENT.exception();
        }
        int how = flags & Fcntl.AT_EMPTY_PATH
                | ((flags & Fcntl.AT_SYMLINK_FOLLOW) != 0 ? 0 : Fcntl.AT_SYMLINK_NOFOLLOW);
        VfsPath old = Vfs.resolve(context, oldStart, oldPath, how);
        Inode inode = old.dentry().inode();
        create(context, newStart, newPath, false, old, false, (directory, name) -> {
            if (inode.isDirectory()) {
                throw Errno.EPERM.exception();
            }
            checkHasName(context, old.dentry(), inode);
            directory.link(context, name, inode);
            inode.clearLinkable();
            return inode;
        });
    }

    /** ENOENT for a file whose last name is gone, unless O_TMPFILE made it to get one. */
    private static void checkHasName(CallContext context, Dentry dentry, Inode inode)
            throws ErrnoException {
        if (!dentry.isDeleted() || inode.isLinkable()) {
            return;
        }
        FileStatus status = new FileStatus();
        inode.getAttributes(context, status);
        if (status.links == 0) {
            throw Errno.ENOENT.exception();
        }
    }

    static void unlink(CallContext context, @Nullable VfsPath start, String path, int flags)
            throws ErrnoException {
        if ((flags & ~Fcntl.AT_REMOVEDIR) != 0) {
            throw Errno.EINVAL.exception();
        }
        boolean removesDirectory = (flags & Fcntl.AT_REMOVEDIR) != 0;
        Credentials who = context.credentials();
        PathWalk walk = new PathWalk(context, who, start, path, 0);
        walk.walkToParent();
        if (walk.last != PathWalk.Last.NORMAL) {
            throw removeError(walk.last, removesDirectory);
        }
        MountNamespace.wantWrite(walk.mount);
        Dentry directory = walk.dentry;
        synchronized (directory) {
            Dentry child = walk.lookupLast();
            Inode inode = child.inodeOrNull();
            if (inode == null) {
                throw Errno.ENOENT.exception();
            }
            if (!removesDirectory && walk.trailing) {
                throw (inode.isDirectory() ? Errno.EISDIR : Errno.ENOTDIR).exception();
            }
            Permissions.checkDelete(who, directory, inode, removesDirectory);
            if (child.mountedHere != null && context.fs().mounts().isMountPoint(child)) {
                throw Errno.EBUSY.exception();
            }
            if (removesDirectory) {
                synchronized (child) {
                    directory.inode().rmdir(context, child.name(), inode);
                    directory.children().delete(child);
                }
            } else {
                directory.inode().unlink(context, child.name(), inode);
                directory.children().delete(child);
            }
            Fsnotify.removed(context, directory, child.name(), inode);
        }
    }

    private static ErrnoException removeError(PathWalk.Last last, boolean removesDirectory) {
        if (!removesDirectory) {
            return Errno.EISDIR.exception();
        }
        return (switch (last) {
                    case DOT_DOT -> Errno.ENOTEMPTY;
                    case DOT -> Errno.EINVAL;
                    default -> Errno.EBUSY;
                })
                .exception();
    }
}
