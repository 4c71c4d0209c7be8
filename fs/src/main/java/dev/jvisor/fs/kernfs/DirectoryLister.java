// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

import dev.jvisor.fs.vfs.FileDescription;

/** Takes the entries of a directory and keeps the position. */
public final class DirectoryLister {

    private final FileDescription.DirectorySink sink;
    private long position;

    /** Starts at a position. */
    public DirectoryLister(FileDescription.DirectorySink sink, long position) {
        this.sink = sink;
        this.position = position;
    }

    /**
     * Adds an entry.
     *
     * @param type {@code DT_*}
     * @param next position behind it
     * @return false if there is no room: the listing stops before this entry
     */
    public boolean add(String name, long inode, int type, long next) {
        if (!sink.entry(name, inode, type, next)) {
            return false;
        }
        position = next;
        return true;
    }

    /** Adds an entry that leads to an inode. */
    public boolean add(String name, KernfsInode inode, long next) {
        return add(name, inode.number(), inode.direntType(), next);
    }

    /** Where the next listing starts. */
    public long position() {
        return position;
    }
}
