// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/**
 * A lower file with several names (hard links). The names share one overlay inode, whose upper copy
 * is in no visible directory: a name leads to it because the lower file of that name does. A name
 * that is moved becomes an entry of an upper directory first. The monitor, a leaf but for the upper
 * file system, guards all fields.
 */
final class SharedFile {

    /** Number in the overlay. */
    final long number;

    private final int lowerLinks;

    /** Set once, when it is made. */
    @Nullable
    OverlayInode inode;

    /** Lower names that still show, those outside of the lower tree counted too. */
    private int names;

    /**
     * The directory that keeps the upper copy, once there is one and as long as lower names show.
     */
    private @Nullable Inode index;

    SharedFile(long number, int lowerLinks) {
        this.number = number;
        this.lowerLinks = lowerLinks;
        names = lowerLinks;
    }

    /** Whether nothing has changed, so that it can be made anew. */
    synchronized boolean isPristine() {
        return names == lowerLinks && index == null;
    }

    /** The link count, given that of the upper copy (0 if there is none). */
    synchronized int links(int upperLinks) {
        return names + upperLinks - (index == null ? 0 : 1);
    }

    synchronized void setIndex(Inode directory) {
        index = directory;
    }

    /** A lower name is hidden now; the last one takes the upper copy's place in the index along. */
    synchronized void removeName(CallContext context, @Nullable Inode upper) throws ErrnoException {
        names--;
        Inode directory = index;
        if (names == 0 && directory != null && upper != null) {
            index = null;
            directory.unlink(context, indexName(), upper);
        }
    }

    String indexName() {
        return Long.toHexString(number);
    }
}
