// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/** Offsets in {@code struct timespec} and {@code struct timeval}: two 64-bit words. */
public final class TimespecStruct {

    private TimespecStruct() {}

    public static final int SIZE = 16;

    public static final int SEC = 0;
    /** Nanoseconds, or microseconds of a timeval. */
    public static final int FRACTION = 8;
}
