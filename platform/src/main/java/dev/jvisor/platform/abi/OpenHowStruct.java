// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/** Offsets in {@code struct open_how} (linux/openat2.h); all fields are 64 bits wide. */
public final class OpenHowStruct {

    private OpenHowStruct() {}

    /** OPEN_HOW_SIZE_VER0, the smallest and, so far, only size. */
    public static final int SIZE = 24;

    public static final int FLAGS = 0;
    public static final int MODE = 8;
    public static final int RESOLVE = 16;
}
