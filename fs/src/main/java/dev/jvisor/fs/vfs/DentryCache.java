// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import org.jspecify.annotations.Nullable;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.HashSet;

/**
 * Bounds the dentries of one file system: beyond the limit, entries that were not found lately are
 * dropped from their directories (second chance, oldest first). Its monitor is a leaf in the lock
 * order.
 */
final class DentryCache {

    /** Cached entries of a file system; Linux bounds them by memory pressure. */
    static final int ENTRIES_MAX = 32768;

    private static final int BATCH = 64;

    private final int limit;
    private final ReferenceQueue<Dentry> queue = new ReferenceQueue<>();
    private final HashSet<DroppedDentry> deleted = new HashSet<>();
    private @Nullable Dentry oldest;
    private @Nullable Dentry newest;
    private int count;

    DentryCache(int limit) {
        this.limit = limit;
    }

    ReferenceQueue<Dentry> queue() {
        return queue;
    }

    /** An entry is in a table. */
    synchronized void add(Dentry d) {
        if (d.listed) {
            return;
        }
        d.listed = true;
        d.newer = null;
        d.older = newest;
        if (newest == null) {
            oldest = d;
        } else {
            newest.newer = d;
        }
        newest = d;
        count++;
    }

    /** An entry left its table. */
    synchronized void remove(Dentry d) {
        if (!d.listed) {
            return;
        }
        d.listed = false;
        Dentry before = d.older;
        Dentry after = d.newer;
        if (before == null) {
            oldest = after;
        } else {
            before.newer = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.older = before;
        }
        d.older = null;
        d.newer = null;
        count--;
    }

    synchronized int size() {
        return count;
    }

    /**
     * Keeps an eye on an entry that is no longer in a table, so that its inode learns of its end.
     */
    void watch(Dentry dentry) {
        Inode inode = dentry.inodeOrNull();
        if (inode == null || !inode.filesystem().wantsEvict()) {
            return;
        }
        DroppedDentry reference = new DroppedDentry(dentry, inode, null, queue);
        synchronized (this) {
            deleted.add(reference);
        }
    }

    /** Drops entries beyond the limit. The caller holds no table's lock. */
    void trim() {
        if (count > limit) { // racy on purpose: being late by some entries does no harm
            shrink();
        }
        for (Reference<? extends Dentry> r = queue.poll(); r != null; r = queue.poll()) {
            DroppedDentry reference = (DroppedDentry) r;
            synchronized (this) {
                deleted.remove(reference);
            }
            reference.collect();
        }
    }

    private void shrink() {
        Dentry[] victims = new Dentry[BATCH];
        int n = 0;
        synchronized (this) {
            for (int looked = 0; looked < 4 * BATCH && n < BATCH; looked++) {
                Dentry d = oldest;
                if (d == null) {
                    break;
                }
                remove(d);
                if (d.referenced) {
                    d.referenced = false;
                    add(d);
                } else {
                    victims[n++] = d;
                }
            }
        }
        for (int i = 0; i < n; i++) {
            Dentry parent = victims[i].parent();
            DentryTable table = parent == null ? null : parent.childrenOrNull();
            if (table != null) {
                table.drop(victims[i]);
            }
        }
    }
}
