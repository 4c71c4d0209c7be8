// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

import dev.jvisor.fs.tmpfs.TmpfsRegular;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.jspecify.annotations.Nullable;

/** A regular file. Its data are below until it is written, even if its attributes are above. */
final class OverlayRegular extends OverlayInode {

    /** Whether data are in the upper layer; set once, under the monitor. */
    private volatile boolean hasUpperData;

    OverlayRegular(OverlayDirectory parent, String name, Inode lower, @Nullable SharedFile shared) {
        super(parent, name, lower, shared);
    }

    OverlayRegular(OverlayFilesystem filesystem, Inode upper) {
        super(filesystem, null, upper);
        hasUpperData = true;
    }

    boolean hasUpperData() {
        return hasUpperData;
    }

    @Override
    public void getAttributes(CallContext context, FileStatus result) throws ErrnoException {
        super.getAttributes(context, result);
        Inode l = lower;
        if (!hasUpperData && upperOrNull() != null && l != null) {
            FileStatus below = new FileStatus();
            l.getAttributes(context, below);
            result.size = below.size;
            result.blocks = below.blocks;
        }
    }

    @Override
    public void setAttributes(CallContext context, Changes changes) throws ErrnoException {
        if (changes.setSize) {
            copyUpData(context, changes.size);
        }
        super.setAttributes(context, changes);
    }

    /** Makes sure that data (at least the first {@code needed} bytes) are in the upper layer. */
    TmpfsRegular copyUpData(CallContext context, long needed) throws ErrnoException {
        TmpfsRegular above = (TmpfsRegular) copyUp(context);
        Inode l = lower;
        if (hasUpperData || l == null) {
            return above;
        }
        synchronized (this) {
            if (hasUpperData) {
                return above;
            }
            FileStatus status = new FileStatus();
            l.getAttributes(context, status);
            long length = Math.min(status.size, needed);
            if (length > 0) {
                FileDescription from = l.open(context, filesystem.lowerPlace(l), Fcntl.O_RDONLY);
                try {
                    CopyUp.data(context, from, above.data(), length);
                } finally {
                    from.release();
                }
            }
            above.data().loadSize(length);
            hasUpperData = true;
        }
        return above;
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        if ((flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY) {
            return copyUpData(context, Long.MAX_VALUE).openAs(this, path, flags);
        }
        if (hasUpperData) {
            return ((TmpfsRegular) upper()).openAs(this, path, flags);
        }
        return new OverlayFile(this, path, flags, openLower(context, path, flags));
    }

    private FileDescription openLower(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        Inode l = lower;
        if (l == null) {
            throw Errno.ENOENT.exception();
        }
        return l.open(context, path, flags);
    }

    /** The upper file for a description that was opened below; null while data are still there. */
    @Nullable
    FileDescription openUpper(VfsPath path, int flags) {
        return hasUpperData ? ((TmpfsRegular) upper()).openAs(this, path, flags) : null;
    }
}
