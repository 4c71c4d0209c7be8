// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.testing;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** A context that can only be cloned. */
public final class FakeGuestContext implements GuestContext {

    private final FakeAddressSpace addressSpace;
    private final Registers registers = new Registers();
    private final Trap trap = new Trap();
    private boolean failClone;

    public FakeGuestContext(FakeAddressSpace addressSpace) {
        this.addressSpace = addressSpace;
    }

    /** Makes the next clones fail with EAGAIN. */
    public void failClone(boolean fail) {
        failClone = fail;
    }

    @Override
    public FakeAddressSpace addressSpace() {
        return addressSpace;
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
    public Seed cloneContext(CloneMode mode) throws ErrnoException {
        if (failClone) {
            throw Errno.EAGAIN.exception();
        }
        FakeAddressSpace copy = addressSpace.copy();
        return new Seed() {
            @Override
            public GuestContext attach() {
                return new FakeGuestContext(copy);
            }

            @Override
            public AddressSpace addressSpace() {
                return copy;
            }

            @Override
            public void discard() {}
        };
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
    public void interrupt() {}

    @Override
    public AddressSpace resetAddressSpace() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int vectorStateSize() {
        return 0;
    }

    @Override
    public long vectorStateFeatures() {
        return 3;
    }

    @Override
    public int saveVectorState(byte[] buffer) {
        return 0;
    }

    @Override
    public void restoreVectorState(byte[] buffer, int length) {}

    @Override
    public void resetVectorState() {}

    @Override
    public void close() {}
}
