// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostProcess;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Which CPU each stub thread shares with the Java thread that serves it.
 *
 * <p>The pair takes turns, so on one CPU a hand-over is a context switch; on two it would wake an
 * idle CPU every time, which costs several times as much. Only CPUs that the process was started
 * with are used.
 *
 * <p>A context moves when it runs long without a trap while another one waits for the same CPU and
 * a third CPU has no guest code to run. Programs that talk to each other stay together that way.
 * Its owner sees to that at a trap; {@link CpuBalancer} sees to those that never trap.
 */
final class CpuPlacement {

    /** Guest code that runs for so long in one go computes rather than talks. */
    private static final long BURST_NANOS = 1_000_000;

    private final int[] cpus;
    private final long[] all;

    /** By index into {@link #cpus}: contexts placed, and contexts in guest code now. */
    private final AtomicIntegerArray placed;

    private final AtomicIntegerArray running;

    private final CpuBalancer balancer = new CpuBalancer(this);

    private CpuPlacement(int[] cpus, long[] all) {
        this.cpus = cpus;
        this.all = all;
        this.placed = new AtomicIntegerArray(cpus.length);
        this.running = new AtomicIntegerArray(cpus.length);
    }

    /** Reads the calling thread's affinity. */
    static CpuPlacement create() throws ErrnoException {
        long[] all = HostProcess.affinity(0);
        int count = 0;
        for (long word : all) {
            count += Long.bitCount(word);
        }
        int[] cpus = new int[count];
        int next = 0;
        for (int cpu = 0; cpu < all.length * Long.SIZE; cpu++) {
            if ((all[cpu / Long.SIZE] >>> (cpu % Long.SIZE) & 1) != 0) {
                cpus[next++] = cpu;
            }
        }
        return new CpuPlacement(cpus, all);
    }

    /** Returns the place with the fewest contexts. */
    int leastLoaded() {
        int best = 0;
        for (int place = 1; place < cpus.length; place++) {
            if (placed.get(place) < placed.get(best)) {
                best = place;
            }
        }
        return best;
    }

    int count() {
        return cpus.length;
    }

    void add(PtraceContext context, int place) {
        placed.incrementAndGet(place);
        balancer.add(context);
    }

    void remove(PtraceContext context, int place) {
        placed.decrementAndGet(place);
        balancer.remove(context);
    }

    void move(int from, int to) {
        placed.decrementAndGet(from);
        placed.incrementAndGet(to);
    }

    void enter(int place) {
        if (running.incrementAndGet(place) > 1 && cpus.length > 1) {
            balancer.watch();
        }
    }

    void close() {
        balancer.close();
    }

    void leave(int place) {
        running.decrementAndGet(place);
    }

    /**
     * Returns where a context that just left guest code should go on.
     *
     * @param nanos how long it was in guest code
     */
    int choose(int place, long nanos) {
        if (nanos < BURST_NANOS || cpus.length == 1 || running.get(place) == 0) {
            return place;
        }
        for (int other = 0; other < cpus.length; other++) {
            if (running.get(other) == 0) {
                return other;
            }
        }
        return place;
    }

    /** Ties a thread (0: the calling one) to a place. */
    void pin(int tid, int place) {
        if (cpus.length > 1) {
            long[] mask = new long[all.length];
            mask[cpus[place] / Long.SIZE] = 1L << (cpus[place] % Long.SIZE);
            HostProcess.setAffinity(tid, mask);
        }
    }

    /** Lets the calling thread use all CPUs again. */
    void unpin() {
        if (cpus.length > 1) {
            HostProcess.setAffinity(0, all);
        }
    }
}
