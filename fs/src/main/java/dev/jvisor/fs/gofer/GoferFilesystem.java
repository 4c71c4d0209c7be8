// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.P9;
import dev.jvisor.fs.p9.P9Attributes;
import dev.jvisor.fs.p9.RMessage;
import dev.jvisor.fs.p9.TMessage;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FilesystemStatus;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostFiles;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;

/**
 * A host directory tree (or a single file, for a bind mount on a file) as a file system of the
 * sandbox, asked for over a {@link Transport}.
 *
 * <p>Inode numbers are the host's. Device numbers are our own, one for each host device in the
 * tree, so that a pair of both is unique as on the host.
 *
 * <p>Files and directories beyond the root are addressed by name from the nearest ancestor that has
 * a fid: only directories that were asked something, and files that were removed while in use, have
 * one, and of the former at most {@link #fidLimit}.
 */
public final class GoferFilesystem extends Filesystem {

    /** What may be remembered of the host's files. */
    public enum Caching {
        /** Nobody else changes the tree: attributes, directories and missing names are kept. */
        EXCLUSIVE,
        /** Others change it: every use asks again. */
        SHARED
    }

    private static final int FIDS_MAX = 2048;

    /** Request and answer serialisation; guards fids, names and the fid list of all inodes. */
    final GoferConnection connection;

    final HandleCache handles;
    private final Caching caching;
    private final boolean readOnly;
    private final long deviceId;
    private final GoferInode root;
    private final long rootDevice;
    private final int fidLimit;

    /** Inodes of a tree that is written to, by host identity: hard links share one. */
    private final HashMap<InodeKey, GoferInode> inodes = new HashMap<>();

    /** Our numbers of host devices other than the root's. */
    private final HashMap<Long, Long> devices = new HashMap<>();

    /** Directories with a fid, least recently used first. */
    private @Nullable GoferInode fidsOldest;

    private @Nullable GoferInode fidsNewest;
    private int fidCount;

    private record InodeKey(long device, long inode) {}

    /**
     * Opens the session.
     *
     * @param transport leads to a server whose tree becomes this file system
     * @param readOnly whether the server refuses changes (the mount has to be read-only too)
     * @throws ErrnoException EPROTONOSUPPORT for a server with another protocol, EIO without one
     */
    public GoferFilesystem(Transport transport, Caching caching, boolean readOnly)
            throws ErrnoException {
        this(transport, caching, readOnly, HandleCache.shared(), defaultFidLimit());
    }

    /** Servers allow a quarter of their descriptors; several mounts may share a server process. */
    private static int defaultFidLimit() {
        return Math.max(16, Math.min(FIDS_MAX, HostFiles.descriptorLimit() / 16));
    }

    GoferFilesystem(
            Transport transport,
            Caching caching,
            boolean readOnly,
            HandleCache handles,
            int fidLimit)
            throws ErrnoException {
        this.caching = caching;
        this.readOnly = readOnly;
        this.handles = handles;
        this.fidLimit = fidLimit;
        this.deviceId = DeviceNumber.nextAnonymous();
        this.connection = new GoferConnection(transport);
        P9Attributes a;
        synchronized (connection) {
            a = connection.getattr(GoferConnection.ROOT_FID);
        }
        this.rootDevice = a.device;
        this.root = new GoferInode(this, null, "", a);
        this.root.fid = GoferConnection.ROOT_FID;
    }

    boolean isExclusive() {
        return caching == Caching.EXCLUSIVE;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public String type() {
        return "9p";
    }

    @Override
    public GoferInode root() {
        return root;
    }

    @Override
    public long deviceId() {
        return deviceId;
    }

    @Override
    public String options() {
        return ",trans=fd,cache=" + (isExclusive() ? "loose" : "none");
    }

    /** Our device number for a host device. */
    long deviceOf(long hostDevice) {
        if (hostDevice == rootDevice) {
            return deviceId;
        }
        synchronized (devices) {
            Long known = devices.get(hostDevice);
            if (known == null) {
                known = DeviceNumber.nextAnonymous();
                devices.put(hostDevice, known);
            }
            return known;
        }
    }

    @Override
    public void status(CallContext context, FilesystemStatus result) throws ErrnoException {
        RMessage.Statfs s;
        synchronized (connection) {
            s = (RMessage.Statfs) connection.call(new TMessage.Statfs(GoferConnection.ROOT_FID));
        }
        result.type = s.fsType() & 0xffffffffL;
        result.blockSize = s.blockSize();
        result.fragmentSize = s.blockSize();
        result.blocks = s.blocks();
        result.blocksFree = s.blocksFree();
        result.blocksAvailable = s.blocksAvailable();
        result.files = s.files();
        result.filesFree = s.filesFree();
        result.id = s.id();
        result.nameLength = s.nameLength();
    }

    @Override
    public void release() {
        handles.closeIdle(this);
        connection.close();
    }

    // ---- inodes and fids; the caller holds the connection ---------------------------------------

    /** The inode of a file just found: the one that is known already, or a new one. */
    GoferInode inodeFor(GoferInode parent, String name, P9Attributes attributes) {
        if (readOnly && isExclusive()) {
            return new GoferInode(this, parent, name, attributes);
        }
        InodeKey key = new InodeKey(attributes.device, attributes.inode);
        GoferInode known = inodes.get(key);
        if (known != null && known.isSameFile(attributes)) {
            known.found(parent, name, attributes);
            return known;
        }
        GoferInode made = new GoferInode(this, parent, name, attributes);
        inodes.put(key, made);
        return made;
    }

    /** Forgets an inode that nobody refers to. */
    void forget(GoferInode inode) {
        P9Attributes a = inode.attributes();
        if (!inodes.isEmpty()) {
            inodes.remove(new InodeKey(a.device, a.inode), inode);
        }
        dropFid(inode);
    }

    /**
     * The fid of an inode, binding one if it has none: ESTALE if its name leads elsewhere by now.
     */
    int fidOf(GoferInode inode) throws ErrnoException {
        if (inode.fid != P9.NOFID) {
            touch(inode);
            return inode.fid;
        }
        int depth = 0;
        GoferInode from = inode;
        while (from.fid == P9.NOFID) {
            from = from.parentForWalk();
            depth++;
        }
        int fid = connection.newFid();
        boolean bound = false;
        try {
            P9Attributes a = walkDown(from, inode, depth, fid);
            bound = true;
            if (!inode.isSameFile(a)) {
                connection.clunkQuietly(fid);
                throw Errno.ESTALE.exception();
            }
        } finally {
            if (!bound) {
                connection.freeFid(fid);
            }
        }
        setFid(inode, fid);
        return fid;
    }

    private P9Attributes walkDown(GoferInode from, GoferInode to, int depth, int fid)
            throws ErrnoException {
        String[] names = new String[depth];
        GoferInode at = to;
        for (int i = depth - 1; i >= 0; i--) {
            names[i] = at.name;
            at = at.parentForWalk();
        }
        int current = from.fid;
        boolean intermediate = false;
        for (int done = 0; ; ) {
            int count = Math.min(depth - done, P9.WALK_NAMES_MAX);
            String[] part = java.util.Arrays.copyOfRange(names, done, done + count);
            P9Attributes[] list;
            try {
                TMessage m = new TMessage.WalkGetattr(current, fid, 0, part);
                list = ((RMessage.WalkGetattr) connection.call(m)).attributes();
                if (list.length != count) {
                    throw Errno.ESTALE.exception();
                }
            } catch (ErrnoException e) {
                if (intermediate) {
                    connection.call(new TMessage.Clunk(fid));
                }
                throw e.errno == Errno.ENOENT ? Errno.ESTALE.exception() : e;
            }
            done += count;
            current = fid;
            intermediate = true;
            if (done == depth) {
                return list[count - 1];
            }
        }
    }

    /** Remembers a fid that the server has bound for an inode. */
    void setFid(GoferInode inode, int fid) {
        inode.fid = fid;
        append(inode);
        if (fidCount > fidLimit) {
            GoferInode victim = fidsOldest;
            while (victim != null && (victim == inode || !victim.isNamed())) {
                victim = victim.fidNewer;
            }
            if (victim != null) {
                dropFid(victim);
            }
        }
    }

    private void dropFid(GoferInode inode) {
        if (inode.fid != P9.NOFID && inode != root) {
            int fid = inode.fid;
            unlink(inode);
            inode.fid = P9.NOFID;
            connection.clunkQuietly(fid);
        }
    }

    private void touch(GoferInode inode) {
        if (inode != fidsNewest && inode != root) {
            unlink(inode);
            append(inode);
        }
    }

    private void append(GoferInode inode) {
        inode.fidOlder = fidsNewest;
        inode.fidNewer = null;
        if (fidsNewest == null) {
            fidsOldest = inode;
        } else {
            fidsNewest.fidNewer = inode;
        }
        fidsNewest = inode;
        fidCount++;
    }

    private void unlink(GoferInode inode) {
        GoferInode older = inode.fidOlder;
        GoferInode newer = inode.fidNewer;
        if (older == null) {
            fidsOldest = newer;
        } else {
            older.fidNewer = newer;
        }
        if (newer == null) {
            fidsNewest = older;
        } else {
            newer.fidOlder = older;
        }
        inode.fidOlder = null;
        inode.fidNewer = null;
        fidCount--;
    }

    /** Requests sent so far. */
    public long requestCount() {
        return connection.requestCount();
    }
}
