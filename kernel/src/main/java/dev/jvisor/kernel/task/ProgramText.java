// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.GuestText;

/** Program text of a process for the platform that rewrites call sites in it. */
final class ProgramText implements GuestText {

    private final MemoryManager memory;

    ProgramText(MemoryManager memory) {
        this.memory = memory;
    }

    @Override
    public int read(long address, byte[] destination, int length) {
        return memory.readRemote(address, destination, 0, length, true);
    }

    @Override
    public int write(long address, byte[] source, int length) {
        return memory.writeRemote(address, source, 0, length, true);
    }
}
