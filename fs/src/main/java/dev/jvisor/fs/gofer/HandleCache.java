// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.platform.MappedHostFiles;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostFiles;

import org.jspecify.annotations.Nullable;

/**
 * Bounds the donated descriptors of this process, whatever mount they come from: handles without a
 * user stay open for the next open(2), least recently used ones go first. Only the platforms' locks
 * come after its own (closing what was mapped).
 */
final class HandleCache {

    private static final int IDLE_MAX = 1024;

    private final int limit;
    private final int idleMax;
    private int total;
    private int idle;
    private @Nullable HostHandle oldest;
    private @Nullable HostHandle newest;

    /**
     * @param descriptorLimit the process's RLIMIT_NOFILE: half of it may be handles, an eighth (at
     *     most 1024) idle ones
     */
    HandleCache(int descriptorLimit) {
        this.limit = Math.max(1, descriptorLimit / 2);
        this.idleMax = Math.max(1, Math.min(IDLE_MAX, descriptorLimit / 8));
    }

    /** The one cache of the process, as its descriptors have one limit. */
    static HandleCache shared() {
        return Holder.INSTANCE;
    }

    private static final class Holder {
        static final HandleCache INSTANCE = new HandleCache(HostFiles.descriptorLimit());
    }

    /** Finds a handle of an inode that will do and adds a user, or answers null. */
    synchronized @Nullable HostHandle find(GoferInode inode, boolean read, boolean write) {
        HostHandle h = inode.readHandle;
        if (h == null || write || !read) {
            HostHandle w = inode.writeHandle;
            h = w != null && (w.readable || !read) ? w : write ? null : h;
        }
        if (h != null) {
            addUser(h);
        }
        return h;
    }

    /** Adds a user to a handle that has one. */
    synchronized void retain(HostHandle h) {
        addUser(h);
    }

    private void addUser(HostHandle h) {
        if (h.users++ == 0 && h.mappedBytes == 0) {
            unlist(h);
        }
    }

    /** Makes room for one more descriptor: ENFILE if all are in use. */
    synchronized void reserve() throws ErrnoException {
        if (total >= limit && oldest != null) {
            close(oldest);
        }
        if (total >= limit) {
            throw Errno.ENFILE.exception();
        }
        total++;
    }

    /** Gives back what {@link #reserve} took, as no descriptor came. */
    synchronized void unreserve() {
        total--;
    }

    /** Puts a new handle, with a place reserved, in its inode's care and adds a user. */
    synchronized void install(HostHandle h) {
        h.users = 1;
        GoferInode inode = h.inode;
        HostHandle old = h.writable ? inode.writeHandle : inode.readHandle;
        if (h.writable) {
            inode.writeHandle = h;
        } else {
            inode.readHandle = h;
        }
        if (old != null) {
            detach(old); // somebody else was as fast: theirs lasts as long as its users
        }
    }

    /** Drops a user. */
    synchronized void release(HostHandle h) {
        h.users--;
        settle(h);
    }

    /** Adds or (negative) drops bytes of mappings. */
    synchronized void addMapped(HostHandle h, long bytes) {
        if (h.users == 0 && h.mappedBytes == 0) {
            unlist(h);
        }
        h.mappedBytes += bytes;
        h.wasMapped = true;
        settle(h);
    }

    private void settle(HostHandle h) {
        if (h.users > 0 || h.mappedBytes > 0 || h.closed) {
            return;
        }
        if (h.detached) {
            close(h);
            return;
        }
        list(h);
        if (idle > idleMax && oldest != null) {
            close(oldest);
        }
    }

    /**
     * The inode's file has no name any more, or the mount goes: nothing of it stays open without
     * users.
     */
    synchronized void detachAll(GoferInode inode) {
        HostHandle r = inode.readHandle;
        HostHandle w = inode.writeHandle;
        if (r != null) {
            detach(r);
        }
        if (w != null) {
            detach(w);
        }
    }

    private void detach(HostHandle h) {
        if (!h.detached) {
            h.detached = true;
            if (h.users == 0 && h.mappedBytes == 0) {
                close(h);
            }
        }
    }

    private void close(HostHandle h) {
        if (h.closed) {
            return;
        }
        h.closed = true;
        unlist(h);
        GoferInode inode = h.inode;
        if (inode.readHandle == h) {
            inode.readHandle = null;
        }
        if (inode.writeHandle == h) {
            inode.writeHandle = null;
        }
        total--;
        if (h.wasMapped) {
            MappedHostFiles.closing(h.fd);
        }
        HostFiles.close(h.fd);
    }

    private void list(HostHandle h) {
        h.older = newest;
        h.newer = null;
        if (newest == null) {
            oldest = h;
        } else {
            newest.newer = h;
        }
        newest = h;
        idle++;
    }

    private void unlist(HostHandle h) {
        if (h.older == null && h.newer == null && oldest != h) {
            return;
        }
        if (h.older == null) {
            oldest = h.newer;
        } else {
            h.older.newer = h.newer;
        }
        if (h.newer == null) {
            newest = h.older;
        } else {
            h.newer.older = h.older;
        }
        h.older = null;
        h.newer = null;
        idle--;
    }

    /** Closes every handle of a mount that has no user, and detaches the others. */
    synchronized void closeIdle(GoferFilesystem filesystem) {
        HostHandle h = oldest;
        while (h != null) {
            HostHandle next = h.newer;
            if (h.inode.filesystem() == filesystem) {
                close(h);
            }
            h = next;
        }
    }

    synchronized int totalCount() {
        return total;
    }

    synchronized int idleCount() {
        return idle;
    }
}
