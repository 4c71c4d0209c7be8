// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;

/**
 * On which CPU a stub thread and the Java thread that serves it run.
 *
 * <p>The pair takes turns, so on one CPU a hand-over is a context switch; on two it would wake an
 * idle CPU every time, which costs several times as much. So a context that traps often is
 * <em>pinned</em>: both threads are tied to one CPU, at first to the one that its parent is pinned
 * to, because parent and child often talk.
 *
 * <p>A context that computes for long between its traps <em>floats</em>: both threads may run on
 * any CPU and the host's scheduler places them by the load of the whole machine, which we do not
 * know. When it traps often again it is pinned to where it is then. The owner decides at traps;
 * {@link CpuBalancer} sets those afloat that do not trap at all.
 *
 * <p>Only CPUs that the process was started with are used.
 */
public final class CpuPlacement {

    /** The place of a context that floats. */
    public static final int FLOATING = -1;

    /** Guest code that runs for so long in one go computes rather than talks. */
    public static final long BURST_NANOS = 1_000_000;

    /** So many shorter runs in a row end the floating. */
    public static final int QUICK_RUNS = 2;

    private final int[] cpus;
    private final long[] all;

    private CpuPlacement(int[] cpus, long[] all) {
        this.cpus = cpus;
        this.all = all;
    }

    /** Reads the calling thread's affinity. */
    public static CpuPlacement create() throws ErrnoException {
        long[] all = HostProcess.affinity(0);
        int count = 0;
        for (long word : all) {
            count += Long.bitCount(word);
        }
        int[] cpus = new int[count];
        int next = 0;
        for (int cpu = 0; next < count; cpu++) {
            if ((all[cpu / Long.SIZE] >>> (cpu % Long.SIZE) & 1) != 0) {
                cpus[next++] = cpu;
            }
        }
        return new CpuPlacement(cpus, all);
    }

    public int count() {
        return cpus.length;
    }

    /** Returns the place of the CPU that the calling thread is on. */
    public int current() {
        NativeBuffer buffer = NativeBuffer.scratch();
        if (Host.isError(Host.syscall(Sys.GETCPU, buffer.address(), 0, 0))) {
            return 0;
        }
        int cpu = buffer.getInt(0);
        for (int place = 0; place < cpus.length; place++) {
            if (cpus[place] == cpu) {
                return place;
            }
        }
        return 0;
    }

    /** Ties a thread (0: the calling one) to a place, or sets it afloat. */
    public void put(int tid, int place) {
        if (cpus.length == 1) {
            return;
        }
        if (place == FLOATING) {
            HostProcess.setAffinity(tid, all);
            return;
        }
        int cpu = cpus[place];
        long[] mask = new long[cpu / Long.SIZE + 1];
        mask[cpu / Long.SIZE] = 1L << (cpu % Long.SIZE);
        HostProcess.setAffinity(tid, mask);
    }
}
