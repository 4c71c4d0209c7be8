// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.P9;
import dev.jvisor.fs.p9.P9Attributes;
import dev.jvisor.fs.p9.RMessage;
import dev.jvisor.fs.p9.TMessage;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Permissions;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.platform.host.HostFiles;

import org.jspecify.annotations.Nullable;

/** A host file. Fields without another word are guarded by the connection. */
public final class GoferInode extends Inode {

    private static final int GROUP_UNCHANGED = -1;

    private final GoferFilesystem filesystem;

    /** Where it was found last; null for the root and for files without a name. */
    private @Nullable GoferInode parent;

    String name;

    private boolean removed;

    int fid = P9.NOFID;

    @Nullable
    GoferInode fidOlder;

    @Nullable
    GoferInode fidNewer;

    /** Guarded by the handle cache, as {@link #writeHandle}. */
    @Nullable
    HostHandle readHandle;

    @Nullable
    HostHandle writeHandle;

    private volatile P9Attributes attributes;

    /** Whether {@link #attributes} lag behind what we did ourselves. */
    private volatile boolean stale;

    private @Nullable String linkTarget;

    private final @Nullable GoferDirectory directory;

    /** Serialises appends and size changes of a regular file. */
    final Object writeLock = new Object();

    GoferInode(
            GoferFilesystem filesystem,
            @Nullable GoferInode parent,
            String name,
            P9Attributes attributes) {
        this.filesystem = filesystem;
        this.parent = parent;
        this.name = name;
        this.attributes = attributes;
        this.directory = attributes.isDirectory() ? new GoferDirectory(this) : null;
    }

    @Override
    public Filesystem filesystem() {
        return filesystem;
    }

    GoferFilesystem gofer() {
        return filesystem;
    }

    GoferConnection connection() {
        return filesystem.connection;
    }

    P9Attributes attributes() {
        return attributes;
    }

    boolean isSameFile(P9Attributes found) {
        return attributes.isSameFile(found);
    }

    /** A lookup led here again, perhaps by another name. */
    void found(GoferInode parent, String name, P9Attributes attributes) {
        this.parent = parent;
        this.name = name;
        this.removed = false;
        this.attributes = attributes;
        this.stale = false;
    }

    /** Whether a fid can be bound anew by walking from the root. */
    boolean isNamed() {
        for (GoferInode at = this; at != null; at = at.parent) {
            if (at.removed) {
                return false;
            }
        }
        return true;
    }

    GoferInode parentForWalk() throws ErrnoException {
        GoferInode p = parent;
        if (p == null || removed) {
            throw Errno.ESTALE.exception();
        }
        return p;
    }

    // ---- attributes -----------------------------------------------------------------------------

    @Override
    public int mode() {
        return attributes.mode;
    }

    @Override
    public int uid() {
        return attributes.uid;
    }

    @Override
    public int gid() {
        return attributes.gid;
    }

    @Override
    public long rdevice() {
        return attributes.rdevice;
    }

    long deviceNumber() {
        return filesystem.deviceOf(attributes.device);
    }

    /** Attributes as they are now. */
    P9Attributes current() throws ErrnoException {
        if (filesystem.isExclusive() && !stale) {
            return attributes;
        }
        synchronized (connection()) {
            stale = false;
            try {
                refresh();
            } catch (ErrnoException e) {
                stale = true;
                throw e;
            }
        }
        return attributes;
    }

    /** Asks for attributes; holds the connection. */
    private void refresh() throws ErrnoException {
        P9Attributes now;
        if (fid != P9.NOFID) {
            now = connection().getattr(fid);
        } else {
            int parentFid = filesystem.fidOf(parentForWalk());
            now = connection().walk(parentFid, name, P9.NOFID, 0);
            if (!isSameFile(now)) {
                throw Errno.ESTALE.exception();
            }
        }
        attributes = now;
    }

    /** What we did to it shows in its attributes when they are asked for next. */
    void setStale() {
        stale = true;
    }

    @Override
    public void getAttributes(CallContext context, FileStatus s) throws ErrnoException {
        P9Attributes a = current();
        s.device = filesystem.deviceOf(a.device);
        s.inode = a.inode;
        s.mode = a.mode;
        s.links = (int) a.links;
        s.uid = a.uid;
        s.gid = a.gid;
        s.rdevice = a.rdevice;
        s.size = a.size;
        s.blockSize = (int) a.blockSize;
        s.blocks = a.blocks;
        s.accessSeconds = a.accessSeconds;
        s.accessNanos = (int) a.accessNanos;
        s.modifySeconds = a.modifySeconds;
        s.modifyNanos = (int) a.modifyNanos;
        s.changeSeconds = a.changeSeconds;
        s.changeNanos = (int) a.changeNanos;
        s.hasBirth = (a.valid & P9.GETATTR_BTIME) != 0;
        s.birthSeconds = a.birthSeconds;
        s.birthNanos = (int) a.birthNanos;
    }

    @Override
    public void setAttributes(CallContext context, Changes c) throws ErrnoException {
        int valid = (c.setMode ? P9.SETATTR_MODE : 0)
                | (c.setUid ? P9.SETATTR_UID : 0)
                | (c.setGid ? P9.SETATTR_GID : 0)
                | (c.setSize ? P9.SETATTR_SIZE : 0)
                | (c.setAccess ? P9.SETATTR_ATIME | P9.SETATTR_ATIME_SET : 0)
                | (c.setModify ? P9.SETATTR_MTIME | P9.SETATTR_MTIME_SET : 0);
        synchronized (writeLock) {
            synchronized (connection()) {
                int f = filesystem.fidOf(this);
                connection()
                        .call(new TMessage.Setattr(
                                f,
                                valid,
                                c.mode & 07777,
                                c.uid,
                                c.gid,
                                c.size,
                                c.accessSeconds,
                                c.accessNanos,
                                c.modifySeconds,
                                c.modifyNanos));
                attributes = connection().getattr(f);
                stale = false;
            }
        }
    }

    // ---- directories ----------------------------------------------------------------------------

    private GoferDirectory directory() throws ErrnoException {
        GoferDirectory d = directory;
        if (d == null) {
            throw Errno.ENOTDIR.exception();
        }
        return d;
    }

    @Override
    public @Nullable Inode lookup(CallContext context, String child) throws ErrnoException {
        return directory().lookup(child);
    }

    @Override
    public boolean revalidates() {
        return !filesystem.isExclusive();
    }

    @Override
    public Inode create(CallContext context, String child, int mode) throws ErrnoException {
        return directory().create(context, child, mode);
    }

    @Override
    public Inode tmpfile(CallContext context, int mode) throws ErrnoException {
        return directory().create(context, "", mode);
    }

    /** It never had a name: the fid is the only way to it. */
    void setNameless() {
        removed = true;
    }

    /** Numbers for new files of the caller: group -1 if the server would choose the same. */
    private int groupFor(CallContext context) {
        return Permissions.groupOfNew(context.credentials(), this);
    }

    @Override
    public Inode mkdir(CallContext context, String child, int mode) throws ErrnoException {
        int bits = Permissions.modeOfNew(context.credentials(), this, StatMode.S_IFDIR | mode);
        return make(
                context,
                child,
                bits,
                f -> new TMessage.Mkdir(f, child, bits & 07777, groupFor(context)));
    }

    @Override
    public Inode mknod(CallContext context, String child, int mode, long rdevice)
            throws ErrnoException {
        return make(
                context,
                child,
                mode,
                f -> new TMessage.Mknod(f, child, mode, 0, 0, groupFor(context)));
    }

    @Override
    public Inode symlink(CallContext context, String child, String target) throws ErrnoException {
        return make(
                context, child, 0, f -> new TMessage.Symlink(f, child, target, groupFor(context)));
    }

    private interface Request {
        TMessage of(int directoryFid);
    }

    private Inode make(CallContext context, String child, int mode, Request request)
            throws ErrnoException {
        synchronized (connection()) {
            directory().changed();
            connection().call(request.of(filesystem.fidOf(this)));
            GoferInode made = directory().find(child);
            if (made == null) {
                throw Errno.ENOENT.exception();
            }
            made.giveTo(context.credentials().fsuid(), mode);
            return made;
        }
    }

    /**
     * Makes a new file the caller's; the change of owner clears set-id bits, which come back after.
     */
    void giveTo(int uid, int mode) throws ErrnoException {
        if (uid == attributes.uid) {
            return;
        }
        boolean setId = (mode & (StatMode.S_ISUID | StatMode.S_ISGID)) != 0;
        int valid = P9.SETATTR_UID | (setId ? P9.SETATTR_MODE : 0);
        int f = filesystem.fidOf(this);
        connection()
                .call(new TMessage.Setattr(
                        f, valid, mode & 07777, uid, GROUP_UNCHANGED, 0, 0, 0, 0, 0));
        attributes = connection().getattr(f);
    }

    @Override
    public void link(CallContext context, String child, Inode target) throws ErrnoException {
        GoferInode t = own(target);
        synchronized (connection()) {
            directory().changed();
            int targetFid = filesystem.fidOf(t);
            int f = filesystem.fidOf(this);
            connection().call(new TMessage.Link(f, targetFid, child));
            t.moved(this, child);
        }
    }

    private GoferInode own(Inode other) throws ErrnoException {
        if (other instanceof GoferInode g && g.filesystem == filesystem) {
            return g;
        }
        throw Errno.EXDEV.exception();
    }

    @Override
    public void unlink(CallContext context, String child, Inode victim) throws ErrnoException {
        remove(child, own(victim), 0);
    }

    @Override
    public void rmdir(CallContext context, String child, Inode victim) throws ErrnoException {
        remove(child, own(victim), Fcntl.AT_REMOVEDIR);
    }

    private void remove(String child, GoferInode victim, int flags) throws ErrnoException {
        synchronized (connection()) {
            directory().changed();
            filesystem.fidOf(victim); // its users go on with it when it has no name
            connection().call(new TMessage.Unlinkat(filesystem.fidOf(this), child, flags));
            victim.lostName(this, child);
        }
    }

    private void lostName(GoferInode directoryOfName, String lost) {
        if (parent == directoryOfName && name.equals(lost)) {
            removed = true; // a hard link may have another name: then a lookup finds it again
        }
        setStale();
    }

    @Override
    public void rename(
            CallContext context,
            String oldName,
            Inode child,
            Inode newParent,
            String newName,
            @Nullable Inode replaced,
            int flags)
            throws ErrnoException {
        GoferInode to = own(newParent);
        GoferInode moved = own(child);
        GoferInode other = replaced == null ? null : own(replaced);
        synchronized (connection()) {
            directory().changed();
            to.directory().changed();
            if (other != null) {
                filesystem.fidOf(other);
            }
            int fromFid = filesystem.fidOf(this);
            int toFid = filesystem.fidOf(to);
            connection().call(new TMessage.Renameat2(fromFid, oldName, toFid, newName, flags));
            boolean exchange = (flags & Fcntl.RENAME_EXCHANGE) != 0;
            if (other != null && other != moved) {
                if (exchange) {
                    other.moved(this, oldName);
                } else {
                    other.lostName(to, newName);
                }
            }
            moved.moved(to, newName);
        }
    }

    private void moved(GoferInode newParent, String newName) {
        parent = newParent;
        name = newName;
        removed = false;
        setStale();
    }

    // ---- contents -------------------------------------------------------------------------------

    @Override
    public String readlink(CallContext context) throws ErrnoException {
        synchronized (connection()) {
            String target = linkTarget; // a link's target never changes
            if (target == null) {
                TMessage request = fid != P9.NOFID
                        ? new TMessage.Readlink(fid)
                        : new TMessage.Readlinkat(filesystem.fidOf(parentForWalk()), name);
                target = ((RMessage.Readlink) connection().call(request)).target();
                linkTarget = target;
            }
            return target;
        }
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        if (directory != null) {
            return new GoferDirectoryDescription(path, flags, this, directory);
        }
        if (!isRegular()) {
            throw Errno.ENXIO.exception();
        }
        return new GoferFileDescription(path, flags, this, handle(flags));
    }

    /** A handle that allows what open(2) flags ask for, with a user added. */
    HostHandle handle(int flags) throws ErrnoException {
        int access = flags & Fcntl.O_ACCMODE;
        boolean write = access == Fcntl.O_WRONLY || access == Fcntl.O_RDWR;
        boolean read = access != Fcntl.O_WRONLY;
        HandleCache cache = filesystem.handles;
        HostHandle known = cache.find(this, read, write);
        if (known != null) {
            return known;
        }
        cache.reserve();
        boolean done = false;
        try {
            HostHandle made = openHandle(read, write);
            cache.install(made);
            done = true;
            return made;
        } finally {
            if (!done) {
                cache.unreserve();
            }
        }
    }

    private HostHandle openHandle(boolean read, boolean write) throws ErrnoException {
        synchronized (connection()) {
            if (!write) {
                return new HostHandle(openAt(Fcntl.O_RDONLY), this, true, false);
            }
            try {
                return new HostHandle(openAt(Fcntl.O_RDWR), this, true, true);
            } catch (ErrnoException e) {
                if (read || e.errno != Errno.EACCES) {
                    throw e;
                }
                return new HostHandle(openAt(Fcntl.O_WRONLY), this, false, true);
            }
        }
    }

    private int openAt(int access) throws ErrnoException {
        boolean byName = fid == P9.NOFID;
        int from = byName ? filesystem.fidOf(parentForWalk()) : fid;
        RMessage.Openat opened = (RMessage.Openat)
                connection().call(new TMessage.Openat(from, byName ? name : "", access));
        int fd = connection().takeDonation();
        if (!isSameFile(opened.attributes())) {
            HostFiles.close(fd);
            throw Errno.ESTALE.exception();
        }
        return fd;
    }

    @Override
    public byte @Nullable [] getXattr(CallContext context, String attribute) throws ErrnoException {
        return GoferXattrs.get(this, attribute);
    }

    @Override
    public void setXattr(CallContext context, String attribute, byte[] value, int flags)
            throws ErrnoException {
        GoferXattrs.set(this, attribute, value, flags);
        setStale();
    }

    @Override
    public void removeXattr(CallContext context, String attribute) throws ErrnoException {
        GoferXattrs.remove(this, attribute);
        setStale();
    }

    @Override
    public String[] listXattr(CallContext context) throws ErrnoException {
        return GoferXattrs.list(this);
    }

    @Override
    public void evict() {
        filesystem.handles.detachAll(this);
        synchronized (connection()) {
            filesystem.forget(this);
        }
    }
}
