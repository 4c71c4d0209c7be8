// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;

/** Sets of CPUs as text (Linux: cpumask_print_to_pagebuf). */
public final class CpuLists {

    private CpuLists() {}

    /** Adds ranges as in {@code 0-2,5}. */
    public static void add(TextBuffer out, long set) {
        boolean first = true;
        int cpu = 0;
        while (cpu < 64) {
            if ((set >>> cpu & 1) == 0) {
                cpu++;
                continue;
            }
            int end = cpu;
            while (end + 1 < 64 && (set >>> end + 1 & 1) != 0) {
                end++;
            }
            out.add(first ? "" : ",").add(cpu);
            if (end > cpu) {
                out.add('-').add(end);
            }
            first = false;
            cpu = end + 1;
        }
    }
}
