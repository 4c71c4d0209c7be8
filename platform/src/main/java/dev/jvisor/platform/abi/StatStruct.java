// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/** Offsets in {@code struct stat} (asm/stat.h, x86-64); bytes that no field covers are zero. */
public final class StatStruct {

    private StatStruct() {}

    public static final int SIZE = 144;

    public static final int DEV = 0;
    public static final int INO = 8;
    public static final int NLINK = 16;
    /** 32 bits, as are uid and gid. */
    public static final int MODE = 24;

    public static final int UID = 28;
    public static final int GID = 32;
    public static final int RDEV = 40;
    public static final int BLOCK_SIZE_BYTES = 56;
    public static final int SIZE_BYTES = 48;
    public static final int BLOCKS = 64;
    public static final int ATIME = 72;
    public static final int ATIME_NSEC = 80;
    public static final int MTIME = 88;
    public static final int MTIME_NSEC = 96;
    public static final int CTIME = 104;
    public static final int CTIME_NSEC = 112;
}
