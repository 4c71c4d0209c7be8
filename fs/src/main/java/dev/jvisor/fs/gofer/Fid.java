// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.platform.host.HostFiles;

import org.jspecify.annotations.Nullable;

/** What a client's fid stands for in the server: a file by an O_PATH descriptor, perhaps open. */
final class Fid {

    /** O_PATH descriptor; owned. */
    final int fd;

    final long device;
    final long inode;

    /** {@code S_IF*}. */
    final int type;

    /**
     * A file of a kernel's pseudo file system: shown as an empty directory or an unreadable file.
     */
    final boolean sealed;

    /** Open for I/O or reading entries, or -1; owned. */
    int openFd = -1;

    /** Where the open directory stands; only for directories. */
    long directoryOffset;

    /** The server opened the directory for Treaddirattr on its own account. */
    boolean autoOpened;

    /** The descriptor of an opened file went to the client. */
    boolean isDonated;

    /** Value of an extended attribute being read or written; null for ordinary fids. */
    byte @Nullable [] xattr;

    /** Name of the attribute that is set when the fid is clunked, or null when reading. */
    @Nullable
    String xattrName;

    int xattrFlags;

    Fid(int fd, long device, long inode, int type, boolean sealed) {
        this.fd = fd;
        this.device = device;
        this.inode = inode;
        this.type = type;
        this.sealed = sealed;
    }

    boolean isDirectory() {
        return type == 0040000;
    }

    boolean isRegular() {
        return type == 0100000;
    }

    /** Whether it was opened by Tlopen or Tlcreate. */
    boolean isOpen() {
        return (openFd >= 0 && !autoOpened) || isDonated;
    }

    void close() {
        HostFiles.close(fd);
        HostFiles.close(openFd);
    }
}
