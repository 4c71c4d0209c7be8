// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/** Offsets in {@code struct flock} (asm-generic/fcntl.h, 64 bits). */
public final class FlockStruct {

    private FlockStruct() {}

    public static final int SIZE = 32;

    /** 16 bits, as is whence. */
    public static final int TYPE = 0;

    public static final int WHENCE = 2;
    public static final int START = 8;
    public static final int LEN = 16;
    public static final int PID = 24;
}
