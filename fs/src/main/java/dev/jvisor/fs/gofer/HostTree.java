// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.P9;
import dev.jvisor.fs.p9.P9Attributes;
import dev.jvisor.fs.p9.TMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostStat;

/**
 * The part of the server that touches host files, by descriptors only.
 *
 * <p>A name is always one component, resolved in an O_PATH directory descriptor with O_NOFOLLOW: no
 * "..", no symbolic link and no magic link is ever followed, so nothing outside the tree is
 * reachable whatever happens to the tree meanwhile. Files are opened for I/O only through the
 * O_PATH descriptor that was found to be a regular file or a directory.
 */
final class HostTree {

    private static final int O_PATH_NOFOLLOW = Fcntl.O_PATH | Fcntl.O_NOFOLLOW;

    /** Flags of open(2) that a client may pass on. */
    private static final int OPEN_FLAGS = Fcntl.O_ACCMODE
            | Fcntl.O_TRUNC
            | Fcntl.O_APPEND
            | Fcntl.O_DSYNC
            | Fcntl.O_SYNC
            | Fcntl.O_DIRECT
            | Fcntl.O_NOATIME
            | Fcntl.O_DIRECTORY;

    /**
     * Pseudo file systems whose files are doors into the host kernel (linux/magic.h): proc, sysfs,
     * debugfs, tracefs, cgroup, cgroup2, securityfs, bpf, configfs, efivarfs.
     */
    private static final long[] SEALED_TYPES = {
        0x9fa0L,
        0x62656572L,
        0x64626720L,
        0x74726163L,
        0x27e0ebL,
        0x63677270L,
        0x73636673L,
        0xcafe4a11L,
        0x62656570L,
        0xde5e81e4L
    };

    private final boolean readOnly;

    /**
     * Directory /proc/self/fd of this process: the way from an O_PATH descriptor to the file
     * itself.
     */
    private final int descriptors;

    private final HostStat stat = new HostStat();
    private final HostFiles.FsStat fsStat = new HostFiles.FsStat();

    HostTree(boolean readOnly) throws ErrnoException {
        this.readOnly = readOnly;
        this.descriptors = HostFiles.open("/proc/self/fd", Fcntl.O_PATH | Fcntl.O_DIRECTORY);
    }

    void close() {
        HostFiles.close(descriptors);
    }

    /** Checks a name of a directory entry. */
    static void checkName(String name) throws ErrnoException {
        int length = name.length();
        if (length > P9.NAME_MAX) {
            throw Errno.ENAMETOOLONG.exception();
        }
        if (length == 0 || ".".equals(name) || "..".equals(name)) {
            throw Errno.EINVAL.exception();
        }
        if (name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
            throw Errno.EINVAL.exception();
        }
    }

    void checkWritable() throws ErrnoException {
        if (readOnly) {
            throw Errno.EROFS.exception();
        }
    }

    /** Makes a fid of a descriptor, which it takes over. */
    Fid adopt(int fd, boolean parentSealed, long parentDevice, boolean isRoot)
            throws ErrnoException {
        boolean done = false;
        try {
            HostFiles.fstat(fd, stat);
            boolean sealed =
                    parentSealed || (!isRoot && stat.device != parentDevice && isSealedType(fd));
            done = true;
            return new Fid(fd, stat.device, stat.inode, stat.type(), sealed);
        } finally {
            if (!done) {
                HostFiles.close(fd);
            }
        }
    }

    private boolean isSealedType(int fd) throws ErrnoException {
        HostFiles.fstatfs(fd, fsStat);
        for (long type : SEALED_TYPES) {
            if (fsStat.type == type) {
                return true;
            }
        }
        return false;
    }

    /** Finds a directory's entry. */
    Fid step(Fid directory, String name) throws ErrnoException {
        checkLookup(directory, name);
        int fd = HostFiles.openat(directory.fd, name, O_PATH_NOFOLLOW, 0);
        return adopt(fd, directory.sealed, directory.device, false);
    }

    /** Attributes of a directory's entry without a descriptor for it: one host call. */
    P9Attributes peek(Fid directory, String name) throws ErrnoException {
        checkLookup(directory, name);
        return attributesOf(directory.fd, name);
    }

    /** Target of a link in a directory. */
    String readlink(Fid directory, String name) throws ErrnoException {
        checkLookup(directory, name);
        return HostFiles.readlinkat(directory.fd, name);
    }

    private static void checkLookup(Fid directory, String name) throws ErrnoException {
        checkName(name);
        checkDirectory(directory);
        if (directory.sealed) {
            throw Errno.ENOENT.exception();
        }
    }

    /** A second fid of the same file. */
    Fid copy(Fid fid) throws ErrnoException {
        return new Fid(HostFiles.dup(fid.fd), fid.device, fid.inode, fid.type, fid.sealed);
    }

    static void checkDirectory(Fid fid) throws ErrnoException {
        if (!fid.isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
    }

    /** A directory in which names may be made and removed. */
    void checkChangeable(Fid directory, String name) throws ErrnoException {
        checkName(name);
        checkDirectory(directory);
        checkWritable();
        if (directory.sealed) {
            throw Errno.EPERM.exception();
        }
    }

    /** Attributes of the file that {@link #step} found last. */
    P9Attributes lastAttributes() {
        return toAttributes(stat);
    }

    P9Attributes attributes(Fid fid) throws ErrnoException {
        HostFiles.fstat(fid.fd, stat);
        return toAttributes(stat);
    }

    /** Attributes of an entry without binding a fid; for reading directories. */
    P9Attributes attributesOf(int directoryFd, String name) throws ErrnoException {
        HostFiles.fstatat(directoryFd, name, stat);
        return toAttributes(stat);
    }

    private static P9Attributes toAttributes(HostStat s) {
        P9Attributes a = new P9Attributes();
        a.device = s.device;
        a.valid = s.hasBirth ? P9.GETATTR_ALL : P9.GETATTR_ALL & ~P9.GETATTR_BTIME;
        a.inode = s.inode;
        a.mode = s.mode;
        a.uid = s.uid;
        a.gid = s.gid;
        a.links = s.links & 0xffffffffL;
        a.rdevice = s.rdevice;
        a.size = s.size;
        a.blockSize = s.blockSize;
        a.blocks = s.blocks;
        a.accessSeconds = s.accessSeconds;
        a.accessNanos = s.accessNanos;
        a.modifySeconds = s.modifySeconds;
        a.modifyNanos = s.modifyNanos;
        a.changeSeconds = s.changeSeconds;
        a.changeNanos = s.changeNanos;
        a.birthSeconds = s.birthSeconds;
        a.birthNanos = s.birthNanos;
        return a;
    }

    /** Opens a fid's file for I/O: regular files and directories only, everything else is ENXIO. */
    int open(Fid fid, int flags) throws ErrnoException {
        int access = flags & Fcntl.O_ACCMODE;
        boolean writes = access != Fcntl.O_RDONLY || (flags & Fcntl.O_TRUNC) != 0;
        if (access == Fcntl.O_ACCMODE) {
            throw Errno.EINVAL.exception();
        }
        if (writes) {
            checkWritable();
        }
        if (fid.sealed) {
            throw Errno.EACCES.exception();
        }
        if (fid.isDirectory()) {
            if (writes) {
                throw Errno.EISDIR.exception();
            }
            return openDirectory(fid);
        }
        if (!fid.isRegular()) {
            throw (fid.type == StatMode.S_IFLNK ? Errno.ELOOP : Errno.ENXIO).exception();
        }
        // O_NONBLOCK: a lease on the file must not hold up the server.
        int how = flags & OPEN_FLAGS | Fcntl.O_NONBLOCK | Fcntl.O_NOCTTY;
        return HostFiles.openat(descriptors, Integer.toString(fid.fd), how, 0);
    }

    private static int openDirectory(Fid fid) throws ErrnoException {
        return HostFiles.openat(fid.fd, ".", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0);
    }

    /**
     * Creates a regular file, which must not exist, or with an empty name one without a name;
     * returns a fid whose {@code openFd} is open.
     */
    Fid create(Fid directory, String name, int flags, int mode, int gid) throws ErrnoException {
        boolean nameless = name.isEmpty();
        checkChangeable(directory, nameless ? "-" : name);
        int how = flags & OPEN_FLAGS & ~(Fcntl.O_TRUNC | Fcntl.O_DIRECTORY);
        how |= Fcntl.O_NOFOLLOW | Fcntl.O_NOCTTY;
        how |= nameless ? Fcntl.O_TMPFILE : Fcntl.O_CREAT | Fcntl.O_EXCL;
        int open = HostFiles.openat(directory.fd, nameless ? "." : name, how, mode & 07777);
        try {
            giveTo(open, gid, mode);
            int path = HostFiles.openat(descriptors, Integer.toString(open), Fcntl.O_PATH, 0);
            Fid fid = adopt(path, false, directory.device, true);
            fid.openFd = open;
            return fid;
        } catch (ErrnoException e) {
            HostFiles.close(open);
            throw e;
        }
    }

    /** Sets group and mode of a new file: this process's umask and group must not show. */
    private static void giveTo(int fd, int gid, int mode) throws ErrnoException {
        if (gid != -1) {
            HostFiles.fchown(fd, -1, gid);
        }
        HostFiles.fchmod(fd, mode & 07777);
    }

    void mkdir(Fid directory, String name, int mode, int gid) throws ErrnoException {
        checkChangeable(directory, name);
        HostFiles.mkdirat(directory.fd, name, mode & 07777);
        giveNew(directory, name, mode, gid);
    }

    void mknod(Fid directory, String name, int mode, int gid) throws ErrnoException {
        checkChangeable(directory, name);
        int type = mode & StatMode.S_IFMT;
        if (type == StatMode.S_IFCHR || type == StatMode.S_IFBLK) {
            throw Errno.EPERM.exception(); // no doors into the host's drivers
        }
        if (type != StatMode.S_IFIFO && type != StatMode.S_IFSOCK && type != StatMode.S_IFREG) {
            throw Errno.EINVAL.exception();
        }
        HostFiles.mknodat(directory.fd, name, type | mode & 07777, 0);
        giveNew(directory, name, mode, gid);
    }

    void symlink(Fid directory, String name, String target, int gid) throws ErrnoException {
        checkChangeable(directory, name);
        if (target.isEmpty() || target.indexOf('\0') >= 0) {
            throw Errno.ENOENT.exception();
        }
        HostFiles.symlinkat(target, directory.fd, name);
        if (gid != -1) {
            HostFiles.fchownat(directory.fd, name, -1, gid);
        }
    }

    /** Sets group and mode of a new entry, unless somebody put something else in its place. */
    private void giveNew(Fid directory, String name, int mode, int gid) throws ErrnoException {
        Fid made = step(directory, name);
        try {
            if (gid != -1) {
                HostFiles.fchown(made.fd, -1, gid);
            }
            if (made.type != StatMode.S_IFLNK) {
                chmod(made, mode & 07777);
            }
        } finally {
            made.close();
        }
    }

    private void chmod(Fid fid, int mode) throws ErrnoException {
        if (fid.type == StatMode.S_IFLNK) {
            throw Errno.EOPNOTSUPP.exception();
        }
        HostFiles.fchmodat(descriptors, Integer.toString(fid.fd), mode);
    }

    void link(Fid directory, Fid target, String name) throws ErrnoException {
        checkChangeable(directory, name);
        if (target.isDirectory() || target.sealed) {
            throw Errno.EPERM.exception();
        }
        String from = Integer.toString(target.fd);
        HostFiles.linkat(descriptors, from, directory.fd, name, Fcntl.AT_SYMLINK_FOLLOW);
    }

    void rename(Fid from, String oldName, Fid to, String newName, int flags) throws ErrnoException {
        checkChangeable(from, oldName);
        checkChangeable(to, newName);
        if ((flags & ~(Fcntl.RENAME_NOREPLACE | Fcntl.RENAME_EXCHANGE)) != 0) {
            throw Errno.EINVAL.exception();
        }
        HostFiles.renameat2(from.fd, oldName, to.fd, newName, flags);
    }

    void unlink(Fid directory, String name, int flags) throws ErrnoException {
        checkChangeable(directory, name);
        if ((flags & ~Fcntl.AT_REMOVEDIR) != 0) {
            throw Errno.EINVAL.exception();
        }
        HostFiles.unlinkat(directory.fd, name, flags);
    }

    void setAttributes(Fid fid, TMessage.Setattr m) throws ErrnoException {
        checkWritable();
        if (fid.sealed) {
            throw Errno.EPERM.exception();
        }
        int valid = m.valid();
        int uid = (valid & P9.SETATTR_UID) != 0 ? m.uid() : -1;
        int gid = (valid & P9.SETATTR_GID) != 0 ? m.gid() : -1;
        if (uid != -1 || gid != -1) {
            HostFiles.fchown(fid.fd, uid, gid);
        }
        if ((valid & P9.SETATTR_MODE) != 0) {
            chmod(fid, m.mode() & 07777);
        }
        if ((valid & P9.SETATTR_SIZE) != 0) {
            if (m.size() < 0) {
                throw Errno.EINVAL.exception();
            }
            int fd = open(fid, Fcntl.O_WRONLY);
            try {
                HostFiles.ftruncate(fd, m.size());
            } finally {
                HostFiles.close(fd);
            }
        }
        if ((valid & (P9.SETATTR_ATIME | P9.SETATTR_MTIME)) != 0) {
            long access = nanos(valid, P9.SETATTR_ATIME, P9.SETATTR_ATIME_SET, m.accessNanos());
            long modify = nanos(valid, P9.SETATTR_MTIME, P9.SETATTR_MTIME_SET, m.modifyNanos());
            HostFiles.futimens(fid.fd, m.accessSeconds(), access, m.modifySeconds(), modify);
        }
    }

    /** UTIME_OMIT, UTIME_NOW or the value that was given. */
    private static long nanos(int valid, int bit, int setBit, long value) throws ErrnoException {
        if ((valid & bit) == 0) {
            return (1L << 30) - 2;
        }
        if ((valid & setBit) == 0) {
            return (1L << 30) - 1;
        }
        if (value < 0 || value > 999_999_999) {
            throw Errno.EINVAL.exception();
        }
        return value;
    }

    void sync(Fid fid, boolean dataOnly) throws ErrnoException {
        int fd = open(fid, Fcntl.O_RDONLY);
        try {
            HostFiles.fsync(fd, dataOnly);
        } finally {
            HostFiles.close(fd);
        }
    }
}
