// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;

/** A regular file; also what mappings of it know. */
public final class TmpfsRegular extends TmpfsInode implements Mappable {

    private final FileData data;

    /**
     * Open descriptions; guarded by this. Data go when there is no name, description and mapping.
     */
    private int opens;

    private volatile String name;

    TmpfsRegular(Tmpfs filesystem, long nowNanos, int mode, int uid, int gid, String name) {
        super(filesystem, nowNanos, StatMode.S_IFREG | mode, uid, gid);
        this.name = name;
        data = new FileData(filesystem.pages, filesystem.budget);
        data.setMappable(this);
    }

    /** The contents. */
    public FileData data() {
        return data;
    }

    @Override
    public long size() {
        return data.size();
    }

    @Override
    long blocks() {
        return data.blocks();
    }

    @Override
    void resize(CallContext context, long size) throws ErrnoException {
        data.truncate(context, size);
    }

    /** EPERM for a change of the execute bits of a memfd that is sealed against it. */
    @Override
    public void setAttributes(CallContext context, Changes changes) throws ErrnoException {
        if (changes.setMode
                && (data.seals() & Fcntl.F_SEAL_EXEC) != 0
                && ((mode() ^ changes.mode) & 0111) != 0) {
            throw Errno.EPERM.exception();
        }
        super.setAttributes(context, changes);
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags) {
        return new TmpfsFile(this, this, path, flags);
    }

    /** Opens it for another file system, whose inode the description then shows. */
    public FileDescription openAs(Inode shown, VfsPath path, int flags) {
        return new TmpfsFile(this, shown, path, flags);
    }

    void addOpen() {
        synchronized (this) {
            opens++;
        }
    }

    void removeOpen() {
        synchronized (this) {
            opens--;
        }
        discardIfUnused();
    }

    @Override
    void onUnlinked() {
        super.onUnlinked();
        discardIfUnused();
    }

    private void discardIfUnused() {
        synchronized (this) {
            if (links > 0 || opens > 0 || data.isMapped()) {
                return;
            }
        }
        data.discard();
    }

    @Override
    public void locate(long offset, long length, Location result) throws ErrnoException {
        data.locate(offset, length, result);
    }

    @Override
    public int read(long offset, byte[] destination, int index, int length) throws ErrnoException {
        return data.read(offset, destination, index, length);
    }

    @Override
    public int write(long offset, byte[] source, int index, int length) throws ErrnoException {
        return data.write(offset, source, index, length);
    }

    @Override
    public void addMapping(MemoryManager mm, long address, long length, long offset) {
        data.addMapping(mm, length);
    }

    @Override
    public void removeMapping(MemoryManager mm, long address, long length, long offset) {
        data.removeMapping(mm, length);
        discardIfUnused();
    }

    @Override
    public void punchHole(long offset, long length) {
        synchronized (data.writeLock) {
            data.punchHole(offset, Math.min(offset + length, data.size()));
        }
    }

    /** Remembers the path it was last opened by, for /proc/PID/maps. */
    void setMappingName(String name) {
        this.name = name;
    }

    @Override
    public String mappingName() {
        return name;
    }

    @Override
    public long deviceId() {
        return filesystem.deviceId();
    }

    @Override
    public long inodeId() {
        return number();
    }
}
