// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.abi.Ptrace;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.stub.VectorImage;

import org.jspecify.annotations.Nullable;

/** Vector state of a stub thread. Made when first used. */
final class VectorState {

    private static final int NT_X86_XSTATE = 0x202;
    /** In the tracee's block: the {@code struct iovec}, then the image. */
    private static final int VECTOR_OFFSET = Tracee.BLOCK_USED;

    private static final int IMAGE_OFFSET = VECTOR_OFFSET + 64;
    private static final int IMAGE_SIZE_MAX = NativeBuffer.BLOCK_SIZE - IMAGE_OFFSET;

    private final Tracee tracee;
    private final NativeBuffer buffer;
    private final long at;

    /** What this host has; the same for all contexts. */
    private final VectorImage format;

    private static volatile @Nullable VectorImage known;

    VectorState(Tracee tracee) {
        this.tracee = tracee;
        this.buffer = tracee.block;
        this.at = buffer.address() + IMAGE_OFFSET;
        VectorImage format = known;
        if (format == null) {
            int size = fetch(IMAGE_SIZE_MAX);
            format = new VectorImage(
                    size,
                    buffer.getLong(IMAGE_OFFSET + VectorImage.SOFTWARE_OFFSET)
                            | VectorImage.X87_SSE,
                    buffer.getInt(IMAGE_OFFSET + VectorImage.MXCSR_MASK_OFFSET));
            known = format;
        }
        this.format = format;
    }

    int size() {
        return format.size();
    }

    /** Returns which state components the host has (XCR0). */
    long features() {
        return format.features();
    }

    private int fetch(int size) {
        buffer.putLong(VECTOR_OFFSET, at);
        buffer.putLong(VECTOR_OFFSET + 8, size);
        long result = tracee.regset(
                Ptrace.PTRACE_GETREGSET, NT_X86_XSTATE, buffer.address() + VECTOR_OFFSET);
        return Host.isError(result) ? 0 : (int) buffer.getLong(VECTOR_OFFSET + 8);
    }

    int save(byte[] destination) {
        fetch(format.size());
        return format.get(at, destination);
    }

    /** Loads a state; bits that the host would refuse are cleared. */
    void restore(byte[] source, int length) {
        format.put(at, source, length);
        store();
    }

    void reset() {
        format.reset(at);
        store();
    }

    private void store() {
        buffer.putLong(VECTOR_OFFSET, at);
        buffer.putLong(VECTOR_OFFSET + 8, format.size());
        tracee.regset(Ptrace.PTRACE_SETREGSET, NT_X86_XSTATE, buffer.address() + VECTOR_OFFSET);
    }
}
