// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.pipe.Fifo;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/**
 * open(2) in all its forms (Linux: {@code path_openat} and what it calls, in its order of checks).
 */
final class OpenOperations {

    private static final int O_LARGEFILE = 0100000;
    private static final int TMPFILE_BIT = Fcntl.O_TMPFILE & ~Fcntl.O_DIRECTORY;

    private static final int VALID_FLAGS = Fcntl.O_ACCMODE
            | Fcntl.O_CREAT
            | Fcntl.O_EXCL
            | Fcntl.O_NOCTTY
            | Fcntl.O_TRUNC
            | Fcntl.O_APPEND
            | Fcntl.O_NONBLOCK
            | Fcntl.O_SYNC
            | Fcntl.O_ASYNC
            | Fcntl.O_DIRECT
            | O_LARGEFILE
            | Fcntl.O_DIRECTORY
            | Fcntl.O_NOFOLLOW
            | Fcntl.O_NOATIME
            | Fcntl.O_CLOEXEC
            | Fcntl.O_PATH
            | TMPFILE_BIT;

    private static final int PATH_FLAGS =
            Fcntl.O_DIRECTORY | Fcntl.O_NOFOLLOW | Fcntl.O_PATH | Fcntl.O_CLOEXEC;

    /** What inodes need not know. */
    private static final int HANDLED_FLAGS =
            Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_TRUNC | Fcntl.O_CLOEXEC;

    private OpenOperations() {}

    static FileDescription open(
            CallContext context,
            @Nullable VfsPath start,
            String path,
            int requested,
            int mode,
            long resolve)
            throws ErrnoException {
        int flags = checkFlags(requested);
        if ((resolve & (Fcntl.RESOLVE_BENEATH | Fcntl.RESOLVE_IN_ROOT))
                == (Fcntl.RESOLVE_BENEATH | Fcntl.RESOLVE_IN_ROOT)) {
            throw Errno.EINVAL.exception();
        }
        if ((resolve & Fcntl.RESOLVE_CACHED) != 0
                && (flags & (Fcntl.O_TRUNC | Fcntl.O_CREAT | TMPFILE_BIT)) != 0) {
            throw Errno.EAGAIN.exception();
        }
        PathWalk walk = new PathWalk(context, context.credentials(), start, path, resolve);
        if ((flags & TMPFILE_BIT) != 0) {
            return openTmpfile(context, walk, flags, mode);
        }
        if ((flags & Fcntl.O_CREAT) != 0) {
            return openCreating(context, walk, flags, mode);
        }
        walk.walk((flags & Fcntl.O_NOFOLLOW) == 0);
        return openFound(context, walk, flags, false);
    }

    private static int checkFlags(int requested) throws ErrnoException {
        int flags = requested & VALID_FLAGS | O_LARGEFILE;
        if ((flags & Fcntl.O_PATH) != 0) {
            return flags & PATH_FLAGS;
        }
        int exclusive = Fcntl.O_DIRECTORY | Fcntl.O_CREAT;
        if ((flags & exclusive) == exclusive) {
            throw Errno.EINVAL.exception();
        }
        if ((flags & TMPFILE_BIT) != 0
                && ((flags & Fcntl.O_DIRECTORY) == 0
                        || (flags & Fcntl.O_ACCMODE) == Fcntl.O_RDONLY)) {
            throw Errno.EINVAL.exception();
        }
        return flags;
    }

    /** Read and write permission that flags ask for. */
    private static int accessMask(int flags) {
        int mask = switch (flags & Fcntl.O_ACCMODE) {
            case Fcntl.O_RDONLY -> Permissions.MAY_READ;
            case Fcntl.O_WRONLY -> Permissions.MAY_WRITE;
            default -> Permissions.MAY_READ | Permissions.MAY_WRITE;
        };
        return (flags & Fcntl.O_TRUNC) != 0 ? mask | Permissions.MAY_WRITE : mask;
    }

    private static FileDescription openCreating(
            CallContext context, PathWalk walk, int flags, int mode) throws ErrnoException {
        boolean exclusive = (flags & Fcntl.O_EXCL) != 0;
        boolean follow = !exclusive && (flags & Fcntl.O_NOFOLLOW) == 0;
        for (; ; ) {
            walk.walkToLast();
            if (walk.last != PathWalk.Last.NORMAL) {
                throw (exclusive ? Errno.EEXIST : Errno.EISDIR).exception();
            }
            if (walk.trailing) {
                throw Errno.EISDIR.exception();
            }
            Dentry child = walk.lookupLast();
            if (child.inodeOrNull() == null) {
                child = create(context, walk, mode, exclusive);
                if (child.inodeOrNull() != null && walk.dentry == child) {
                    return openFound(context, walk, flags, true);
                }
            }
            if (exclusive) {
                throw Errno.EEXIST.exception();
            }
            if (walk.into(child, follow)) {
                if (walk.dentry.isDirectory()) {
                    throw Errno.EISDIR.exception();
                }
                return openFound(context, walk, flags, false);
            }
        }
    }

    /**
     * Creates the last component, unless another came first.
     *
     * @return the entry; the walk went into it if it was made here
     */
    private static Dentry create(CallContext context, PathWalk walk, int mode, boolean exclusive)
            throws ErrnoException {
        Dentry directory = walk.dentry;
        Inode parent = directory.inode();
        String name = walk.lastName();
        synchronized (directory) {
            Dentry child = PathWalk.lookup(context, directory, name);
            if (child.inodeOrNull() != null) {
                return child;
            }
            MountNamespace.wantWrite(walk.mount);
            Permissions.checkCreate(context.credentials(), directory);
            int bits = mode & 07777 & ~context.fs().umask();
            Inode made = parent.create(context, name, bits);
            child = directory.children().instantiate(name, made);
            walk.dentry = child;
            Fsnotify.created(directory, name, made);
            return child;
        }
    }

    private static FileDescription openTmpfile(
            CallContext context, PathWalk walk, int flags, int mode) throws ErrnoException {
        walk.walk((flags & Fcntl.O_NOFOLLOW) == 0);
        if (!walk.dentry.isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        MountNamespace.wantWrite(walk.mount);
        Dentry directory = walk.dentry;
        Permissions.checkCreate(context.credentials(), directory);
        int bits = mode & 07777 & ~context.fs().umask();
        Inode made = directory.inode().tmpfile(context, bits);
        made.addDentry();
        if ((flags & Fcntl.O_EXCL) == 0) {
            made.setLinkable();
        }
        FileStatus status = new FileStatus();
        made.getAttributes(context, status);
        Dentry nameless = new Dentry(directory, "#" + status.inode, made);
        nameless.setDeleted();
        VfsPath place = new VfsPath(walk.mount, nameless);
        made.beginWrite();
        return openInode(context, made, place, flags, true);
    }

    /** The rest of an open once the file is found (Linux: {@code do_open}, {@code may_open}). */
    private static FileDescription openFound(
            CallContext context, PathWalk walk, int flags, boolean created) throws ErrnoException {
        Inode inode = walk.dentry.inode();
        if ((flags & Fcntl.O_DIRECTORY) != 0 && !inode.isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        if ((flags & Fcntl.O_PATH) != 0) {
            return new PathOnlyFile(walk.place(), flags);
        }
        int mask = accessMask(flags);
        boolean truncates = (flags & Fcntl.O_TRUNC) != 0 && !created && inode.isRegular();
        if (!created) {
            checkOpen(context.credentials(), walk.mount, inode, mask, flags);
        }
        boolean writes = (flags & Fcntl.O_ACCMODE) != 0 && inode.isRegular();
        if (((flags & Fcntl.O_ACCMODE) != 0 && !isSpecial(inode.mode())) || truncates) {
            MountNamespace.wantWrite(walk.mount);
        }
        if (writes || truncates) {
            inode.beginWrite();
        }
        FileDescription file = null;
        boolean done = false;
        try {
            file = openInode(context, inode, walk.place(), flags, writes);
            if (truncates) {
                AttributeOperations.truncateInode(context, walk.dentry, 0);
            }
            done = true;
            return file;
        } finally {
            if (file != null && !done) {
                file.release(); // no writer any more, if it was one
            }
            if ((writes || truncates) && (file == null || !writes)) {
                inode.endWrite();
            }
        }
    }

    private static void checkOpen(Credentials who, Mount mount, Inode inode, int mask, int flags)
            throws ErrnoException {
        switch (inode.mode() & StatMode.S_IFMT) {
            case StatMode.S_IFLNK -> throw Errno.ELOOP.exception();
            case StatMode.S_IFDIR -> {
                if ((mask & Permissions.MAY_WRITE) != 0) {
                    throw Errno.EISDIR.exception();
                }
            }
            case StatMode.S_IFCHR, StatMode.S_IFBLK -> {
                boolean foreign = mount.filesystem().owner() != UserNamespace.INITIAL;
                if (foreign || (mount.flags() & MountFlags.MS_NODEV) != 0) {
                    throw Errno.EACCES.exception();
                }
            }
            default -> {}
        }
        Permissions.check(who, inode, mask);
        if ((flags & Fcntl.O_NOATIME) != 0 && !Permissions.isOwner(who, inode)) {
            throw Errno.EPERM.exception();
        }
    }

    /** Whether writing to it does not change the file system. */
    static boolean isSpecial(int mode) {
        return switch (mode & StatMode.S_IFMT) {
            case StatMode.S_IFCHR, StatMode.S_IFBLK, StatMode.S_IFIFO, StatMode.S_IFSOCK -> true;
            default -> false;
        };
    }

    private static FileDescription openInode(
            CallContext context, Inode inode, VfsPath place, int flags, boolean writes)
            throws ErrnoException {
        int kept = flags & ~HANDLED_FLAGS;
        int type = inode.opensItself() ? 0 : inode.mode() & StatMode.S_IFMT;
        FileDescription file = switch (type) {
            case StatMode.S_IFIFO -> Fifo.open(context, inode, place, kept);
            case StatMode.S_IFCHR, StatMode.S_IFBLK ->
                context.fs().mounts().registry().openDevice(context, inode, place, kept);
            case StatMode.S_IFSOCK -> throw Errno.ENXIO.exception();
            default -> inode.open(context, place, kept);
        };
        if (writes) {
            file.setCountsAsWriter();
        }
        Fsnotify.open(file);
        return file;
    }

    static FileDescription openForExec(
            CallContext context, @Nullable VfsPath start, String path, int flags)
            throws ErrnoException {
        VfsPath place = Vfs.resolve(context, start, path, flags);
        Inode inode = place.dentry().inode();
        if (inode.isSymlink()) {
            throw Errno.ELOOP.exception();
        }
        if (!inode.isRegular() || (place.mount().flags() & MountFlags.MS_NOEXEC) != 0) {
            throw Errno.EACCES.exception();
        }
        Permissions.check(context.credentials(), inode, Permissions.MAY_EXEC);
        inode.denyWrite();
        boolean done = false;
        try {
            FileDescription file = inode.open(context, place, Fcntl.O_RDONLY | O_LARGEFILE);
            file.setDeniesWrite();
            done = true;
            Fsnotify.open(file);
            return file;
        } finally {
            if (!done) {
                inode.allowWrite();
            }
        }
    }
}
