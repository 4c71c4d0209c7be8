// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import dev.jvisor.platform.host.RawMemory;

/**
 * x87, SSE and AVX state in the XSAVE standard format (Intel SDM vol. 1, 13.4) somewhere in memory,
 * and how much a state that a guest made up is believed.
 *
 * @param size of a whole image, in bytes
 * @param features the components it can have (XCR0)
 * @param mxcsrMask bits of MXCSR that exist
 */
public record VectorImage(int size, long features, int mxcsrMask) {

    /** Legacy area and XSAVE header. */
    public static final int HEADER_END = 576;

    /** Offset of the bits of MXCSR that exist. */
    public static final int MXCSR_MASK_OFFSET = 28;

    /** Software bytes of the legacy area; the kernel tells XCR0 in the first word there. */
    public static final int SOFTWARE_OFFSET = 464;

    /** The components that every image has. */
    public static final long X87_SSE = 3;

    private static final int LEGACY_SIZE = 512;
    private static final int MXCSR_OFFSET = 24;
    private static final int FEATURES_OFFSET = 512;
    private static final int AVX_END = 832;
    private static final long AVX = 4;
    private static final short CONTROL_WORD_INITIAL = 0x37f;
    private static final int MXCSR_INITIAL = 0x1f80;
    private static final int MXCSR_MASK_DEFAULT = 0xffbf;

    public VectorImage {
        mxcsrMask = mxcsrMask == 0 ? MXCSR_MASK_DEFAULT : mxcsrMask;
    }

    /** Copies an image out, without the software bytes; returns its length. */
    public int get(long at, byte[] destination) {
        int length = Math.min(size, destination.length);
        RawMemory.get(at, destination, 0, length);
        for (int i = SOFTWARE_OFFSET; i < Math.min(LEGACY_SIZE, length); i++) {
            destination[i] = 0;
        }
        return length;
    }

    /** Stores an image; bits that the processor would refuse are cleared. */
    public void put(long at, byte[] source, int length) {
        if (length < LEGACY_SIZE) {
            reset(at);
            return;
        }
        int taken = Math.min(length, size);
        long wanted = X87_SSE;
        RawMemory.fill(at, size, (byte) 0);
        if (taken < HEADER_END) {
            RawMemory.put(at, source, 0, LEGACY_SIZE);
        } else {
            RawMemory.put(at, source, 0, taken);
            wanted = RawMemory.getLong(at + FEATURES_OFFSET) & features;
            if (taken < size) {
                wanted &= X87_SSE | (taken >= AVX_END ? AVX : 0);
            }
        }
        tame(at, wanted);
    }

    private void tame(long at, long wanted) {
        RawMemory.putInt(at + MXCSR_OFFSET, RawMemory.getInt(at + MXCSR_OFFSET) & mxcsrMask);
        RawMemory.fill(at + FEATURES_OFFSET, HEADER_END - LEGACY_SIZE, (byte) 0);
        RawMemory.putLong(at + FEATURES_OFFSET, wanted);
    }

    /** Copies an image that a guest may have written to. */
    public void copy(long from, long to) {
        RawMemory.copy(from, to, size);
        RawMemory.fill(to + SOFTWARE_OFFSET, LEGACY_SIZE - SOFTWARE_OFFSET, (byte) 0);
        tame(to, RawMemory.getLong(to + FEATURES_OFFSET) & features);
    }

    /** Stores what a new program starts with. */
    public void reset(long at) {
        RawMemory.fill(at, size, (byte) 0);
        RawMemory.putShort(at, CONTROL_WORD_INITIAL);
        RawMemory.putInt(at + MXCSR_OFFSET, MXCSR_INITIAL);
        RawMemory.putInt(at + MXCSR_MASK_OFFSET, mxcsrMask);
        RawMemory.putLong(at + FEATURES_OFFSET, X87_SSE);
    }
}
