// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.lock.FileLocks;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.function.Supplier;

/**
 * A file of some file system (Linux: {@code struct inode} with its operations).
 *
 * <p>Permission checks, path walk and mount rules are the VFS's; methods here do the file system's
 * part and may assume that names are valid (not empty, no slash, not "." or "..", at most 255
 * bytes) and that this is a directory where the operation needs one. Names are byte strings kept in
 * ISO-8859-1 {@code String}s: one char for each byte, so nothing is lost. Defaults answer what
 * Linux answers for a file system without the operation.
 */
public abstract class Inode {

    private final Object stateLock = new Object();

    /** How many cached names lead here; guarded by stateLock. */
    private int dentries;

    /** Descriptions open for writing, or negated those that forbid it; guarded by stateLock. */
    private int writers;

    /** See {@link #special}; guarded by stateLock. */
    private @Nullable Object special;

    private volatile @Nullable FileLocks locks;

    /** Who watches it, null if nobody does; replaced under stateLock. */
    private volatile InodeWatch @Nullable [] watches;

    /** Open descriptions of it; guarded by stateLock. */
    private int openFiles;

    /** Whether its last name is gone, as far as watchers have to know; guarded by stateLock. */
    private boolean unlinked;

    /** Whether link(2) may give it a name although it has none; guarded by stateLock. */
    private boolean linkable;

    /** It becomes the root of a mount: for inodes that keep something alive. */
    protected void mounted() {}

    /** A mount of which it was the root is gone. */
    protected void unmounted() {}

    /** Type and permission bits. */
    public abstract int mode();

    public final boolean isDirectory() {
        return (mode() & StatMode.S_IFMT) == StatMode.S_IFDIR;
    }

    public final boolean isSymlink() {
        return (mode() & StatMode.S_IFMT) == StatMode.S_IFLNK;
    }

    public final boolean isRegular() {
        return (mode() & StatMode.S_IFMT) == StatMode.S_IFREG;
    }

    /**
     * The object that a special file leads to, made when first asked for: a FIFO's pipe, the socket
     * that is bound to the name (Linux: {@code i_pipe}).
     */
    public final Object special(Supplier<?> maker) {
        synchronized (stateLock) {
            Object s = special;
            if (s == null) {
                special = s = maker.get();
            }
            return s;
        }
    }

    /** The object that a special file leads to, or null if there is none now. */
    public final @Nullable Object specialOrNull() {
        synchronized (stateLock) {
            return special;
        }
    }

    /** Sets or clears what {@link #special} answers (bind(2) of a UNIX socket). */
    public final void setSpecial(@Nullable Object object) {
        synchronized (stateLock) {
            special = object;
        }
    }

    /** The file locks on it, made when first needed. */
    public final FileLocks locks() {
        FileLocks l = locks;
        if (l == null) {
            synchronized (stateLock) {
                l = locks;
                if (l == null) {
                    locks = l = new FileLocks(this);
                }
            }
        }
        return l;
    }

    /** The file locks on it, or null if there never was one. */
    public final @Nullable FileLocks locksOrNull() {
        return locks;
    }

    /** Those who watch it, null for nobody; not to be changed. */
    final InodeWatch @Nullable [] watches() {
        return watches;
    }

    /** Adds a watch; false if it is there already. */
    final boolean addWatch(InodeWatch watch) {
        synchronized (stateLock) {
            InodeWatch[] old = watches;
            InodeWatch[] more;
            if (old == null) {
                more = new InodeWatch[] {watch};
            } else {
                for (InodeWatch there : old) {
                    if (there == watch) {
                        return false;
                    }
                }
                more = Arrays.copyOf(old, old.length + 1);
                more[old.length] = watch;
            }
            watches = more;
            return true;
        }
    }

    /** Removes a watch; false if it was not there. */
    final boolean removeWatch(InodeWatch watch) {
        synchronized (stateLock) {
            InodeWatch[] old = watches;
            if (old == null) {
                return false;
            }
            int at = 0;
            while (at < old.length && old[at] != watch) {
                at++;
            }
            if (at == old.length) {
                return false;
            }
            InodeWatch[] fewer = new InodeWatch[old.length - 1];
            System.arraycopy(old, 0, fewer, 0, at);
            System.arraycopy(old, at + 1, fewer, at, fewer.length - at);
            watches = fewer.length == 0 ? null : fewer;
            return true;
        }
    }

    final void addOpenFile() {
        synchronized (stateLock) {
            openFiles++;
        }
    }

    final void removeOpenFile() {
        synchronized (stateLock) {
            openFiles--;
        }
    }

    final void noteUnlinked() {
        synchronized (stateLock) {
            unlinked = true;
        }
    }

    /** Marks a file without a name as one that may get one (O_TMPFILE without O_EXCL). */
    final void setLinkable() {
        synchronized (stateLock) {
            linkable = true;
        }
    }

    /** It has a name now. */
    final void clearLinkable() {
        synchronized (stateLock) {
            linkable = false;
        }
    }

    final boolean isLinkable() {
        synchronized (stateLock) {
            return linkable;
        }
    }

    final boolean isUnlinkedAndClosed() {
        synchronized (stateLock) {
            return unlinked && openFiles == 0;
        }
    }

    /** Counts a writer in: ETXTBSY while it is being executed (Linux: {@code get_write_access}). */
    final void beginWrite() throws ErrnoException {
        synchronized (stateLock) {
            if (writers < 0) {
                throw Errno.ETXTBSY.exception();
            }
            writers++;
        }
    }

    final void endWrite() {
        synchronized (stateLock) {
            writers--;
        }
    }

    /** Forbids writers: ETXTBSY if there are any (Linux: {@code deny_write_access}). */
    final void denyWrite() throws ErrnoException {
        synchronized (stateLock) {
            if (writers > 0) {
                throw Errno.ETXTBSY.exception();
            }
            writers--;
        }
    }

    final void allowWrite() {
        synchronized (stateLock) {
            writers++;
        }
    }

    final void addDentry() {
        synchronized (stateLock) {
            dentries++;
        }
    }

    final void removeDentry() {
        boolean last;
        synchronized (stateLock) {
            dentries--;
            last = dentries == 0;
        }
        if (last) {
            evict();
        }
    }

    public abstract int uid();

    public abstract int gid();

    /**
     * Whether an access is allowed that mode bits and capabilities refuse: a process and its own
     * {@code /proc/self/fd} (Linux: {@code i_op->permission} of procfs).
     */
    public boolean permits(Credentials who, int mask) {
        return false;
    }

    /** Fills in all attributes. */
    public abstract void getAttributes(CallContext context, FileStatus result)
            throws ErrnoException;

    /** Which attributes {@link #setAttributes} changes. */
    public static final class Changes {
        public boolean setMode;
        public int mode;
        public boolean setUid;
        public int uid;
        public boolean setGid;
        public int gid;
        public boolean setSize;
        public long size;
        public boolean setAccess;
        public long accessSeconds;
        public int accessNanos;
        public boolean setModify;
        public long modifySeconds;
        public int modifyNanos;
    }

    /** Changes attributes; permission was checked. ctime follows. */
    public void setAttributes(CallContext context, Changes changes) throws ErrnoException {
        throw Errno.EPERM.exception();
    }

    /** Finds a child; null if there is none. */
    public @Nullable Inode lookup(CallContext context, String name) throws ErrnoException {
        throw Errno.ENOTDIR.exception();
    }

    /** Creates a regular file (mode has permission bits only). */
    public Inode create(CallContext context, String name, int mode) throws ErrnoException {
        throw Errno.EPERM.exception();
    }

    /** Creates a regular file without a name (O_TMPFILE). */
    public Inode tmpfile(CallContext context, int mode) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    public Inode mkdir(CallContext context, String name, int mode) throws ErrnoException {
        throw Errno.EPERM.exception();
    }

    /** Creates a FIFO, socket or device node; {@code mode} has the type. */
    public Inode mknod(CallContext context, String name, int mode, long rdevice)
            throws ErrnoException {
        throw Errno.EPERM.exception();
    }

    public Inode symlink(CallContext context, String name, String target) throws ErrnoException {
        throw Errno.EPERM.exception();
    }

    public void link(CallContext context, String name, Inode target) throws ErrnoException {
        throw Errno.EPERM.exception();
    }

    public void unlink(CallContext context, String name, Inode child) throws ErrnoException {
        throw Errno.EPERM.exception();
    }

    public void rmdir(CallContext context, String name, Inode child) throws ErrnoException {
        throw Errno.EPERM.exception();
    }

    /**
     * Renames within this file system; flags RENAME_NOREPLACE (checked by the VFS) and
     * RENAME_EXCHANGE.
     */
    public void rename(
            CallContext context,
            String name,
            Inode child,
            Inode newParent,
            String newName,
            @Nullable Inode replaced,
            int flags)
            throws ErrnoException {
        throw Errno.EPERM.exception();
    }

    /** Returns a symbolic link's target. */
    public String readlink(CallContext context) throws ErrnoException {
        throw Errno.EINVAL.exception();
    }

    /**
     * For links of procfs that lead to an object rather than a name (/proc/PID/fd/N, exe, cwd): the
     * place itself, or null for an ordinary link.
     */
    public @Nullable VfsPath magicLink(CallContext context) throws ErrnoException {
        return null;
    }

    /**
     * Opens a regular file or directory (or another one that the file system serves itself).
     * Permissions, O_TRUNC, O_DIRECTORY and type rules were handled by the VFS; it also opens FIFOs
     * and device nodes, without this method.
     *
     * @param path where it was found, kept by the description
     * @param flags open(2) flags without O_CREAT, O_EXCL, O_TRUNC and O_CLOEXEC
     */
    public abstract FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException;

    /**
     * Whether {@link #open} is called for a special file too: the user's pipes and terminals, found
     * again through /proc/PID/fd, are the host's.
     */
    public boolean opensItself() {
        return false;
    }

    public byte @Nullable [] getXattr(CallContext context, String name) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    public void setXattr(CallContext context, String name, byte[] value, int flags)
            throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    public void removeXattr(CallContext context, String name) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    public String[] listXattr(CallContext context) throws ErrnoException {
        return new String[0];
    }

    /**
     * Whether cached dentries below must be looked up anew each time (procfs, shared host mounts).
     */
    public boolean revalidates() {
        return false;
    }

    /** The file system this belongs to. */
    public abstract Filesystem filesystem();

    /** The device number of a character or block device. */
    public long rdevice() {
        return 0;
    }

    /**
     * Called when no dentry leads here any more, hence no open file, working directory or mount
     * either (they hold dentries): what it costs outside of the heap, as a fid, can go. Mappings
     * may remain. If a later lookup answers this object again, it is called again. Runs on whatever
     * thread does file work.
     */
    public void evict() {}
}
