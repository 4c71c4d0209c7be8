// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Offsets in {@code struct linux_dirent64} and {@code struct linux_dirent}, the records of
 * getdents64(2) and getdents(2). Records are multiples of 8 bytes; what follows the name is zero up
 * to there.
 */
public final class DirentStruct {

    private DirentStruct() {}

    public static final int INO = 0;
    public static final int OFF = 8;
    /** 16 bits. */
    public static final int RECLEN = 16;

    /** {@code d_type} of linux_dirent64; linux_dirent has it in the last byte of the record. */
    public static final int TYPE64 = 18;

    public static final int NAME64 = 19;
    public static final int NAME = 18;

    /** Records start at multiples of this. */
    public static final int ALIGNMENT = 8;
}
