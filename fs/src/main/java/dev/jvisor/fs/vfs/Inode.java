// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import org.jspecify.annotations.Nullable;

/**
 * A file of some file system (Linux: {@code struct inode} with its operations).
 *
 * <p>Permission checks, path walk and mount rules are the VFS's; methods here do the file system's part
 * and may assume that names are valid (not empty, no slash, not "." or "..", at most 255 bytes) and that
 * this is a directory where the operation needs one. Names are byte strings kept in ISO-8859-1 {@code
 * String}s: one char for each byte, so nothing is lost. Defaults answer what Linux answers for a file
 * system without the operation.
 */
public abstract class Inode {

    /** Type and permission bits. */
    public abstract int mode();

    public abstract int uid();

    public abstract int gid();

    /** Fills in all attributes. */
    public abstract void getAttributes(CallContext context, FileStatus result) throws ErrnoException;

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

    /** Renames within this file system; flags RENAME_NOREPLACE (checked by the VFS) and RENAME_EXCHANGE. */
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
     * For links of procfs that lead to an object rather than a name (/proc/PID/fd/N, exe, cwd): the place
     * itself, or null for an ordinary link.
     */
    public @Nullable VfsPath magicLink(CallContext context) throws ErrnoException {
        return null;
    }

    /**
     * Opens the file. Permissions, O_TRUNC, O_DIRECTORY and type rules were handled by the VFS.
     *
     * @param path where it was found, kept by the description
     * @param flags open(2) flags
     */
    public abstract FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException;

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

    /** Whether cached dentries below must be looked up anew each time (procfs, shared host mounts). */
    public boolean revalidates() {
        return false;
    }

    /** The file system this belongs to. */
    public abstract Filesystem filesystem();

    /** Called when the last dentry or description lets go of it. */
    public void evict() {}
}
