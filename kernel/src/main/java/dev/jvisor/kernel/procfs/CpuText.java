// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;

import org.jspecify.annotations.Nullable;

/** {@code /proc/cpuinfo}: the host's first CPU as often as there are CPUs here, on one socket. */
final class CpuText {

    /** What is said of a processor about which nothing is known. */
    private static final String UNKNOWN = """
            processor\t: 0
            vendor_id\t: unknown
            cpu family\t: 6
            model\t\t: 0
            model name\t: x86-64
            stepping\t: 0
            cpu MHz\t\t: 1000.000
            physical id\t: 0
            siblings\t: 1
            core id\t\t: 0
            cpu cores\t: 1
            apicid\t\t: 0
            initial apicid\t: 0
            fpu\t\t: yes
            fpu_exception\t: yes
            cpuid level\t: 13
            wp\t\t: yes
            flags\t\t: fpu tsc cx8 cmov mmx fxsr sse sse2 syscall lm
            bogomips\t: 2000.00
            clflush size\t: 64
            cache_alignment\t: 64
            address sizes\t: 48 bits physical, 48 bits virtual
            power management:
            """;

    private CpuText() {}

    static void cpuinfo(MachineInfo machine, TextBuffer out) {
        String text = machine.cpuinfo();
        String block = text == null ? UNKNOWN : text;
        for (int cpu = 0; cpu < machine.cpus(); cpu++) {
            int at = 0;
            while (at < block.length()) {
                int end = block.indexOf('\n', at);
                end = end < 0 ? block.length() : end;
                line(block.substring(at, end), cpu, machine.cpus(), out);
                at = end + 1;
            }
            out.add('\n');
        }
    }

    private static void line(String line, int cpu, int cpus, TextBuffer out) {
        int colon = line.indexOf(':');
        String value = colon < 0 ? null : replaced(line.substring(0, colon).strip(), cpu, cpus);
        if (value == null) {
            out.add(line).add('\n');
        } else {
            out.add(line.substring(0, colon + 1)).add(' ').add(value).add('\n');
        }
    }

    /** The value of a field that is this sandbox's own, or null. */
    private static @Nullable String replaced(String key, int cpu, int cpus) {
        return switch (key) {
            case "processor", "core id", "apicid", "initial apicid" -> Integer.toString(cpu);
            case "siblings", "cpu cores" -> Integer.toString(cpus);
            case "physical id" -> "0";
            default -> null;
        };
    }
}
