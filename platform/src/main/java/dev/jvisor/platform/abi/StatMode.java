// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Constants of inode(7) mode bits and statx(2).
 *
 * <p>Source: {@code linux/stat.h} of Linux, x86-64.
 */
public final class StatMode {

    private StatMode() {}

    public static final int S_IXOTH = 01;
    public static final int S_IWOTH = 02;
    public static final int S_IROTH = 04;
    public static final int S_IRWXO = 07;
    public static final int S_IXGRP = 010;
    public static final int S_IWGRP = 020;
    public static final int S_IRGRP = 040;
    public static final int S_IRWXG = 070;
    public static final int S_IXUSR = 0100;
    public static final int S_IWUSR = 0200;
    public static final int S_IRUSR = 0400;
    public static final int S_IRWXU = 0700;
    public static final int S_ISVTX = 01000;
    public static final int S_ISGID = 02000;
    public static final int S_ISUID = 04000;
    public static final int S_IFIFO = 010000;
    public static final int S_IFCHR = 020000;
    public static final int S_IFDIR = 040000;
    public static final int S_IFBLK = 060000;
    public static final int S_IFREG = 0100000;
    public static final int S_IFLNK = 0120000;
    public static final int S_IFSOCK = 0140000;
    public static final int S_IFMT = 0170000;

    public static final int STATX__RESERVED = 0x80000000;
    public static final int STATX_TYPE = 1;
    public static final int STATX_MODE = 2;
    public static final int STATX_ATTR_COMPRESSED = 4;
    public static final int STATX_NLINK = 4;
    public static final int STATX_UID = 8;
    public static final int STATX_ATTR_IMMUTABLE = 16;
    public static final int STATX_GID = 16;
    public static final int STATX_ATIME = 32;
    public static final int STATX_ATTR_APPEND = 32;
    public static final int STATX_ATTR_NODUMP = 64;
    public static final int STATX_MTIME = 64;
    public static final int STATX_CTIME = 128;
    public static final int STATX_INO = 0x100;
    public static final int STATX_SIZE = 0x200;
    public static final int STATX_BLOCKS = 0x400;
    public static final int STATX_BASIC_STATS = 0x7ff;
    public static final int STATX_ATTR_ENCRYPTED = 0x800;
    public static final int STATX_BTIME = 0x800;
    public static final int STATX_ALL = 0xfff;
    public static final int STATX_ATTR_AUTOMOUNT = 0x1000;
    public static final int STATX_MNT_ID = 0x1000;
    public static final int STATX_ATTR_MOUNT_ROOT = 0x2000;
    public static final int STATX_DIOALIGN = 0x2000;
    public static final int STATX_ATTR_VERITY = 0x100000;
    public static final int STATX_ATTR_DAX = 0x200000;
}
