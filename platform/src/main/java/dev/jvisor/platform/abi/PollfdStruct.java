// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/** Offsets in {@code struct pollfd} (asm-generic/poll.h). */
public final class PollfdStruct {

    private PollfdStruct() {}

    public static final int SIZE = 8;

    public static final int FD = 0;
    /** 16 bits, as is revents. */
    public static final int EVENTS = 4;

    public static final int REVENTS = 6;
}
