// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.platform.abi.Eventfd.IN_ACCESS;
import static dev.jvisor.platform.abi.Eventfd.IN_ATTRIB;
import static dev.jvisor.platform.abi.Eventfd.IN_CLOSE_NOWRITE;
import static dev.jvisor.platform.abi.Eventfd.IN_CLOSE_WRITE;
import static dev.jvisor.platform.abi.Eventfd.IN_CREATE;
import static dev.jvisor.platform.abi.Eventfd.IN_DELETE;
import static dev.jvisor.platform.abi.Eventfd.IN_DELETE_SELF;
import static dev.jvisor.platform.abi.Eventfd.IN_ISDIR;
import static dev.jvisor.platform.abi.Eventfd.IN_MODIFY;
import static dev.jvisor.platform.abi.Eventfd.IN_MOVED_FROM;
import static dev.jvisor.platform.abi.Eventfd.IN_MOVED_TO;
import static dev.jvisor.platform.abi.Eventfd.IN_MOVE_SELF;
import static dev.jvisor.platform.abi.Eventfd.IN_OPEN;
import static dev.jvisor.platform.abi.Eventfd.IN_UNMOUNT;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tells watches what the VFS did (Linux: include/linux/fsnotify.h, with its order of events).
 *
 * <p>While nobody watches anything, every call here costs one look at a counter. Changes that a
 * file system sees from elsewhere (the host's files) are not reported.
 */
public final class Fsnotify {

    private static final AtomicInteger COOKIES = new AtomicInteger();
    /** All watches; guarded by itself. */
    private static final LinkedHashSet<InodeWatch> WATCHES = new LinkedHashSet<>();

    /** Whether there is any watch; written with the watches locked. */
    private static volatile boolean active;

    private Fsnotify() {}

    static void watchAdded(InodeWatch watch) {
        synchronized (WATCHES) {
            WATCHES.add(watch);
            active = true;
        }
    }

    static void watchRemoved(InodeWatch watch) {
        synchronized (WATCHES) {
            WATCHES.remove(watch);
            active = !WATCHES.isEmpty();
        }
    }

    /** The last mount of a file system is gone. */
    static void unmounted(Filesystem filesystem) {
        if (!active) {
            return;
        }
        List<InodeWatch> all;
        synchronized (WATCHES) {
            all = List.copyOf(WATCHES);
        }
        for (InodeWatch watch : all) {
            if (watch.inode().filesystem() == filesystem) {
                boolean isDirectory = watch.inode().isDirectory();
                watch.event(isDirectory ? IN_UNMOUNT | IN_ISDIR : IN_UNMOUNT, null, 0, false);
                watch.inodeGone();
            }
        }
    }

    // What happens through an open file.

    /** It was opened. */
    static void open(FileDescription file) {
        file.setAnnounced();
        if (active) {
            fileEvent(file, IN_OPEN);
        }
    }

    /** Something was read from it. */
    public static void access(FileDescription file) {
        if (active && !isPipe(file)) {
            fileEvent(file, IN_ACCESS);
        }
    }

    /** Something was written to it. */
    public static void modify(FileDescription file) {
        if (active && !isPipe(file)) {
            fileEvent(file, IN_MODIFY);
        }
    }

    /** Reads and writes of pipes are not reported, named ones included. */
    private static boolean isPipe(FileDescription file) {
        return (file.inode().mode() & StatMode.S_IFMT) == StatMode.S_IFIFO;
    }

    /** Its last reference goes. */
    static void close(FileDescription file) {
        if (active) {
            fileEvent(file, file.isWritable() ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
        }
    }

    private static void fileEvent(FileDescription file, int mask) {
        VfsPath path = file.path();
        if (path != null) {
            Dentry dentry = path.dentry();
            dentryEvent(dentry, mask, dentry.isDeleted());
        }
    }

    /** Something that both the watchers of an inode and those of its directory hear of. */
    private static void dentryEvent(Dentry dentry, int mask, boolean unlinked) {
        Inode inode = dentry.inodeOrNull();
        if (inode == null) {
            return;
        }
        int all = inode.isDirectory() ? mask | IN_ISDIR : mask;
        Dentry parent = dentry.parent();
        Inode directory = parent == null ? null : parent.inodeOrNull();
        if (directory != null && directory.watches() != null) {
            tell(directory, all, dentry.name(), 0, unlinked);
        }
        tell(inode, all, null, 0, unlinked);
    }

    private static void tell(
            Inode inode, int mask, @Nullable String name, int cookie, boolean unlinked) {
        InodeWatch[] watches = inode.watches();
        if (watches != null) {
            for (InodeWatch watch : watches) {
                watch.event(mask, name, cookie, unlinked);
            }
        }
    }

    private static void inodeEvent(Inode inode, int mask) {
        tell(inode, inode.isDirectory() ? mask | IN_ISDIR : mask, null, 0, false);
    }

    // Attributes.

    /** Attributes were changed as a caller asked. */
    static void attributes(Dentry dentry, Inode.Changes changes) {
        if (!active) {
            return;
        }
        int mask = 0;
        if (changes.setUid || changes.setGid || changes.setMode) {
            mask |= IN_ATTRIB;
        }
        if (changes.setSize) {
            mask |= IN_MODIFY;
        }
        if (changes.setAccess && changes.setModify) {
            mask |= IN_ATTRIB;
        } else if (changes.setAccess) {
            mask |= IN_ACCESS;
        } else if (changes.setModify) {
            mask |= IN_MODIFY;
        }
        if (mask != 0) {
            dentryEvent(dentry, mask, false);
        }
    }

    /** Extended attributes were changed. */
    static void attributes(Dentry dentry) {
        if (active) {
            dentryEvent(dentry, IN_ATTRIB, false);
        }
    }

    /** The size was set through an open file (ftruncate(2)). */
    public static void truncated(FileDescription file) {
        VfsPath path = file.path();
        if (active && path != null) {
            dentryEvent(path.dentry(), IN_MODIFY, false);
        }
    }

    // Names.

    /** A name was made. */
    static void created(Dentry directory, String name, Inode made) {
        if (active) {
            nameEvent(directory, IN_CREATE, name, made.isDirectory(), 0);
        }
    }

    /** Another name for a file was made. */
    static void linked(Dentry directory, String name, Inode target) {
        if (active) {
            inodeEvent(target, IN_ATTRIB);
            nameEvent(directory, IN_CREATE, name, false, 0);
        }
    }

    private static void nameEvent(
            Dentry directory, int mask, String name, boolean isDirectory, int cookie) {
        Inode inode = directory.inodeOrNull();
        if (inode != null) {
            tell(inode, isDirectory ? mask | IN_ISDIR : mask, name, cookie, false);
        }
    }

    /** A name was removed. */
    static void removed(CallContext context, Dentry directory, String name, Inode inode) {
        if (!active) {
            return;
        }
        if (inode.isDirectory()) {
            inode.noteUnlinked();
        } else {
            inodeEvent(inode, IN_ATTRIB);
            noteIfUnlinked(context, inode);
        }
        endIfUnused(inode);
        nameEvent(directory, IN_DELETE, name, inode.isDirectory(), 0);
    }

    /**
     * A name was moved; the directories' locks are held.
     *
     * @param replaced what had the new name, null if nothing had
     * @param cookie from {@link #nextCookie}
     */
    static void moved(
            CallContext context,
            Dentry from,
            String oldName,
            Dentry to,
            String newName,
            Inode inode,
            @Nullable Inode replaced) {
        if (!active) {
            return;
        }
        int cookie = COOKIES.incrementAndGet();
        boolean isDirectory = inode.isDirectory();
        nameEvent(from, IN_MOVED_FROM, oldName, isDirectory, cookie);
        nameEvent(to, IN_MOVED_TO, newName, isDirectory, cookie);
        if (replaced != null) {
            inodeEvent(replaced, IN_ATTRIB);
        }
        inodeEvent(inode, IN_MOVE_SELF);
        if (replaced != null) {
            if (replaced.isDirectory()) {
                replaced.noteUnlinked();
            } else {
                noteIfUnlinked(context, replaced);
            }
            endIfUnused(replaced);
        }
    }

    private static void noteIfUnlinked(CallContext context, Inode inode) {
        if (inode.watches() == null) {
            return;
        }
        FileStatus status = new FileStatus();
        try {
            inode.getAttributes(context, status);
        } catch (ErrnoException gone) {
            status.links = 0;
        }
        if (status.links == 0) {
            inode.noteUnlinked();
        }
    }

    /** A file without a name ends when nobody has it open. */
    static void endIfUnused(Inode inode) {
        if (active && inode.watches() != null && inode.isUnlinkedAndClosed()) {
            inodeEvent(inode, IN_DELETE_SELF);
            end(inode);
        }
    }

    private static void end(Inode inode) {
        InodeWatch[] watches = inode.watches();
        if (watches != null) {
            for (InodeWatch watch : watches) {
                watch.inodeGone();
            }
        }
    }
}
