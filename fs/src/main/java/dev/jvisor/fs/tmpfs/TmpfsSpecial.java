// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** A FIFO, socket or device node; the VFS opens them. */
final class TmpfsSpecial extends TmpfsInode {

    private final long rdevice;

    TmpfsSpecial(Tmpfs filesystem, long nowNanos, int mode, int uid, int gid, long rdevice) {
        super(filesystem, nowNanos, mode, uid, gid);
        this.rdevice = rdevice;
    }

    @Override
    long size() {
        return 0;
    }

    @Override
    public long rdevice() {
        return rdevice;
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        throw Errno.ENXIO.exception();
    }
}
