// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.platform.abi.ErrnoException;

import java.util.HashMap;

/**
 * The lower files with several names that are in use or changed (Linux: overlayfs with
 * {@code index=on}). Its monitor guards the map; it is taken under no other of this package but an
 * inode's.
 */
final class SharedFiles {

    private final OverlayFilesystem filesystem;
    private final HashMap<Long, SharedFile> files = new HashMap<>();

    /** Directory of the upper layer without a name. */
    private final Inode index;

    SharedFiles(CallContext context, OverlayFilesystem filesystem, Inode upperRoot)
            throws ErrnoException {
        this.filesystem = filesystem;
        index = upperRoot.mkdir(context, "index", 0700);
        upperRoot.rmdir(context, "index", index);
    }

    /** The overlay inode of a lower file, the same for all its names. */
    OverlayInode find(OverlayDirectory parent, String name, Inode lower, FileStatus status) {
        long number = filesystem.translate(status.device, status.inode);
        OverlayInode found;
        synchronized (this) {
            SharedFile file = files.get(number);
            OverlayInode known = file == null ? null : file.inode;
            if (known == null) {
                file = new SharedFile(number, status.links);
                known = OverlayInode.ofFile(parent, name, lower, file);
                file.inode = known;
                files.put(number, file);
            }
            found = known;
        }
        if (found.lower != lower) {
            lower.evict(); // one lower inode is enough
        }
        return found;
    }

    /**
     * No name of a file is cached any more.
     *
     * @return whether it is forgotten; a changed one stays
     */
    synchronized boolean forget(SharedFile file) {
        if (!file.isPristine()) {
            return false;
        }
        files.remove(file.number, file);
        return true;
    }

    /** Makes the upper copy; the inode's monitor is held. */
    Inode insertCopy(
            CallContext context,
            OverlayInode inode,
            SharedFile file,
            Inode original,
            FileStatus status)
            throws ErrnoException {
        Inode copy = CopyUp.create(context, index, file.indexName(), original, status);
        copy.setSpecial(inode);
        CopyUp.attributes(context, original, status, copy);
        file.setIndex(index);
        inode.setUpper(copy, status);
        return copy;
    }
}
