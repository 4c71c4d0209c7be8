// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Offsets in {@code struct statfs} (asm-generic/statfs.h, 64 bits); all fields are 64 bits wide.
 */
public final class StatfsStruct {

    private StatfsStruct() {}

    public static final int SIZE = 120;

    public static final int TYPE = 0;
    public static final int BSIZE = 8;
    public static final int BLOCKS = 16;
    public static final int BFREE = 24;
    public static final int BAVAIL = 32;
    public static final int FILES = 40;
    public static final int FFREE = 48;
    public static final int FSID = 56;
    public static final int NAMELEN = 64;
    public static final int FRSIZE = 72;
    public static final int FLAGS = 80;
}
