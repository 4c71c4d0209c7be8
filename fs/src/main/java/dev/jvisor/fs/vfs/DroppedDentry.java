// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import org.jspecify.annotations.Nullable;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/**
 * A dentry that only its users keep; when the last one is gone, its inode loses a name in the
 * cache.
 */
final class DroppedDentry extends WeakReference<Dentry> {

    final String name;
    private final @Nullable DentryTable table;
    private @Nullable Inode inode;

    DroppedDentry(
            Dentry dentry, Inode inode, @Nullable DentryTable table, ReferenceQueue<Dentry> queue) {
        super(dentry, queue);
        this.name = dentry.name();
        this.inode = inode;
        this.table = table;
    }

    /** Leaves the table and gives the inode up. */
    void collect() {
        if (table != null) {
            table.collected(this);
        }
        finish();
    }

    /** Gives the inode up once. */
    void finish() {
        Inode held;
        synchronized (this) {
            held = inode;
            inode = null;
        }
        if (held != null) {
            held.removeDentry();
        }
    }
}
