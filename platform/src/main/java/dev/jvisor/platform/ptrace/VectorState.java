// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.abi.Ptrace;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;

import org.jspecify.annotations.Nullable;

/**
 * x87, SSE and AVX state of a stub thread in the XSAVE standard format (Intel SDM vol. 1, 13.4),
 * and how much a state that a guest made up is believed. Made when first used.
 */
final class VectorState {

    /** Legacy area and XSAVE header. */
    static final int HEADER_END = 576;

    private static final int LEGACY_SIZE = 512;
    private static final int MXCSR_OFFSET = 24;
    private static final int MXCSR_MASK_OFFSET = 28;
    /** Software bytes of the legacy area; the kernel tells XCR0 in the first word there. */
    private static final int SOFTWARE_OFFSET = 464;

    private static final int FEATURES_OFFSET = 512;
    private static final int AVX_END = 832;
    private static final long X87_SSE = 3;
    private static final long AVX = 4;
    private static final int CONTROL_WORD_INITIAL = 0x37f;
    private static final int MXCSR_INITIAL = 0x1f80;
    private static final int MXCSR_MASK_DEFAULT = 0xffbf;

    private static final int NT_X86_XSTATE = 0x202;
    /** In the tracee's block: the {@code struct iovec}, then the image. */
    private static final int VECTOR_OFFSET = Tracee.BLOCK_USED;

    private static final int IMAGE_OFFSET = VECTOR_OFFSET + 64;
    private static final int IMAGE_SIZE_MAX = NativeBuffer.BLOCK_SIZE - IMAGE_OFFSET;

    private final Tracee tracee;
    private final NativeBuffer buffer;

    /** What this host has; the same for all contexts. */
    private final Format format;

    /** Size of the image, components it can have, bits of MXCSR that exist. */
    private record Format(int size, long features, int mxcsrMask) {}

    private static volatile @Nullable Format known;

    VectorState(Tracee tracee) {
        this.tracee = tracee;
        this.buffer = tracee.block;
        Format format = known;
        if (format == null) {
            int size = fetch();
            int mask = buffer.getInt(IMAGE_OFFSET + MXCSR_MASK_OFFSET);
            format = new Format(
                    size,
                    buffer.getLong(IMAGE_OFFSET + SOFTWARE_OFFSET) | X87_SSE,
                    mask == 0 ? MXCSR_MASK_DEFAULT : mask);
            known = format;
        }
        this.format = format;
    }

    int size() {
        return format.size;
    }

    /** Returns which state components the host has (XCR0). */
    long features() {
        return format.features;
    }

    private int fetch() {
        buffer.putLong(VECTOR_OFFSET, buffer.address() + IMAGE_OFFSET);
        buffer.putLong(VECTOR_OFFSET + 8, IMAGE_SIZE_MAX);
        long result = tracee.regset(
                Ptrace.PTRACE_GETREGSET, NT_X86_XSTATE, buffer.address() + VECTOR_OFFSET);
        return Host.isError(result) ? 0 : (int) buffer.getLong(VECTOR_OFFSET + 8);
    }

    int save(byte[] destination) {
        int length = Math.min(fetch(), destination.length);
        buffer.clear(IMAGE_OFFSET + SOFTWARE_OFFSET, LEGACY_SIZE - SOFTWARE_OFFSET);
        buffer.get(IMAGE_OFFSET, destination, 0, length);
        return length;
    }

    /** Loads a state; bits that the host would refuse are cleared. */
    void restore(byte[] source, int length) {
        if (length < LEGACY_SIZE) {
            reset();
            return;
        }
        int taken = Math.min(length, format.size);
        long wanted = X87_SSE;
        buffer.clear(IMAGE_OFFSET, format.size);
        if (taken < HEADER_END) {
            buffer.put(IMAGE_OFFSET, source, 0, LEGACY_SIZE);
        } else {
            buffer.put(IMAGE_OFFSET, source, 0, taken);
            wanted = buffer.getLong(IMAGE_OFFSET + FEATURES_OFFSET) & format.features;
            if (taken < format.size) {
                wanted &= X87_SSE | (taken >= AVX_END ? AVX : 0);
            }
        }
        int mxcsr = buffer.getInt(IMAGE_OFFSET + MXCSR_OFFSET) & format.mxcsrMask;
        buffer.putInt(IMAGE_OFFSET + MXCSR_OFFSET, mxcsr);
        buffer.clear(IMAGE_OFFSET + FEATURES_OFFSET, HEADER_END - LEGACY_SIZE);
        buffer.putLong(IMAGE_OFFSET + FEATURES_OFFSET, wanted);
        store();
    }

    void reset() {
        buffer.clear(IMAGE_OFFSET, format.size);
        buffer.putShort(IMAGE_OFFSET, (short) CONTROL_WORD_INITIAL);
        buffer.putInt(IMAGE_OFFSET + MXCSR_OFFSET, MXCSR_INITIAL);
        buffer.putInt(IMAGE_OFFSET + MXCSR_MASK_OFFSET, format.mxcsrMask);
        buffer.putLong(IMAGE_OFFSET + FEATURES_OFFSET, X87_SSE);
        store();
    }

    private void store() {
        buffer.putLong(VECTOR_OFFSET, buffer.address() + IMAGE_OFFSET);
        buffer.putLong(VECTOR_OFFSET + 8, format.size);
        tracee.regset(Ptrace.PTRACE_SETREGSET, NT_X86_XSTATE, buffer.address() + VECTOR_OFFSET);
    }
}
