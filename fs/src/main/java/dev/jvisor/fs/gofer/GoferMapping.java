// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.vfs.Dentry;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

/**
 * What mmap(2) of an open host file maps: the donated descriptor, so that guests share the host's
 * page cache. Mappings keep the descriptor open after the file is closed. Takes only the handle
 * cache's lock.
 */
final class GoferMapping implements Mappable {

    private final GoferInode inode;
    private final HostHandle handle;
    private final @Nullable VfsPath path;

    /**
     * The page that was read last, of a tree that nobody changes: programs pass strings of their
     * read-only data to one call after the other. Guarded by this.
     */
    private byte @Nullable [] lastPage;

    private long lastPageOffset;
    private int lastPageLength;

    GoferMapping(GoferInode inode, HostHandle handle, @Nullable VfsPath path) {
        this.inode = inode;
        this.handle = handle;
        this.path = path;
    }

    @Override
    public Object identity() {
        return inode;
    }

    @Override
    public int hostFd() {
        return handle.fd;
    }

    @Override
    public void locate(long offset, long length, Location result) throws ErrnoException {
        if (offset >= size()) {
            throw Errno.ENXIO.exception();
        }
        result.offset = offset;
        result.length = length;
    }

    @Override
    public long size() throws ErrnoException {
        return isImmutable() ? inode.attributes().size : GoferFileDescription.hostSize(handle.fd);
    }

    private boolean isImmutable() {
        return inode.gofer().isExclusive() && inode.gofer().isReadOnly();
    }

    @Override
    public int read(long offset, byte[] destination, int index, int length) throws ErrnoException {
        long page = offset & -MemoryFile.PAGE_SIZE;
        if (offset + length > page + MemoryFile.PAGE_SIZE || !isImmutable()) {
            return readHost(offset, destination, index, length);
        }
        synchronized (this) {
            byte[] cached = lastPage;
            if (cached == null || lastPageOffset != page) {
                cached = cached == null ? new byte[MemoryFile.PAGE_SIZE] : cached;
                lastPage = null;
                lastPageLength = readHost(page, cached, 0, cached.length);
                lastPageOffset = page;
                lastPage = cached;
            }
            int within = (int) (offset - page);
            int n = Math.max(0, Math.min(length, lastPageLength - within));
            System.arraycopy(cached, within, destination, index, n);
            return n;
        }
    }

    private int readHost(long offset, byte[] destination, int index, int length)
            throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        int done = 0;
        while (done < length) {
            int want = Math.min(length - done, b.size());
            int n = (int) HostFiles.pread(handle.fd, b.address(), want, offset + done);
            b.get(0, destination, index + done, n);
            done += n;
            if (n < want) {
                break;
            }
        }
        return done;
    }

    @Override
    public int write(long offset, byte[] source, int index, int length) throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        int done = 0;
        while (done < length) {
            int want = Math.min(length - done, b.size());
            b.put(0, source, index + done, want);
            int n = (int) HostFiles.pwrite(handle.fd, b.address(), want, offset + done);
            done += n;
            if (n < want) {
                break;
            }
        }
        inode.setStale();
        return done;
    }

    @Override
    public void addMapping(MemoryManager mm, long address, long length, long offset) {
        inode.gofer().handles.addMapped(handle, length);
        if (handle.writable) {
            inode.setStale();
        }
    }

    @Override
    public void removeMapping(MemoryManager mm, long address, long length, long offset) {
        inode.gofer().handles.addMapped(handle, -length);
        if (handle.writable) {
            inode.setStale();
        }
    }

    @Override
    public void sync(long offset, long length) throws ErrnoException {
        if (handle.writable) {
            HostFiles.fsync(handle.fd, true);
        }
    }

    /** The path in its mount namespace. */
    @Override
    public String mappingName() {
        VfsPath at = path;
        if (at == null) {
            return inode.name;
        }
        StringBuilder text = new StringBuilder();
        boolean deleted = at.dentry().isDeleted();
        while (at != null) {
            Dentry d = at.dentry();
            for (Dentry up = d.parent(); up != null; up = d.parent()) {
                text.insert(0, d.name()).insert(0, '/');
                d = up;
            }
            at = at.mount().mountPoint();
        }
        return deleted ? text.append(" (deleted)").toString() : text.toString();
    }

    @Override
    public long deviceId() {
        return inode.deviceNumber();
    }

    @Override
    public long inodeId() {
        return inode.attributes().inode;
    }
}
