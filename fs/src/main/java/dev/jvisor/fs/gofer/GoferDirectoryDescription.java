// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.P9DirectoryEntry;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Dentry;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/**
 * An open directory. It goes through the entries as they were when it was at the start: a position
 * is an index, 0 and 1 being "." and "..".
 */
final class GoferDirectoryDescription extends FileDescription {

    private static final int DOTS = 2;

    private final GoferInode inode;
    private final GoferDirectory directory;

    /** Guarded by positionLock. */
    private GoferDirectory.@Nullable Listing listing;

    GoferDirectoryDescription(VfsPath path, int flags, GoferInode inode, GoferDirectory directory) {
        super(path, flags);
        this.inode = inode;
        this.directory = directory;
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
    public long readAt(CallContext context, dev.jvisor.mm.usercopy.IovIter to, long offset)
            throws ErrnoException {
        throw Errno.EISDIR.exception();
    }

    @Override
    public void iterate(CallContext context, DirectorySink sink) throws ErrnoException {
        synchronized (positionLock) {
            long at = position();
            GoferDirectory.Listing l = listing;
            if (l == null || at == 0) {
                listing = l = directory.list();
            }
            while (at < DOTS + (long) l.entries.length) {
                if (!emit(sink, l, (int) at)) {
                    break;
                }
                at++;
            }
            setPosition(at);
        }
    }

    private boolean emit(DirectorySink sink, GoferDirectory.Listing l, int at) {
        if (at == 0) {
            return sink.entry(".", inode.attributes().inode, Dirent.DT_DIR, 1);
        }
        if (at == 1) {
            return sink.entry("..", parentInode(), Dirent.DT_DIR, DOTS);
        }
        P9DirectoryEntry e = l.entries[at - DOTS];
        return sink.entry(e.name(), e.qid().path(), e.type(), at + 1L);
    }

    private long parentInode() {
        VfsPath where = path();
        Dentry up = where == null ? null : where.dentry().parent();
        Inode parent = up == null ? null : up.inodeOrNull();
        return (parent instanceof GoferInode g ? g : inode).attributes().inode;
    }

    @Override
    public void sync(CallContext context, boolean dataOnly) throws ErrnoException {
        if (inode.gofer().isReadOnly()) {
            return;
        }
        synchronized (inode.connection()) {
            int fid = inode.gofer().fidOf(inode);
            inode.connection().call(new dev.jvisor.fs.p9.TMessage.Fsync(fid, dataOnly ? 1 : 0));
        }
    }
}
