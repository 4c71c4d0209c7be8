// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.anon;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

/** The inode of a pipe, socket or other file without a name: attributes only. */
public final class AnonymousInode extends Inode {

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int BLOCK_BYTES = 4096;

    private final Filesystem filesystem;
    private final long number;
    private final long bornNanos;
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;

    AnonymousInode(Filesystem filesystem, long number, int mode, int uid, int gid, long bornNanos) {
        this.filesystem = filesystem;
        this.number = number;
        this.mode = mode;
        this.uid = uid;
        this.gid = gid;
        this.bornNanos = bornNanos;
    }

    public long number() {
        return number;
    }

    @Override
    public int mode() {
        return mode;
    }

    @Override
    public int uid() {
        return uid;
    }

    @Override
    public int gid() {
        return gid;
    }

    @Override
    public void getAttributes(CallContext context, FileStatus result) {
        result.device = filesystem.deviceId();
        result.inode = number;
        result.mode = mode;
        result.links = 1;
        result.uid = uid;
        result.gid = gid;
        result.rdevice = 0;
        result.size = 0;
        result.blocks = 0;
        result.blockSize = BLOCK_BYTES;
        long seconds = Math.floorDiv(bornNanos, NANOS_PER_SECOND);
        int nanos = (int) Math.floorMod(bornNanos, NANOS_PER_SECOND);
        result.accessSeconds = result.modifySeconds = result.changeSeconds = seconds;
        result.accessNanos = result.modifyNanos = result.changeNanos = nanos;
        result.hasBirth = false;
    }

    @Override
    public void setAttributes(CallContext context, Changes changes) {
        if (changes.setMode) {
            mode = mode & StatMode.S_IFMT | changes.mode & 07777;
        }
        if (changes.setUid) {
            uid = changes.uid;
        }
        if (changes.setGid) {
            gid = changes.gid;
        }
    }

    /** Opening again through /proc/PID/fd: pipes are the VFS's, all others have no open. */
    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        throw Errno.ENXIO.exception();
    }

    @Override
    public Filesystem filesystem() {
        return filesystem;
    }
}
