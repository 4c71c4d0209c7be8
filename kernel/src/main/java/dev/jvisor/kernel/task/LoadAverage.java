// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.kernel.Kernel;

/**
 * How many tasks ran, averaged over the last one, five and fifteen minutes (Linux:
 * kernel/sched/loadavg.c).
 *
 * <p>Nothing samples: an idle sandbox does nothing. Whoever asks gets what follows from the CPU
 * time that tasks have used since somebody asked last.
 */
public final class LoadAverage {

    /** Linux: {@code SI_LOAD_SHIFT}, the fixed point of sysinfo(2). */
    public static final int SHIFT = 16;

    private static final int[] MINUTES = {1, 5, 15};
    private static final long STEP_NANOS = 5_000_000_000L;
    private static final double NANOS_PER_MINUTE = 60e9;

    private final Kernel kernel;
    private final double[] loads = new double[MINUTES.length]; // guarded by this
    private long lastNanos; // guarded by this
    private long lastCpuNanos; // guarded by this

    public LoadAverage(Kernel kernel) {
        this.kernel = kernel;
        this.lastNanos = System.nanoTime();
    }

    /**
     * Returns one of the three.
     *
     * @return in units of {@code 1 / (1 << SHIFT)}
     */
    public synchronized long load(int which) {
        long now = System.nanoTime();
        long passed = now - lastNanos;
        if (passed >= STEP_NANOS) {
            long cpu = kernel.cpuNanos();
            double running = (double) Math.max(0, cpu - lastCpuNanos) / passed;
            for (int i = 0; i < MINUTES.length; i++) {
                double kept = Math.exp(-passed / (MINUTES[i] * NANOS_PER_MINUTE));
                loads[i] = loads[i] * kept + running * (1 - kept);
            }
            lastNanos = now;
            lastCpuNanos = cpu;
        }
        return (long) (loads[which] * (1 << SHIFT));
    }
}
