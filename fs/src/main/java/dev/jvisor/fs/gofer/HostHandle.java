// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import org.jspecify.annotations.Nullable;

/**
 * A donated descriptor of a regular file, shared by all who have the file open. Everything but
 * {@code fd} is guarded by the {@link HandleCache}.
 */
final class HostHandle {

    final int fd;
    final GoferInode inode;

    /** Open for writing (and, unless the host forbids it, for reading). */
    final boolean writable;

    final boolean readable;

    /** Open files that use it. */
    int users;

    /** Bytes of mappings that show it. */
    long mappedBytes;

    /** A platform may know the descriptor. */
    boolean wasMapped;

    /** The inode will not be found again: it is closed when the last user goes. */
    boolean detached;

    boolean closed;

    /** Links of the list of handles without users. */
    @Nullable
    HostHandle older;

    @Nullable
    HostHandle newer;

    HostHandle(int fd, GoferInode inode, boolean readable, boolean writable) {
        this.fd = fd;
        this.inode = inode;
        this.readable = readable;
        this.writable = writable;
    }
}
