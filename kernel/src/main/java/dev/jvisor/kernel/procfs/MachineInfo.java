// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import org.jspecify.annotations.Nullable;

/**
 * What the sandbox's set-up knows about the machine, for {@code /proc/cpuinfo}, {@code meminfo} and {@code
 * /sys}: the Sentry itself cannot look at the host's files. Set before the file system is mounted.
 */
public final class MachineInfo {

    private static final long DEFAULT_MEMORY_BYTES = 2L << 30;

    private int cpus = Math.max(1, Runtime.getRuntime().availableProcessors());
    private long memoryBytes = DEFAULT_MEMORY_BYTES;
    private @Nullable String cpuinfo;

    /** CPUs that programs see. */
    public int cpus() {
        return cpus;
    }

    public MachineInfo setCpus(int count) {
        cpus = count;
        return this;
    }

    /** MemTotal, in bytes. */
    public long memoryBytes() {
        return memoryBytes;
    }

    public MachineInfo setMemoryBytes(long bytes) {
        memoryBytes = bytes;
        return this;
    }

    /** The block of one CPU in the host's {@code /proc/cpuinfo}, or null if it is not known. */
    @Nullable String cpuinfo() {
        return cpuinfo;
    }

    /**
     * Sets what the host's {@code /proc/cpuinfo} says; of several CPUs the first counts. The fields that
     * number CPUs are replaced.
     */
    public MachineInfo setCpuinfo(String text) {
        int end = text.indexOf("\n\n");
        cpuinfo = end < 0 ? text : text.substring(0, end + 1);
        return this;
    }

    /** The value of a field of {@link #cpuinfo}, or a default. */
    public String cpuField(String key, String otherwise) {
        String text = cpuinfo;
        int at = 0;
        while (text != null && at < text.length()) {
            int end = text.indexOf('\n', at);
            if (end < 0) {
                end = text.length();
            }
            int colon = text.indexOf(':', at);
            if (colon >= 0 && colon < end && text.substring(at, colon).strip().equals(key)) {
                return text.substring(colon + 1, end).strip();
            }
            at = end + 1;
        }
        return otherwise;
    }
}
