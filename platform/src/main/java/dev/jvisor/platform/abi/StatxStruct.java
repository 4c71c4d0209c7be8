// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/** Offsets in {@code struct statx} (linux/stat.h); bytes that no field covers are zero. */
public final class StatxStruct {

    private StatxStruct() {}

    public static final int SIZE = 256;

    public static final int MASK = 0;
    public static final int BLKSIZE = 4;
    public static final int ATTRIBUTES = 8;
    public static final int NLINK = 16;
    public static final int UID = 20;
    public static final int GID = 24;
    /** 16 bits. */
    public static final int MODE = 28;

    public static final int INO = 32;
    public static final int SIZE_BYTES = 40;
    public static final int BLOCKS = 48;
    public static final int ATTRIBUTES_MASK = 56;
    /** {@code struct statx_timestamp}: 64-bit seconds, 32-bit nanoseconds. */
    public static final int ATIME = 64;

    public static final int BTIME = 80;
    public static final int CTIME = 96;
    public static final int MTIME = 112;
    public static final int RDEV_MAJOR = 128;
    public static final int RDEV_MINOR = 132;
    public static final int DEV_MAJOR = 136;
    public static final int DEV_MINOR = 140;
    public static final int MNT_ID = 144;

    /** Nanoseconds within a {@code statx_timestamp}. */
    public static final int TIMESTAMP_NSEC = 8;
}
