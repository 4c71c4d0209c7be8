// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/**
 * A directory whose entries a subclass looks up and lists.
 *
 * <p>Nothing can be made in it: open(2) with O_CREAT answers EACCES, other calls EPERM, as Linux
 * does for directories without these operations.
 */
public abstract class KernfsDirectory extends KernfsInode {

    /** The usual mode. */
    public static final int MODE = StatMode.S_IFDIR | 0555;

    private final long parentNumber;

    /**
     * Makes one.
     *
     * @param parentNumber inode number of the entry ".."
     */
    protected KernfsDirectory(
            KernfsFilesystem filesystem, long number, int mode, long parentNumber) {
        super(filesystem, number, mode);
        this.parentNumber = parentNumber;
    }

    final long parentNumber() {
        return parentNumber;
    }

    /**
     * Finds an entry; the same object as long as it stands for the same thing, so that names of
     * open files stay valid.
     */
    @Override
    public abstract @Nullable Inode lookup(CallContext context, String name) throws ErrnoException;

    /**
     * Lists entries other than "." and "..", from the one whose position is {@code from} or the
     * next on. Positions ascend; the first is 2 or more. Every name that is listed can be looked
     * up.
     */
    protected abstract void list(CallContext context, long from, DirectoryLister lister)
            throws ErrnoException;

    /** Called when it is opened; throws if the caller may not. */
    protected void checkOpen(CallContext context) throws ErrnoException {}

    @Override
    public Inode create(CallContext context, String name, int mode) throws ErrnoException {
        throw Errno.EACCES.exception();
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        checkOpen(context);
        return new DirectoryFile(this, path, flags);
    }

    @Override
    protected int links(CallContext context) throws ErrnoException {
        return 2;
    }
}
