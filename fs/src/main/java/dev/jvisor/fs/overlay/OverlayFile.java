// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import org.jspecify.annotations.Nullable;

/** A regular file opened for reading while its data are below; reads above once they are there. */
final class OverlayFile extends FileDescription {

    private final OverlayRegular inode;
    private final VfsPath place;
    private final FileDescription lower;

    /** The upper file, once the data were copied; guarded by this. */
    private volatile @Nullable FileDescription upper;

    private boolean released;

    OverlayFile(OverlayRegular inode, VfsPath place, int flags, FileDescription lower) {
        super(place, flags);
        this.inode = inode;
        this.place = place;
        this.lower = lower;
    }

    private FileDescription real() {
        return inode.hasUpperData() ? openedUpper() : lower;
    }

    private FileDescription openedUpper() {
        FileDescription u = upper;
        if (u != null) {
            return u;
        }
        synchronized (this) {
            u = upper;
            if (u == null && !released) {
                upper = u = inode.openUpper(place, flags());
            }
            return u == null ? lower : u;
        }
    }

    @Override
    public Inode inode() {
        return inode;
    }

    @Override
    public boolean isSeekable() {
        return true;
    }

    @Override
    public boolean isPollable() {
        return false;
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        return real().readAt(context, destination, offset);
    }

    /** Positions are this description's; the real one only knows of holes. */
    @Override
    public long seek(CallContext context, long offset, int whence) throws ErrnoException {
        if (whence == Fcntl.SEEK_DATA || whence == Fcntl.SEEK_HOLE) {
            synchronized (positionLock) {
                long found = real().seek(context, offset, whence);
                setPosition(found);
                return found;
            }
        }
        return super.seek(context, offset, whence);
    }

    @Override
    public Mappable mappable(CallContext context) throws ErrnoException {
        return real().mappable(context);
    }

    @Override
    public void sync(CallContext context, boolean dataOnly) {}

    @Override
    protected void onRelease() {
        FileDescription u;
        synchronized (this) {
            released = true;
            u = upper;
            upper = null;
        }
        lower.release();
        if (u != null) {
            u.release();
        }
    }
}
