// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** A guest thread that waits, and the registers it will have. */
final class SystrapSeed implements GuestContext.Seed {

    private final SystrapPlatform platform;
    private final SystrapAddressSpace space;
    private final long slot;

    /** Null: the first thread of a forked process, which makes it by itself. */
    private final @Nullable StubThread thread;

    private final Registers registers;

    /** Where the parent is pinned, or FLOATING. */
    private final int place;

    /** Attached or given up. */
    private boolean used; // guarded by this

    SystrapSeed(
            SystrapPlatform platform,
            SystrapAddressSpace space,
            long slot,
            @Nullable StubThread thread,
            Registers registers,
            int place) {
        this.platform = platform;
        this.space = space;
        this.slot = slot;
        this.thread = thread;
        this.registers = registers;
        this.place = place;
    }

    private synchronized void use() {
        if (used) {
            throw new IllegalStateException("seed was used before");
        }
        used = true;
    }

    @Override
    public GuestContext attach() throws ErrnoException {
        use();
        StubThread own = thread;
        if (own == null) {
            try {
                own = space.awaitFirstThread(slot);
            } catch (ContextLostException | ErrnoException e) {
                platform.discard(space.process);
                platform.contexts().free(slot);
                throw Errno.EAGAIN.exception();
            }
        }
        SystrapContext context = new SystrapContext(platform, space, own, place);
        context.registers().copyFrom(registers);
        return context;
    }

    @Override
    public AddressSpace addressSpace() {
        return space;
    }

    @Override
    public void discard() {
        use();
        StubThread own = thread;
        if (own != null) {
            SystrapContext.leave(platform, space, own);
            return;
        }
        platform.discard(space.process);
        platform.contexts().free(slot);
    }
}
