// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.ErrnoException;

/** A stub thread that is parked until a Java thread attaches it. */
final class PtraceSeed implements GuestContext.Seed {

    private final PtracePlatform platform;
    private final PtraceAddressSpace space;
    private final int tid;
    private final Registers registers;
    private final int place;

    /** Attached or given up. */
    private boolean used;

    PtraceSeed(
            PtracePlatform platform,
            PtraceAddressSpace space,
            int tid,
            Registers registers,
            int place) {
        this.platform = platform;
        this.space = space;
        this.tid = tid;
        this.registers = registers;
        this.place = place;
    }

    private void use() {
        synchronized (this) {
            if (used) {
                throw new IllegalStateException("seed was used before");
            }
            used = true;
        }
    }

    @Override
    public GuestContext attach() throws ErrnoException {
        use();
        platform.cpus().put(0, place);
        Tracee tracee;
        try {
            tracee = platform.seizeParked(space.process, tid, false);
        } catch (ErrnoException e) {
            giveUp();
            throw e;
        }
        return new PtraceContext(platform, space, tracee, registers, place, false);
    }

    @Override
    public AddressSpace addressSpace() {
        return space;
    }

    @Override
    public void discard() {
        use();
        giveUp();
    }

    private void giveUp() {
        StubProcess process = space.process;
        if (process.removeThread()) {
            platform.discard(process);
            return;
        }
        // The process goes on: its parked thread has to end by itself.
        try {
            Tracee tracee = platform.seizeParked(process, tid, false);
            if (tid == process.tgid) {
                tracee.detachInto(platform.image().gadgetRetire);
            } else {
                tracee.exitThread(platform.image().gadgetSyscall);
            }
            tracee.release();
        } catch (ErrnoException gone) {
            // It has ended already, and its process is ending.
        }
    }
}
