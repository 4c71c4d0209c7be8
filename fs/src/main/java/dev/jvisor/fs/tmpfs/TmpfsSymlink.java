// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

/** A symbolic link. */
final class TmpfsSymlink extends TmpfsInode {

    /** Bytes of a target that count as another inode. */
    private static final int UNIT_BYTES = 1024;

    /** Targets below this are kept with the inode, others in a page. // SHORT_SYMLINK_LEN */
    private static final int INLINE_BYTES = 128;

    private static final int BLOCKS_PER_PAGE = 8;

    private final String target;

    TmpfsSymlink(Tmpfs filesystem, long nowNanos, int uid, int gid, String target) {
        super(filesystem, nowNanos, StatMode.S_IFLNK | 0777, uid, gid);
        this.target = target;
    }

    @Override
    long size() {
        return target.length();
    }

    @Override
    long blocks() {
        return target.length() < INLINE_BYTES ? 0 : BLOCKS_PER_PAGE;
    }

    @Override
    int inodeUnits() {
        return 1 + target.length() / UNIT_BYTES;
    }

    @Override
    public String readlink(CallContext context) {
        return target;
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        throw Errno.ELOOP.exception();
    }
}
