// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

import dev.jvisor.fs.tmpfs.FileData;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

/** Copies of attributes and data from the lower to the upper layer. */
final class CopyUp {

    private static final int CHUNK_BYTES = 256 * 1024;
    private static final int PAGE_BYTES = 4096;

    private CopyUp() {}

    /** Makes an upper file of the type of a lower one. */
    static Inode create(
            CallContext context, Inode directory, String name, Inode original, FileStatus status)
            throws ErrnoException {
        return switch (status.mode & StatMode.S_IFMT) {
            case StatMode.S_IFDIR -> directory.mkdir(context, name, 0700);
            case StatMode.S_IFREG -> directory.create(context, name, 0600);
            case StatMode.S_IFLNK -> directory.symlink(context, name, original.readlink(context));
            default -> directory.mknod(context, name, status.mode, status.rdevice);
        };
    }

    /** Gives a copy owner, mode, times and extended attributes of the original. */
    static void attributes(CallContext context, Inode from, FileStatus status, Inode to)
            throws ErrnoException {
        xattrs(context, from, to);
        Inode.Changes changes = times(status);
        changes.setMode = true;
        changes.mode = status.mode;
        changes.setUid = true;
        changes.uid = status.uid;
        changes.setGid = true;
        changes.gid = status.gid;
        to.setAttributes(context, changes);
    }

    /** Puts access and modification times back, as before. */
    static Inode.Changes times(FileStatus status) {
        Inode.Changes changes = new Inode.Changes();
        changes.setAccess = true;
        changes.accessSeconds = status.accessSeconds;
        changes.accessNanos = status.accessNanos;
        changes.setModify = true;
        changes.modifySeconds = status.modifySeconds;
        changes.modifyNanos = status.modifyNanos;
        return changes;
    }

    private static void xattrs(CallContext context, Inode from, Inode to) {
        if (from.isSymlink()) {
            return;
        }
        try {
            for (String name : from.listXattr(context)) {
                byte[] value = from.getXattr(context, name);
                if (value != null) {
                    to.setXattr(context, name, value, 0);
                }
            }
        } catch (ErrnoException e) {
            // as Linux: what cannot be read or kept (another namespace, no support) is left behind
        }
    }

    /** Copies up to {@code length} bytes; pages of zeros become holes. */
    static void data(CallContext context, FileDescription from, FileData to, long length)
            throws ErrnoException {
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, length)];
        long done = 0;
        while (done < length) {
            int wanted = (int) Math.min(chunk.length, length - done);
            int n = (int) from.readAt(context, IovIter.of(chunk, 0, wanted), done);
            if (n <= 0) {
                throw Errno.EIO.exception();
            }
            for (int i = 0; i < n; ) {
                int run = Math.min(n - i, PAGE_BYTES - (int) (done + i & PAGE_BYTES - 1));
                if (!isZero(chunk, i, run)) {
                    to.load(done + i, chunk, i, run);
                }
                i += run;
            }
            done += n;
        }
    }

    private static boolean isZero(byte[] bytes, int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
