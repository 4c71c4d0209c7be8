// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** An open directory. */
final class DirectoryFile extends FileDescription {

    private static final long BEHIND_DOTS = 2;

    private final KernfsDirectory directory;

    DirectoryFile(KernfsDirectory directory, VfsPath path, int flags) {
        super(path, flags);
        this.directory = directory;
    }

    @Override
    public Inode inode() {
        return directory;
    }

    @Override
    public boolean isSeekable() {
        return true;
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        throw Errno.EISDIR.exception();
    }

    @Override
    public void iterate(CallContext context, DirectorySink sink) throws ErrnoException {
        synchronized (positionLock) {
            DirectoryLister lister = new DirectoryLister(sink, position());
            try {
                list(context, lister);
            } finally {
                setPosition(lister.position());
            }
        }
    }

    private void list(CallContext context, DirectoryLister lister) throws ErrnoException {
        if (lister.position() <= 0 && !lister.add(".", directory, 1)) {
            return;
        }
        if (lister.position() == 1
                && !lister.add("..", directory.parentNumber(), Dirent.DT_DIR, BEHIND_DOTS)) {
            return;
        }
        directory.list(context, lister.position(), lister);
    }
}
