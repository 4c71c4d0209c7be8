// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Permissions;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.HashMap;

/**
 * A directory: entries by name, and in a list by cookie, which is their position for getdents.
 * Cookies only grow, so a position stays good whatever is added and removed. The monitor guards the
 * entries; two directories are never locked at once.
 */
final class TmpfsDirectory extends TmpfsInode {

    /** Positions before this are "." and "..". */
    static final long FIRST_COOKIE = 2;

    private static final int ENTRY_BYTES = 20; // Linux: BOGO_DIRENT_SIZE

    /** A name. */
    static final class Entry {
        final String name;
        final TmpfsInode inode;
        final long cookie;

        @Nullable
        Entry next;

        @Nullable
        Entry previous;

        boolean removed;

        Entry(String name, TmpfsInode inode, long cookie) {
            this.name = name;
            this.inode = inode;
            this.cookie = cookie;
        }
    }

    private final HashMap<String, Entry> entries = new HashMap<>();
    private @Nullable Entry first;
    private @Nullable Entry last;
    private long nextCookie = FIRST_COOKIE;

    /** For ".." in getdents; changed by rename. */
    private volatile @Nullable TmpfsDirectory parent;

    TmpfsDirectory(
            Tmpfs filesystem,
            @Nullable TmpfsDirectory parent,
            long nowNanos,
            int mode,
            int uid,
            int gid) {
        super(filesystem, nowNanos, StatMode.S_IFDIR | mode, uid, gid);
        this.parent = parent;
        links = 2;
    }

    /** For "..": itself for the root. */
    TmpfsDirectory parent() {
        TmpfsDirectory p = parent;
        return p == null ? this : p;
    }

    @Override
    synchronized long size() {
        return (long) (entries.size() + 2) * ENTRY_BYTES;
    }

    @Override
    public synchronized @Nullable Inode lookup(CallContext context, String name) {
        Entry e = entries.get(name);
        return e == null ? null : e.inode;
    }

    private void add(String name, TmpfsInode inode) {
        synchronized (this) {
            Entry e = new Entry(name, inode, nextCookie++);
            entries.put(name, e);
            e.previous = last;
            if (last == null) {
                first = e;
            } else {
                last.next = e;
            }
            last = e;
            if (inode.isDirectory()) {
                links++;
            }
        }
    }

    private void remove(String name) {
        synchronized (this) {
            Entry e = entries.remove(name);
            if (e == null) {
                return;
            }
            e.removed = true;
            Entry before = e.previous;
            Entry after = e.next;
            if (before == null) {
                first = after;
            } else {
                before.next = after;
            }
            if (after == null) {
                last = before;
            } else {
                after.previous = before;
            }
            if (e.inode.isDirectory()) {
                links--;
            }
        }
    }

    /** The first entry at or behind a position; {@code hint} is where the caller was. */
    synchronized @Nullable Entry entryAt(long position, @Nullable Entry hint) {
        Entry e = hint != null && !hint.removed && hint.cookie <= position ? hint : first;
        while (e != null && e.cookie < position) {
            e = e.next;
        }
        return e;
    }

    synchronized long endCookie() {
        return nextCookie;
    }

    private <T extends TmpfsInode> T insert(CallContext context, String name, T made)
            throws ErrnoException {
        if (!filesystem.budget.takeInodes(made.inodeUnits())) {
            throw Errno.ENOSPC.exception();
        }
        if (!made.isDirectory()) {
            made.addLink();
        }
        add(name, made);
        touchModified(context.realtimeNanos());
        return made;
    }

    @Override
    public Inode create(CallContext context, String name, int mode) throws ErrnoException {
        return insert(context, name, newRegular(context, mode, name));
    }

    @Override
    public Inode tmpfile(CallContext context, int mode) throws ErrnoException {
        if (!filesystem.budget.takeInode()) {
            throw Errno.ENOSPC.exception();
        }
        TmpfsRegular made = newRegular(context, mode, "#tmpfile");
        made.linkable = true;
        return made;
    }

    private TmpfsRegular newRegular(CallContext context, int mode, String name) {
        Credentials who = context.credentials();
        int bits = Permissions.modeOfNew(who, this, StatMode.S_IFREG | mode) & 07777;
        int gid = Permissions.groupOfNew(who, this);
        return new TmpfsRegular(
                filesystem, context.realtimeNanos(), bits, who.fsuid(), gid, "/" + name);
    }

    @Override
    public Inode mkdir(CallContext context, String name, int mode) throws ErrnoException {
        Credentials who = context.credentials();
        int bits = Permissions.modeOfNew(who, this, StatMode.S_IFDIR | mode) & 07777;
        int gid = Permissions.groupOfNew(who, this);
        return insert(
                context,
                name,
                new TmpfsDirectory(
                        filesystem, this, context.realtimeNanos(), bits, who.fsuid(), gid));
    }

    @Override
    public Inode mknod(CallContext context, String name, int mode, long rdevice)
            throws ErrnoException {
        Credentials who = context.credentials();
        int full = Permissions.modeOfNew(who, this, mode);
        int gid = Permissions.groupOfNew(who, this);
        return insert(
                context,
                name,
                new TmpfsSpecial(
                        filesystem, context.realtimeNanos(), full, who.fsuid(), gid, rdevice));
    }

    @Override
    public Inode symlink(CallContext context, String name, String target) throws ErrnoException {
        Credentials who = context.credentials();
        int gid = Permissions.groupOfNew(who, this);
        return insert(
                context,
                name,
                new TmpfsSymlink(filesystem, context.realtimeNanos(), who.fsuid(), gid, target));
    }

    @Override
    public void link(CallContext context, String name, Inode target) throws ErrnoException {
        TmpfsInode inode = (TmpfsInode) target;
        synchronized (inode) {
            if (inode.links == 0) {
                if (!inode.linkable) {
                    throw Errno.ENOENT.exception();
                }
            }
            inode.links++;
        }
        long now = context.realtimeNanos();
        inode.touchChanged(now);
        add(name, inode);
        touchModified(now);
    }

    @Override
    public void unlink(CallContext context, String name, Inode child) {
        TmpfsInode inode = (TmpfsInode) child;
        long now = context.realtimeNanos();
        remove(name);
        touchModified(now);
        inode.touchChanged(now);
        inode.removeLink();
    }

    @Override
    public void rmdir(CallContext context, String name, Inode child) throws ErrnoException {
        TmpfsDirectory directory = (TmpfsDirectory) child;
        if (!directory.isEmpty()) {
            throw Errno.ENOTEMPTY.exception();
        }
        unlink(context, name, child);
    }

    synchronized boolean isEmpty() {
        return entries.isEmpty();
    }

    @Override
    public void rename(
            CallContext context,
            String name,
            Inode child,
            Inode newParent,
            String newName,
            @Nullable Inode replaced,
            int flags)
            throws ErrnoException {
        TmpfsInode moved = (TmpfsInode) child;
        TmpfsDirectory target = (TmpfsDirectory) newParent;
        TmpfsInode victim = (TmpfsInode) replaced;
        boolean exchange = (flags & Fcntl.RENAME_EXCHANGE) != 0;
        if (!exchange && victim instanceof TmpfsDirectory directory && !directory.isEmpty()) {
            throw Errno.ENOTEMPTY.exception();
        }
        remove(name);
        if (victim != null) {
            target.remove(newName);
        }
        target.add(newName, moved);
        if (moved instanceof TmpfsDirectory directory) {
            directory.parent = target;
        }
        long now = context.realtimeNanos();
        if (victim != null) {
            if (exchange) {
                add(name, victim);
                if (victim instanceof TmpfsDirectory directory) {
                    directory.parent = this;
                }
            } else {
                victim.removeLink();
            }
            victim.touchChanged(now);
        }
        moved.touchChanged(now);
        touchModified(now);
        target.touchModified(now);
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags) {
        return new TmpfsDirectoryFile(this, path, flags);
    }

    /**
     * The instance is gone: gives the memory of all files below back. Iterative, trees may be deep.
     */
    void discardTree() {
        ArrayDeque<TmpfsDirectory> left = new ArrayDeque<>();
        left.add(this);
        for (TmpfsDirectory d = left.poll(); d != null; d = left.poll()) {
            for (Entry e = d.entryAt(0, null); e != null; e = d.entryAt(e.cookie + 1, e)) {
                if (e.inode instanceof TmpfsDirectory below) {
                    left.add(below);
                } else if (e.inode instanceof TmpfsRegular file) {
                    file.removeLink();
                }
            }
        }
    }
}
