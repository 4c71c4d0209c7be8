// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/**
 * An inode of a synthetic tree: owned by root unless a subclass says otherwise, and nobody can
 * change that.
 */
public abstract class KernfsInode extends Inode {

    /** Whose an inode is, and since when. */
    public interface Owner {
        /** @param mode of the inode, with the type */
        int ownerUid(int mode);

        int ownerGid(int mode);

        /** CLOCK_REALTIME of the time stamps of all that it owns. */
        long ownerStampNanos();
    }

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int TYPE_SHIFT = 12;

    private final KernfsFilesystem filesystem;
    private final long number;
    private final int mode;

    /**
     * Makes one.
     *
     * @param mode with the type
     */
    protected KernfsInode(KernfsFilesystem filesystem, long number, int mode) {
        this.filesystem = filesystem;
        this.number = number;
        this.mode = mode;
    }

    /** Inode number. */
    public final long number() {
        return number;
    }

    /** {@code DT_*} of directory entries that lead here. */
    public final int direntType() {
        return direntType(mode);
    }

    static int direntType(int mode) {
        int type = (mode & StatMode.S_IFMT) >> TYPE_SHIFT;
        return type == 0 ? Dirent.DT_UNKNOWN : type;
    }

    @Override
    public final int mode() {
        return mode;
    }

    /** Whose it is; null for root, since the file system was made. */
    protected @Nullable Owner owner() {
        return null;
    }

    @Override
    public int uid() {
        Owner owner = owner();
        return owner == null ? 0 : owner.ownerUid(mode);
    }

    @Override
    public int gid() {
        Owner owner = owner();
        return owner == null ? 0 : owner.ownerGid(mode);
    }

    /** {@code st_nlink}. */
    protected int links(CallContext context) throws ErrnoException {
        return 1;
    }

    /** {@code st_size}, in bytes. */
    protected long statSize(CallContext context) throws ErrnoException {
        return 0;
    }

    /** CLOCK_REALTIME of all time stamps. */
    protected long stampNanos() {
        Owner owner = owner();
        return owner == null ? filesystem.bornNanos() : owner.ownerStampNanos();
    }

    @Override
    public void getAttributes(CallContext context, FileStatus result) throws ErrnoException {
        result.device = filesystem.deviceId();
        result.inode = number;
        result.mode = mode;
        result.links = links(context);
        result.uid = uid();
        result.gid = gid();
        result.rdevice = 0;
        result.size = statSize(context);
        result.blockSize = filesystem.blockBytes();
        result.blocks = 0;
        long nanos = stampNanos();
        long seconds = Math.floorDiv(nanos, NANOS_PER_SECOND);
        int rest = (int) Math.floorMod(nanos, NANOS_PER_SECOND);
        result.accessSeconds = result.modifySeconds = result.changeSeconds = seconds;
        result.accessNanos = result.modifyNanos = result.changeNanos = rest;
        result.hasBirth = false;
    }

    /** EPERM for modes and owners; O_TRUNC and time stamps do nothing (Linux: proc_sys_setattr). */
    @Override
    public void setAttributes(CallContext context, Changes changes) throws ErrnoException {
        if (changes.setMode || changes.setUid || changes.setGid) {
            throw Errno.EPERM.exception();
        }
    }

    @Override
    public final KernfsFilesystem filesystem() {
        return filesystem;
    }
}
