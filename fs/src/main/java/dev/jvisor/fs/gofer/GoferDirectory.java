// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.P9;
import dev.jvisor.fs.p9.P9Attributes;
import dev.jvisor.fs.p9.P9DirectoryEntry;
import dev.jvisor.fs.p9.RMessage;
import dev.jvisor.fs.p9.TMessage;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Permissions;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.host.HostFiles;

import org.jspecify.annotations.Nullable;

import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.HashMap;

/** What a directory's inode knows of its entries. Guarded by the connection. */
final class GoferDirectory {

    /** Lookups of listed names after which the attributes of all entries are fetched at once. */
    private static final int PREFETCH_MISSES = 1;

    /** One more such lookup for each so many entries: a long listing is not fetched for a few. */
    private static final int PREFETCH_DIVISOR = 32;

    /** A directory's entries as they were read, without "." and "..". */
    static final class Listing {
        final P9DirectoryEntry[] entries;

        /**
         * Made when a name is looked for: most listings are only read. Guarded by the connection.
         */
        private @Nullable HashMap<String, P9DirectoryEntry> byName;

        Listing(P9DirectoryEntry[] entries) {
            this.entries = entries;
        }

        @Nullable
        P9DirectoryEntry find(String name) {
            HashMap<String, P9DirectoryEntry> map = byName;
            if (map == null) {
                byName = map = new HashMap<>(entries.length * 2);
                for (P9DirectoryEntry e : entries) {
                    map.put(e.name(), e);
                }
            }
            return map.get(name);
        }
    }

    private final GoferInode inode;

    /** The whole directory, only kept where nobody else changes it. */
    private @Nullable SoftReference<Listing> cached;

    /** Whether the cached listing has attributes. */
    private boolean hasAttributes;

    private int misses;

    GoferDirectory(GoferInode inode) {
        this.inode = inode;
    }

    private GoferConnection connection() {
        return inode.connection();
    }

    /** An entry was or will be added or removed by us. */
    void changed() {
        cached = null;
        hasAttributes = false;
        inode.setStale();
    }

    @Nullable
    GoferInode lookup(String name) throws ErrnoException {
        synchronized (connection()) {
            return find(name);
        }
    }

    /** Looks a name up; holds the connection. */
    @Nullable
    GoferInode find(String name) throws ErrnoException {
        Listing listing = cached == null ? null : cached.get();
        if (listing != null) {
            P9DirectoryEntry entry = listing.find(name);
            if (entry == null) {
                return null;
            }
            if (!hasAttributes
                    && ++misses > PREFETCH_MISSES + listing.entries.length / PREFETCH_DIVISOR) {
                listing = read(P9.READDIR_ATTRIBUTES);
                entry = listing.find(name);
            }
            P9Attributes a = entry == null ? null : entry.attributes();
            if (a != null) {
                return inode.gofer().inodeFor(inode, name, a);
            }
        }
        return ask(name);
    }

    private @Nullable GoferInode ask(String name) throws ErrnoException {
        GoferFilesystem fs = inode.gofer();
        int from = fs.fidOf(inode);
        int newFid = connection().newFid();
        boolean bound = false;
        try {
            P9Attributes a = connection().walk(from, name, newFid, P9.WALK_FID_IF_DIRECTORY);
            GoferInode found = fs.inodeFor(inode, name, a);
            if (a.isDirectory()) {
                bound = true;
                if (found.fid == P9.NOFID) {
                    fs.setFid(found, newFid);
                } else {
                    connection().clunk(newFid);
                }
            }
            return found;
        } catch (ErrnoException e) {
            if (e.errno == Errno.ENOENT) {
                return null;
            }
            throw e;
        } finally {
            if (!bound) {
                connection().freeFid(newFid);
            }
        }
    }

    /** The entries, from memory if they are known and stay valid. */
    Listing list() throws ErrnoException {
        synchronized (connection()) {
            Listing known = cached == null ? null : cached.get();
            return known != null ? known : read(0);
        }
    }

    private Listing read(int flags) throws ErrnoException {
        int fid = inode.gofer().fidOf(inode);
        ArrayList<P9DirectoryEntry> all = new ArrayList<>();
        long offset = 0;
        for (; ; ) {
            int room = connection().payloadMax();
            TMessage request = new TMessage.ReaddirAttr(fid, offset, room, flags);
            RMessage.ReaddirAttr part = (RMessage.ReaddirAttr) connection().call(request);
            for (P9DirectoryEntry e : part.list()) {
                if (!".".equals(e.name()) && !"..".equals(e.name())) {
                    all.add(e);
                }
                offset = e.offset();
            }
            if (part.end() || part.list().length == 0) {
                break;
            }
        }
        Listing listing = new Listing(all.toArray(new P9DirectoryEntry[0]));
        misses = 0;
        if (inode.gofer().isExclusive()) {
            cached = new SoftReference<>(listing);
            hasAttributes = (flags & P9.READDIR_ATTRIBUTES) != 0;
        }
        return listing;
    }

    /**
     * Creates a regular file, with an empty name one without a name; its descriptor for reading and
     * writing is kept for the open that follows.
     */
    GoferInode create(CallContext context, String name, int mode) throws ErrnoException {
        GoferFilesystem fs = inode.gofer();
        int bits = Permissions.modeOfNew(context.credentials(), inode, StatMode.S_IFREG | mode);
        int gid = Permissions.groupOfNew(context.credentials(), inode);
        fs.handles.reserve();
        HostHandle handle = null;
        try {
            synchronized (connection()) {
                handle = createFile(name, bits, gid);
                handle.inode.giveTo(context.credentials().fsuid(), bits);
            }
        } finally {
            if (handle == null) {
                fs.handles.unreserve();
            } else {
                fs.handles.install(handle);
                fs.handles.release(handle);
            }
        }
        return handle.inode;
    }

    private HostHandle createFile(String name, int bits, int gid) throws ErrnoException {
        GoferFilesystem fs = inode.gofer();
        GoferConnection c = connection();
        changed();
        int directoryFid = fs.fidOf(inode);
        int fid = c.newFid();
        try {
            c.call(new TMessage.Walk(directoryFid, fid, GoferConnection.NO_NAMES));
        } catch (ErrnoException e) {
            c.freeFid(fid);
            throw e;
        }
        boolean kept = false;
        int fd = -1;
        try {
            c.call(new TMessage.Lcreate(fid, name, Fcntl.O_RDWR, bits & 07777, gid));
            fd = c.takeDonation();
            GoferInode made = fs.inodeFor(inode, name, c.getattr(fid));
            if (name.isEmpty()) {
                made.setNameless();
                fs.setFid(made, fid);
                kept = true;
            }
            HostHandle handle = new HostHandle(fd, made, true, true);
            fd = -1;
            return handle;
        } finally {
            HostFiles.close(fd);
            if (!kept) {
                c.clunkQuietly(fid);
            }
        }
    }
}
