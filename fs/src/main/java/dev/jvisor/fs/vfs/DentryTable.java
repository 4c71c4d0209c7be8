// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;

/**
 * The cached entries of one directory: a hash of names, positive and negative.
 *
 * <p>Entries that the cache dropped are still known by a weak reference, so that a dentry that
 * somebody holds (a working directory, an open file, a mount point) is found again and never
 * doubled. The monitor is a leaf but for the cache's. A change of the directory (made under the
 * directory's lock) and its effect on this table count up {@link #sequence}, by which a lookup that
 * ran meanwhile knows that its answer may be stale.
 */
final class DentryTable {

    private static final int INITIAL_BUCKETS = 4;

    private final Dentry directory;
    private final DentryCache cache;
    private @Nullable Dentry[] buckets = new @Nullable Dentry[INITIAL_BUCKETS];
    private int count;
    private @Nullable HashMap<String, DroppedDentry> dropped;
    private long sequence;

    DentryTable(Dentry directory, DentryCache cache) {
        this.directory = directory;
        this.cache = cache;
    }

    /** Finds the entry whose name is a part of a path; null if it is not cached. */
    synchronized @Nullable Dentry find(String path, int start, int end, int hash) {
        int length = end - start;
        for (Dentry d = buckets[hash & buckets.length - 1]; d != null; d = d.next) {
            if (d.hash == hash) {
                String name = d.name();
                if (name.length() == length && path.startsWith(name, start)) {
                    if (!d.referenced) {
                        d.referenced = true;
                    }
                    return d;
                }
            }
        }
        return dropped == null ? null : revive(path.substring(start, end));
    }

    synchronized @Nullable Dentry find(String name) {
        return find(name, 0, name.length(), name.hashCode());
    }

    /** Takes an entry that is still in use back from the dropped ones. */
    private @Nullable Dentry revive(String name) {
        HashMap<String, DroppedDentry> map = dropped;
        DroppedDentry reference = map == null ? null : map.remove(name);
        if (reference == null || map == null) {
            return null;
        }
        if (map.isEmpty()) {
            dropped = null;
        }
        Dentry dentry = reference.get();
        if (dentry == null) {
            reference.finish();
            return null;
        }
        reference.clear();
        link(dentry);
        return dentry;
    }

    /** The count of changes so far, to be read before asking the file system. */
    synchronized long sequence() {
        return sequence;
    }

    /**
     * Enters the answer of a lookup.
     *
     * @param at {@link #sequence} before the lookup
     * @return the entry, maybe one that another lookup made first; null if the directory changed
     *     meanwhile
     */
    synchronized @Nullable Dentry addLookedUp(String name, @Nullable Inode inode, long at) {
        Dentry existing = find(name);
        if (existing != null) {
            return existing;
        }
        if (at != sequence) {
            return null;
        }
        return add(name, inode);
    }

    /** Enters a name that is not there. */
    private Dentry add(String name, @Nullable Inode inode) {
        Dentry made = new Dentry(directory, name, inode);
        if (inode != null) {
            inode.addDentry();
        }
        link(made);
        return made;
    }

    /** A name came into being: makes its entry positive. Caller holds the directory's lock. */
    synchronized Dentry instantiate(String name, Inode inode) {
        sequence++;
        Dentry d = find(name);
        if (d == null) {
            return add(name, inode);
        }
        Inode before = d.inodeOrNull();
        if (before != inode) {
            if (before != null) {
                before.removeDentry();
            }
            inode.addDentry();
            d.setInode(inode);
        }
        return d;
    }

    /** A name is gone: its entry becomes one without a name. Caller holds the directory's lock. */
    synchronized void delete(Dentry entry) {
        takeOut(entry);
        entry.setDeleted();
        cache.watch(entry);
        add(entry.name(), null);
    }

    /**
     * Forgets an entry (negative, or one that no longer holds); the name is asked for anew next
     * time.
     */
    synchronized void forget(Dentry entry) {
        takeOut(entry);
        if (entry.inodeOrNull() != null) {
            entry.setDeleted();
            cache.watch(entry);
        }
    }

    /** Takes an entry out, for a rename or for good. */
    synchronized void takeOut(Dentry entry) {
        sequence++;
        HashMap<String, DroppedDentry> map = dropped;
        if (unlink(entry)) {
            cache.remove(entry);
        } else if (map != null) {
            DroppedDentry reference = map.get(entry.name());
            if (reference != null && reference.refersTo(entry)) {
                map.remove(entry.name());
                reference.clear();
            }
        }
    }

    /**
     * Keeps the entry of a name that has no inode in the table while a rename gives it one: a
     * lookup meanwhile finds it, rather than make a second entry for what is moved. Caller holds
     * the directory's lock and clears {@link Dentry#pinned}.
     */
    synchronized Dentry pin(Dentry negative) {
        Dentry there = find(negative.name());
        if (there == null) {
            link(negative);
            there = negative;
        }
        there.pinned = true;
        return there;
    }

    /** Puts an entry in for a rename, in place of what has its name. */
    synchronized void putIn(Dentry entry) {
        sequence++;
        Dentry there = find(entry.name());
        if (there != null && there != entry) {
            if (unlink(there)) {
                cache.remove(there);
            }
        }
        link(entry);
    }

    /** Moves an entry from the strong table to the weak one, if it may. Called by the cache. */
    synchronized void drop(Dentry entry) {
        Inode inode = entry.inodeOrNull();
        DentryTable below = entry.childrenOrNull();
        if (entry.mountedHere != null || entry.pinned || below != null && below.hasEntries()) {
            cache.add(entry);
            return;
        }
        if (!unlink(entry) || inode == null) {
            return;
        }
        HashMap<String, DroppedDentry> map = dropped;
        if (map == null) {
            dropped = map = new HashMap<>();
        }
        map.put(entry.name(), new DroppedDentry(entry, inode, this, cache.queue()));
    }

    /** The cache's news that a dropped entry was collected. */
    synchronized void collected(DroppedDentry reference) {
        HashMap<String, DroppedDentry> map = dropped;
        if (map != null && map.remove(reference.name, reference) && map.isEmpty()) {
            dropped = null;
        }
    }

    synchronized boolean hasEntries() {
        return count != 0;
    }

    private void link(Dentry d) {
        if (count >= buckets.length) {
            grow();
        }
        int slot = d.hash & buckets.length - 1;
        d.next = buckets[slot];
        buckets[slot] = d;
        count++;
        cache.add(d);
    }

    private boolean unlink(Dentry entry) {
        int slot = entry.hash & buckets.length - 1;
        Dentry before = null;
        for (Dentry d = buckets[slot]; d != null; d = d.next) {
            if (d == entry) {
                if (before == null) {
                    buckets[slot] = d.next;
                } else {
                    before.next = d.next;
                }
                d.next = null;
                count--;
                return true;
            }
            before = d;
        }
        return false;
    }

    private void grow() {
        @Nullable Dentry[] old = buckets;
        @Nullable Dentry[] wider = new @Nullable Dentry[old.length * 2];
        for (Dentry head : old) {
            for (Dentry d = head; d != null; ) {
                Dentry following = d.next;
                int slot = d.hash & wider.length - 1;
                d.next = wider[slot];
                wider[slot] = d;
                d = following;
            }
        }
        buckets = wider;
    }
}
