// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

/** Attributes of an inode as stat(2) and statx(2) report them (Linux: {@code struct kstat}). */
public final class FileStatus {
    /** Device in the kernel's {@code makedev} encoding of stat(2). */
    public long device;

    public long inode;

    /** Type and permission bits, {@code S_IF*} and 07777. */
    public int mode;

    public int links;
    public int uid;
    public int gid;
    public long rdevice;

    /** Bytes. */
    public long size;

    /** Preferred I/O size, bytes. */
    public int blockSize;

    /** In units of 512 bytes. */
    public long blocks;

    public long accessSeconds;
    public int accessNanos;
    public long modifySeconds;
    public int modifyNanos;
    public long changeSeconds;
    public int changeNanos;
    public long birthSeconds;
    public int birthNanos;
    public boolean hasBirth;
    public long mountId;
}
