// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.platform.abi.ErrnoException;
import org.jspecify.annotations.Nullable;

/**
 * Path-based file operations as the {@code *at} calls define them. Contract skeleton (fs owner).
 *
 * <p>{@code start} is the directory a relative path starts from (null: the working directory). Paths are
 * byte strings in ISO-8859-1 Strings, as copied from the guest. Every method does all of Linux's checks
 * in Linux's order: length (ENAMETOOLONG), emptiness (ENOENT), search permission, read-only mounts (EROFS),
 * sticky directories, type rules, trailing slashes, symlink limits (ELOOP at 40).
 */
public final class Vfs {

    private Vfs() {}

    /**
     * Resolves a path.
     *
     * @param flags {@code AT_SYMLINK_NOFOLLOW}, {@code AT_EMPTY_PATH}, {@code AT_NO_AUTOMOUNT} of the call
     * @throws ErrnoException ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG
     */
    public static VfsPath resolve(
            CallContext context, @Nullable VfsPath start, String path, int flags)
            throws ErrnoException {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }

    /**
     * Opens a program for execve: regular file, execute permission, not on a noexec mount (EACCES), and
     * ETXTBSY rules.
     */
    public static FileDescription openForExec(
            CallContext context, @Nullable VfsPath start, String path, int flags)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /** stat family: fills in {@code result} for a resolved place. */
    public static void stat(CallContext context, VfsPath place, FileStatus result)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    public static void mkdir(CallContext context, @Nullable VfsPath start, String path, int mode)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    public static void mknod(
            CallContext context, @Nullable VfsPath start, String path, int mode, long rdevice)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /** unlinkat(2); AT_REMOVEDIR for rmdir. */
    public static void unlink(CallContext context, @Nullable VfsPath start, String path, int flags)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    public static void symlink(
            CallContext context, String target, @Nullable VfsPath start, String path)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    public static void link(
            CallContext context,
            @Nullable VfsPath oldStart,
            String oldPath,
            @Nullable VfsPath newStart,
            String newPath,
            int flags)
            throws ErrnoException {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }

    public static String readlink(CallContext context, @Nullable VfsPath start, String path)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /** faccessat2(2): {@code mode} F_OK or R_OK|W_OK|X_OK; AT_EACCESS uses effective ids. */
    public static void access(
            CallContext context, @Nullable VfsPath start, String path, int mode, int flags)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    public static void chmod(CallContext context, VfsPath place, int mode) throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /** Ids of -1 stay. Clears set-id bits as Linux does. */
    public static void chown(CallContext context, VfsPath place, int uid, int gid)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /** utimensat(2) semantics: {@code times} holds atime sec, nsec, mtime sec, nsec or is null for now. */
    public static void setTimes(CallContext context, VfsPath place, long @Nullable [] times)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    public static void truncate(CallContext context, VfsPath place, long size)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    public static void statfs(CallContext context, VfsPath place, FilesystemStatus result)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /** chdir/fchdir/chroot check: a directory with search permission. */
    public static void checkSearchable(CallContext context, VfsPath place) throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /**
     * Absolute path of a place as seen from the caller's root, "(unreachable)" in front if it is outside,
     * " (deleted)" behind if it is gone (d_path); getcwd checks deletion itself.
     */
    public static String pathOf(CallContext context, VfsPath place) {
        throw new UnsupportedOperationException();
    }

    /** mount(2) and umount2(2) with their flags. */
    public static void mount(
            CallContext context, String source, String target, String type, long flags, String data)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    public static void umount(CallContext context, String target, int flags)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /** Checks rwx (4, 2, 1) permission of the caller's fsuid/fsgid on an inode: EACCES. */
    public static void checkPermission(CallContext context, Inode inode, int mask)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }
}
