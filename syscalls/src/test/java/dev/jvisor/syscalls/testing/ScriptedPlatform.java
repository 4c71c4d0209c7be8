// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.testing;

import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Platform;
import dev.jvisor.platform.memory.MemoryFile;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** A platform whose processors run {@link Guest}s. */
public final class ScriptedPlatform implements Platform {

    private final MemoryFile memory;
    private final ArrayDeque<Guest> programs = new ArrayDeque<>();

    /** What guests threw. */
    final List<Throwable> failures = new ArrayList<>();

    public ScriptedPlatform(MemoryFile memory) {
        this.memory = memory;
    }

    /** The guest of the next process that the kernel starts. */
    synchronized void nextProgram(Guest guest) {
        programs.add(guest);
    }

    synchronized void failed(Throwable t) {
        failures.add(t);
    }

    synchronized List<Throwable> failures() {
        return new ArrayList<>(failures);
    }

    @Override
    public String name() {
        return "scripted";
    }

    @Override
    public MemoryFile memory() {
        return memory;
    }

    @Override
    public long minAddress() {
        return 0x10000;
    }

    @Override
    public long maxAddress() {
        return 0x7fff_ffff_f000L;
    }

    @Override
    public synchronized GuestContext newContext() {
        return new ScriptedContext(this, programs.remove());
    }

    @Override
    public void close() {}
}
