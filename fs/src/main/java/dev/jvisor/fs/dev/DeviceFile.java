// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.dev;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.ErrnoException;

/** An open memory device: seeking answers 0 and moves nothing, as Linux' {@code null_lseek}. */
abstract class DeviceFile extends FileDescription {

    private final Inode inode;

    DeviceFile(Inode inode, VfsPath path, int flags) {
        super(path, flags);
        this.inode = inode;
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
    public long seek(CallContext context, long offset, int whence) throws ErrnoException {
        setPosition(0);
        return 0;
    }

    /** The end does not matter. */
    @Override
    protected long size(CallContext context) {
        return 0;
    }
}
