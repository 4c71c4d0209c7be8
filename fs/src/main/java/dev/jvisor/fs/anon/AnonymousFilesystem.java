// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.anon;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Dentry;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FilesystemStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Mount;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.StatMode;

import java.util.concurrent.atomic.AtomicLong;

/** A kernel-internal file system whose files have no path (Linux: pipefs, sockfs, anon_inodefs). */
public final class AnonymousFilesystem extends Filesystem {

    private static final int BLOCK_BYTES = 4096;

    private final String type;
    private final int magic;
    private final long device = DeviceNumber.nextAnonymous();
    private final AtomicLong lastInode = new AtomicLong(1);
    private final AnonymousInode root = new AnonymousInode(this, 1, StatMode.S_IFDIR, 0, 0, 0);
    private final Mount mount = Mount.internal(this);

    /**
     * Makes one.
     *
     * @param magic {@code f_type} of statfs(2)
     */
    public AnonymousFilesystem(String type, int magic) {
        this.type = type;
        this.magic = magic;
    }

    /** Makes an inode owned by the caller; {@code mode} has the type. */
    public AnonymousInode newInode(CallContext context, int mode) {
        return new AnonymousInode(
                this,
                lastInode.incrementAndGet(),
                mode,
                context.credentials().fsuid(),
                context.credentials().fsgid(),
                context.realtimeNanos());
    }

    /** The place of a file, whose name is what readlink of /proc/PID/fd shows. */
    public VfsPath place(String name, Inode inode) {
        return new VfsPath(mount, new Dentry(null, name, inode));
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public boolean wantsEvict() {
        return false;
    }

    @Override
    public void status(CallContext context, FilesystemStatus result) {
        result.type = magic;
        result.blockSize = BLOCK_BYTES;
        result.fragmentSize = BLOCK_BYTES;
    }

    @Override
    public long deviceId() {
        return device;
    }
}
