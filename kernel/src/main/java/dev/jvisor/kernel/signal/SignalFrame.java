// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

/** The frame that a signal handler finds on its stack. Skeleton. */
public final class SignalFrame {

    private SignalFrame() {}

    /** Most stack that a frame takes (AT_MINSIGSTKSZ), in bytes. */
    public static int sizeBound(int vectorStateSize) {
        return 0x800 + vectorStateSize;
    }
}
