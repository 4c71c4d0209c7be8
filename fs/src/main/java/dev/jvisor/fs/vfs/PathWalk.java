// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.MountFlags;

import org.jspecify.annotations.Nullable;

/**
 * One walk along a path (Linux: {@code struct nameidata}).
 *
 * <p>A symbolic link that is followed is spliced into the path: what is left becomes the link's
 * target and the rest. The walk holds no lock; a step reads a dentry table or asks the file system.
 */
final class PathWalk {

    static final int PATH_MAX = 4096;
    static final int NAME_MAX = 255;
    private static final int LINKS_MAX = 40;

    /** What the last component is (Linux: {@code LAST_NORM}, …). */
    enum Last {
        NORMAL,
        DOT,
        DOT_DOT,
        ROOT
    }

    private final CallContext context;
    private final Credentials credentials;
    private final VfsPath root;
    private final VfsPath start;
    private final long resolve;
    private String path;
    private int position;
    private int links;

    /** Where the walk is. */
    Mount mount;

    Dentry dentry;

    Last last = Last.ROOT;
    private int lastStart;
    private int lastEnd;
    private int lastHash;

    /** Whether slashes follow the last component. */
    boolean trailing;

    PathWalk(
            CallContext context,
            Credentials credentials,
            @Nullable VfsPath at,
            String path,
            long resolve)
            throws ErrnoException {
        if (path.isEmpty()) {
            throw Errno.ENOENT.exception();
        }
        if (path.length() >= PATH_MAX) {
            throw Errno.ENAMETOOLONG.exception();
        }
        this.context = context;
        this.credentials = credentials;
        this.resolve = resolve;
        this.path = path;
        FsContext fs = context.fs();
        boolean absolute = path.charAt(0) == '/';
        boolean inRoot = (resolve & Fcntl.RESOLVE_IN_ROOT) != 0;
        if (absolute && (resolve & Fcntl.RESOLVE_BENEATH) != 0) {
            throw Errno.EXDEV.exception();
        }
        VfsPath from = at != null ? at : fs.workingDirectory();
        root = inRoot ? from : fs.root();
        start = absolute ? root : from;
        mount = start.mount();
        dentry = start.dentry();
        if (!dentry.isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        if (absolute) {
            crossMounts(false);
        }
    }

    /** Walks the whole path. */
    void walk(boolean followLast) throws ErrnoException {
        while (walkToLast()) {
            if (stepLast(followLast || trailing)) {
                return;
            }
        }
    }

    /**
     * Takes the last step after {@link #walkToLast}.
     *
     * @return false if it was a symbolic link that was followed: walk on
     */
    boolean stepLast(boolean follow) throws ErrnoException {
        boolean wantDirectory = trailing;
        if (!step(follow)) {
            return false;
        }
        if (wantDirectory && !dentry.isDirectory()) {
            throw Errno.ENOTDIR.exception();
        }
        return true;
    }

    /** Walks to the directory that holds the last component. */
    void walkToParent() throws ErrnoException {
        walkToLast();
    }

    /**
     * Walks up to the last component, which is left in the {@code last} fields.
     *
     * @return false if there is none: the walk is at its end
     */
    boolean walkToLast() throws ErrnoException {
        for (; ; ) {
            int length = path.length();
            int from = skipSlashes(position);
            if (from == length) {
                last = Last.ROOT;
                trailing = false;
                return false;
            }
            Permissions.check(credentials, dentry.inode(), Permissions.MAY_EXEC);
            int end = from;
            int hash = 0;
            for (; end < length; end++) {
                char c = path.charAt(end);
                if (c == '/') {
                    break;
                }
                hash = 31 * hash + c;
            }
            lastStart = from;
            lastEnd = end;
            lastHash = hash;
            last = kind(from, end);
            int following = skipSlashes(end);
            position = following;
            if (following == length) {
                trailing = end < length;
                return true;
            }
            if (step(true) && !dentry.isDirectory()) {
                throw Errno.ENOTDIR.exception();
            }
        }
    }

    private int skipSlashes(int from) {
        int i = from;
        while (i < path.length() && path.charAt(i) == '/') {
            i++;
        }
        return i;
    }

    private Last kind(int from, int end) {
        if (path.charAt(from) == '.') {
            if (end - from == 1) {
                return Last.DOT;
            }
            if (end - from == 2 && path.charAt(from + 1) == '.') {
                return Last.DOT_DOT;
            }
        }
        return Last.NORMAL;
    }

    String lastName() {
        return path.substring(lastStart, lastEnd);
    }

    /** Takes the step that the {@code last} fields describe; false if a link was spliced in. */
    private boolean step(boolean follow) throws ErrnoException {
        switch (last) {
            case DOT -> {
                return true;
            }
            case DOT_DOT -> {
                up();
                return true;
            }
            default -> {
                return into(lookupLast(), follow);
            }
        }
    }

    /** Goes into a child; ENOENT if it is negative. */
    boolean into(Dentry child, boolean follow) throws ErrnoException {
        Inode inode = child.inodeOrNull();
        if (inode == null) {
            throw Errno.ENOENT.exception();
        }
        if (follow && inode.isSymlink()) {
            return followLink(inode);
        }
        dentry = child;
        if (child.mountedHere != null) {
            crossMounts(true);
        }
        return true;
    }

    /** Finds the last component in the directory the walk is in; may be negative. */
    Dentry lookupLast() throws ErrnoException {
        Dentry directory = dentry;
        Inode inode = directory.inode();
        DentryTable table = directory.childrenOrNull();
        Dentry child = table == null ? null : table.find(path, lastStart, lastEnd, lastHash);
        if (child != null && !inode.revalidates()) {
            return child;
        }
        if (lastEnd - lastStart > NAME_MAX) {
            throw Errno.ENAMETOOLONG.exception();
        }
        if ((resolve & Fcntl.RESOLVE_CACHED) != 0) {
            throw Errno.EAGAIN.exception();
        }
        return lookup(context, directory, lastName(), child);
    }

    /** Asks the file system for a name and caches the answer. */
    static Dentry lookup(
            CallContext context, Dentry directory, String name, @Nullable Dentry cached)
            throws ErrnoException {
        Inode inode = directory.inode();
        DentryTable table = directory.children();
        inode.filesystem().dentryCache().trim();
        for (; ; ) {
            long sequence = table.sequence();
            Inode child = inode.lookup(context, name);
            if (cached != null) {
                if (cached.inodeOrNull() == child || child != null && cached.mountedHere != null) {
                    return cached;
                }
                table.forget(cached);
                cached = null;
                sequence = table.sequence();
            }
            if (child == null && inode.revalidates()) {
                return new Dentry(directory, name, null);
            }
            Dentry found = table.addLookedUp(name, child, sequence);
            if (found != null) {
                if (found.inodeOrNull() == child || !inode.revalidates()) {
                    return found;
                }
                table.forget(found);
            }
        }
    }

    /** Finds a name by the cache or the file system. */
    static Dentry lookup(CallContext context, Dentry directory, String name) throws ErrnoException {
        DentryTable table = directory.childrenOrNull();
        Dentry child = table == null ? null : table.find(name);
        if (child != null && !directory.inode().revalidates()) {
            return child;
        }
        return lookup(context, directory, name, child);
    }

    private void up() throws ErrnoException {
        for (; ; ) {
            if (dentry == root.dentry() && mount == root.mount()
                    || (resolve & Fcntl.RESOLVE_BENEATH) != 0
                            && dentry == start.dentry()
                            && mount == start.mount()) {
                if ((resolve & Fcntl.RESOLVE_BENEATH) != 0) {
                    throw Errno.EXDEV.exception();
                }
                break;
            }
            if (dentry != mount.root()) {
                Dentry parent = dentry.parent();
                if (parent != null) {
                    dentry = parent;
                }
                break;
            }
            VfsPath at = mount.mountPoint();
            if (at == null) {
                break;
            }
            checkCrossing();
            mount = at.mount();
            dentry = at.dentry();
        }
        crossMounts(true);
    }

    private void crossMounts(boolean checked) throws ErrnoException {
        for (Mount m = MountNamespace.mountedOn(mount, dentry); m != null; ) {
            if (checked) {
                checkCrossing();
            }
            mount = m;
            dentry = m.root();
            m = MountNamespace.mountedOn(mount, dentry);
        }
    }

    private void checkCrossing() throws ErrnoException {
        if ((resolve & Fcntl.RESOLVE_NO_XDEV) != 0) {
            throw Errno.EXDEV.exception();
        }
    }

    /**
     * Follows a link that stands for the last component.
     *
     * @return whether the walk is at the component's end already (a magic link)
     */
    private boolean followLink(Inode link) throws ErrnoException {
        if (++links > LINKS_MAX
                || (resolve & Fcntl.RESOLVE_NO_SYMLINKS) != 0
                || (mount.flags() & MountFlags.MS_NOSYMFOLLOW) != 0) {
            throw Errno.ELOOP.exception();
        }
        VfsPath place = link.magicLink(context);
        if (place != null) {
            if ((resolve & Fcntl.RESOLVE_NO_MAGICLINKS) != 0) {
                throw Errno.ELOOP.exception();
            }
            if ((resolve & (Fcntl.RESOLVE_BENEATH | Fcntl.RESOLVE_IN_ROOT)) != 0) {
                throw Errno.EXDEV.exception();
            }
            if (place.mount() != mount) {
                checkCrossing();
            }
            mount = place.mount();
            dentry = place.dentry();
            return true;
        }
        String target = link.readlink(context);
        if (target.isEmpty()) {
            throw Errno.ENOENT.exception();
        }
        path = lastEnd == path.length() ? target : target.concat(path.substring(lastEnd));
        position = 0;
        if (target.charAt(0) == '/') {
            if ((resolve & Fcntl.RESOLVE_BENEATH) != 0) {
                throw Errno.EXDEV.exception();
            }
            if (mount != root.mount()) {
                checkCrossing();
            }
            mount = root.mount();
            dentry = root.dentry();
            crossMounts(true);
        }
        return false;
    }

    VfsPath place() {
        return new VfsPath(mount, dentry);
    }
}
