// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.stub.CpuPlacement;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Which contexts may spin: a spinning pair keeps two CPUs busy to do the work of one, so it has to
 * be sure that nobody else wants them.
 */
final class HandoverPolicy {

    /** How often a side of a spinning pair looks at the word before it sleeps; some 20 us. */
    static final int SPINS = 1000;

    final CpuPlacement cpus;
    private final int cpuCount;

    /** Contexts that spin. */
    private final AtomicInteger spinning = new AtomicInteger();

    /** Contexts that run guest code and do not spin. */
    private final AtomicInteger running = new AtomicInteger();

    /** The pinned ones of them, by CPU. */
    private final AtomicIntegerArray runningAt;

    HandoverPolicy(CpuPlacement cpus) {
        this.cpus = cpus;
        this.cpuCount = cpus.count();
        this.runningAt = new AtomicIntegerArray(cpuCount);
    }

    /** Lets one more context spin if there are CPUs for it. */
    boolean beginSpinning() {
        if (2 * (spinning.get() + 1) + running.get() > cpuCount) {
            return false;
        }
        if (2 * spinning.incrementAndGet() + running.get() > cpuCount) {
            spinning.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Whether others want the CPUs of those that spin. */
    boolean isCrowded() {
        return 2 * spinning.get() + running.get() > cpuCount;
    }

    void endSpinning() {
        spinning.decrementAndGet();
    }

    /** Counts a context in that does not spin; {@code place} is a CPU or FLOATING. */
    void enterGuest(int place) {
        running.getAndIncrement();
        if (place >= 0) {
            runningAt.getAndIncrement(place);
        }
    }

    /** As of {@link #enterGuest}, with the same place. */
    void leaveGuest(int place) {
        running.getAndDecrement();
        if (place >= 0) {
            runningAt.getAndDecrement(place);
        }
    }

    /** Whether others run guest code on a CPU although there is one where nobody does. */
    boolean isUneven(int place) {
        return runningAt.get(place) > 0 && freePlace(place) != place;
    }

    /** Returns a CPU where no pinned context runs guest code, or {@code place}. */
    int freePlace(int place) {
        for (int i = 1; i < cpuCount; i++) {
            int other = (place + i) % cpuCount;
            if (runningAt.get(other) == 0) {
                return other;
            }
        }
        return place;
    }
}
