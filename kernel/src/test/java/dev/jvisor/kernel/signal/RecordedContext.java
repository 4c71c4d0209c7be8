// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.Trap;

import java.util.Arrays;

/** A context that keeps registers and vector state, and runs nothing. */
final class RecordedContext implements GuestContext {

    static final int VECTOR_SIZE = 832; // x87, SSE, AVX

    static final long VECTOR_FEATURES = 7;

    private final Registers registers = new Registers();
    private final Trap trap = new Trap();
    final byte[] vector = new byte[VECTOR_SIZE];
    boolean interrupted;

    @Override
    public AddressSpace addressSpace() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Registers registers() {
        return registers;
    }

    @Override
    public Trap trap() {
        return trap;
    }

    @Override
    public void run() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void step() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void interrupt() {
        interrupted = true;
    }

    @Override
    public Seed cloneContext(CloneMode mode) {
        throw new UnsupportedOperationException();
    }

    @Override
    public AddressSpace resetAddressSpace() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int vectorStateSize() {
        return VECTOR_SIZE;
    }

    @Override
    public long vectorStateFeatures() {
        return VECTOR_FEATURES;
    }

    @Override
    public int saveVectorState(byte[] buffer) {
        System.arraycopy(vector, 0, buffer, 0, VECTOR_SIZE);
        return VECTOR_SIZE;
    }

    @Override
    public void restoreVectorState(byte[] buffer, int length) {
        System.arraycopy(buffer, 0, vector, 0, length);
    }

    @Override
    public void resetVectorState() {
        Arrays.fill(vector, (byte) 0);
    }

    @Override
    public void close() {}
}
