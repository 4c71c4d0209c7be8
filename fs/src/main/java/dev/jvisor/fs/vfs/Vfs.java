// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;

import org.jspecify.annotations.Nullable;

/**
 * Path-based file operations as the {@code *at} calls define them.
 *
 * <p>{@code start} is the directory a relative path starts from (null: the working directory).
 * Paths are byte strings in ISO-8859-1 Strings, as copied from the guest. Every method does all of
 * Linux's checks in Linux's order: length (ENAMETOOLONG), emptiness (ENOENT), search permission,
 * read-only mounts (EROFS), sticky directories, type rules, trailing slashes, symlink limits (ELOOP
 * at 40).
 */
public final class Vfs {

    private static final long NOW = (1L << 30) - 1;
    private static final int ST_VALID = 0x20;
    private static final int ST_NOATIME = 0x400;
    private static final int ST_NODIRATIME = 0x800;
    private static final int ST_RELATIME = 0x1000;
    private static final int ST_NOSYMFOLLOW = 0x2000;
    private static final int ACCESS_MODES = 7;

    private Vfs() {}

    /**
     * Resolves a path.
     *
     * @param flags {@code AT_SYMLINK_NOFOLLOW}, {@code AT_EMPTY_PATH}, {@code AT_NO_AUTOMOUNT} of
     *     the call
     * @throws ErrnoException ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG
     */
    public static VfsPath resolve(
            CallContext context, @Nullable VfsPath start, String path, int flags)
            throws ErrnoException {
        return resolve(context, context.credentials(), start, path, flags);
    }

    private static VfsPath resolve(
            CallContext context, Credentials who, @Nullable VfsPath start, String path, int flags)
            throws ErrnoException {
        if (path.isEmpty() && (flags & Fcntl.AT_EMPTY_PATH) != 0) {
            return start != null ? start : context.fs().workingDirectory();
        }
        PathWalk walk = new PathWalk(context, who, start, path, 0);
        walk.walk((flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0);
        return walk.place();
    }

    /** openat(2) (also openat2's {@code resolve} bits, 0 for openat). The umask is applied here. */
    public static FileDescription open(
            CallContext context,
            @Nullable VfsPath start,
            String path,
            int flags,
            int mode,
            long resolve)
            throws ErrnoException {
        return OpenOperations.open(context, start, path, flags, mode, resolve);
    }

    /**
     * Opens a program for execve: regular file, execute permission, not on a noexec mount (EACCES),
     * and ETXTBSY rules: nobody can open it for writing as long as the description lives.
     */
    public static FileDescription openForExec(
            CallContext context, @Nullable VfsPath start, String path, int flags)
            throws ErrnoException {
        return OpenOperations.openForExec(context, start, path, flags);
    }

    /** stat family: fills in {@code result} for a resolved place. */
    public static void stat(CallContext context, VfsPath place, FileStatus result)
            throws ErrnoException {
        place.dentry().inode().getAttributes(context, result);
        result.mountId = place.mount().id();
    }

    public static void mkdir(CallContext context, @Nullable VfsPath start, String path, int mode)
            throws ErrnoException {
        ModifyOperations.mkdir(context, start, path, mode);
    }

    public static void mknod(
            CallContext context, @Nullable VfsPath start, String path, int mode, long rdevice)
            throws ErrnoException {
        ModifyOperations.mknod(context, start, path, mode, rdevice);
    }

    /**
     * bind(2) of a UNIX socket to a path: makes the node, from which {@link Inode#specialOrNull}
     * leads to the socket. EEXIST if the name is taken (EADDRINUSE for the caller).
     */
    public static Inode bindSocket(
            CallContext context, @Nullable VfsPath start, String path, int mode, Object socket)
            throws ErrnoException {
        return ModifyOperations.bindSocket(context, start, path, mode, socket);
    }

    /** unlinkat(2); AT_REMOVEDIR for rmdir. */
    public static void unlink(CallContext context, @Nullable VfsPath start, String path, int flags)
            throws ErrnoException {
        ModifyOperations.unlink(context, start, path, flags);
    }

    public static void symlink(
            CallContext context, String target, @Nullable VfsPath start, String path)
            throws ErrnoException {
        ModifyOperations.symlink(context, target, start, path);
    }

    public static void link(
            CallContext context,
            @Nullable VfsPath oldStart,
            String oldPath,
            @Nullable VfsPath newStart,
            String newPath,
            int flags)
            throws ErrnoException {
        ModifyOperations.link(context, oldStart, oldPath, newStart, newPath, flags);
    }

    /** renameat2(2). */
    public static void rename(
            CallContext context,
            @Nullable VfsPath oldStart,
            String oldPath,
            @Nullable VfsPath newStart,
            String newPath,
            int flags)
            throws ErrnoException {
        RenameOperation.rename(context, oldStart, oldPath, newStart, newPath, flags);
    }

    /** readlinkat(2); an empty path means {@code start} itself. */
    public static String readlink(CallContext context, @Nullable VfsPath start, String path)
            throws ErrnoException {
        VfsPath place = resolve(
                context,
                start,
                path,
                Fcntl.AT_SYMLINK_NOFOLLOW | (start == null ? 0 : Fcntl.AT_EMPTY_PATH));
        Inode inode = place.dentry().inode();
        if (!inode.isSymlink()) {
            throw (path.isEmpty() ? Errno.ENOENT : Errno.EINVAL).exception();
        }
        VfsPath magic = inode.magicLink(context);
        return magic != null ? linkPath(context, magic) : inode.readlink(context);
    }

    /** faccessat2(2): {@code mode} F_OK or R_OK|W_OK|X_OK; AT_EACCESS uses effective ids. */
    public static void access(
            CallContext context, @Nullable VfsPath start, String path, int mode, int flags)
            throws ErrnoException {
        int known = Fcntl.AT_EACCESS | Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH;
        if ((mode & ~ACCESS_MODES) != 0 || (flags & ~known) != 0) {
            throw Errno.EINVAL.exception();
        }
        Credentials who = AttributeOperations.credentialsForAccess(context.credentials(), flags);
        AttributeOperations.access(context, resolve(context, who, start, path, flags), mode, who);
    }

    public static void chmod(CallContext context, VfsPath place, int mode) throws ErrnoException {
        AttributeOperations.chmod(context, place, mode);
    }

    /** Ids of -1 stay. Clears set-id bits as Linux does. */
    public static void chown(CallContext context, VfsPath place, int uid, int gid)
            throws ErrnoException {
        AttributeOperations.chown(context, place, uid, gid);
    }

    /**
     * utimensat(2) semantics: {@code times} holds atime sec, nsec, mtime sec, nsec or is null for
     * now.
     */
    public static void setTimes(CallContext context, VfsPath place, long @Nullable [] times)
            throws ErrnoException {
        long[] wanted = times != null ? times : new long[] {0, NOW, 0, NOW};
        AttributeOperations.setTimes(context, place, wanted);
    }

    public static void truncate(CallContext context, VfsPath place, long size)
            throws ErrnoException {
        AttributeOperations.truncate(context, place, size);
    }

    /** getxattr(2): ENODATA, EOPNOTSUPP, ERANGE for a bad name. */
    public static byte[] getXattr(CallContext context, VfsPath place, String name)
            throws ErrnoException {
        return XattrOperations.get(context, place, name);
    }

    /** setxattr(2); flags XATTR_CREATE, XATTR_REPLACE. */
    public static void setXattr(
            CallContext context, VfsPath place, String name, byte[] value, int flags)
            throws ErrnoException {
        XattrOperations.set(context, place, name, value, flags);
    }

    public static void removeXattr(CallContext context, VfsPath place, String name)
            throws ErrnoException {
        XattrOperations.remove(context, place, name);
    }

    /** listxattr(2): the names the caller may see. */
    public static String[] listXattr(CallContext context, VfsPath place) throws ErrnoException {
        return XattrOperations.list(context, place);
    }

    public static void statfs(CallContext context, VfsPath place, FilesystemStatus result)
            throws ErrnoException {
        Mount mount = place.mount();
        mount.filesystem().status(context, result);
        int flags = mount.flags() | (mount.isReadOnly() ? MountFlags.MS_RDONLY : 0);
        int same = MountFlags.MS_RDONLY
                | MountFlags.MS_NOSUID
                | MountFlags.MS_NODEV
                | MountFlags.MS_NOEXEC
                | MountFlags.MS_SYNCHRONOUS;
        result.flags = flags & same
                | ST_VALID
                | ((flags & MountFlags.MS_NOATIME) != 0 ? ST_NOATIME : 0)
                | ((flags & MountFlags.MS_NODIRATIME) != 0 ? ST_NODIRATIME : 0)
                | ((flags & MountFlags.MS_NOSYMFOLLOW) != 0 ? ST_NOSYMFOLLOW : 0)
                | (isRelatime(flags) ? ST_RELATIME : 0);
    }

    /** Whether access times are kept the default way. */
    static boolean isRelatime(int mountFlags) {
        return (mountFlags & (MountFlags.MS_NOATIME | MountFlags.MS_STRICTATIME)) == 0;
    }

    /** chdir/fchdir/chroot check: a directory with search permission. */
    public static void checkSearchable(CallContext context, VfsPath place) throws ErrnoException {
        Inode inode = place.dentry().inode();
        if (!inode.isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        Permissions.check(context.credentials(), inode, Permissions.MAY_EXEC);
    }

    /**
     * Absolute path of a place as seen from the caller's root, "(unreachable)" in front if it is
     * outside, " (deleted)" behind if it is gone (d_path); getcwd checks deletion itself.
     */
    public static String pathOf(CallContext context, VfsPath place) {
        return PathNames.pathOf(context.fs().root(), place);
    }

    /** As {@link #pathOf}, without the mark on what is outside: links of procfs, mapped files. */
    public static String linkPath(CallContext context, VfsPath place) {
        return PathNames.linkPath(context.fs().root(), place);
    }

    /** As {@link #pathOf}, as seen from a root that is not the caller's (procfs). */
    public static String pathFrom(VfsPath root, VfsPath place) {
        return PathNames.pathOf(root, place);
    }

    /** mount(2) with its flags. */
    public static void mount(
            CallContext context, String source, String target, String type, long flags, String data)
            throws ErrnoException {
        MountOperations.mount(context, source, target, type, flags, data);
    }

    /** umount2(2) with its flags. */
    public static void umount(CallContext context, String target, int flags) throws ErrnoException {
        MountOperations.umount(context, target, flags);
    }

    /** pivot_root(2): the caller's root and all equal places of its namespace move along. */
    public static void pivotRoot(CallContext context, String newRoot, String putOld)
            throws ErrnoException {
        MountOperations.pivotRoot(context, newRoot, putOld);
    }

    /** Checks rwx (4, 2, 1) permission of the caller's fsuid/fsgid on an inode: EACCES. */
    public static void checkPermission(CallContext context, Inode inode, int mask)
            throws ErrnoException {
        Permissions.check(context.credentials(), inode, mask);
    }
}
