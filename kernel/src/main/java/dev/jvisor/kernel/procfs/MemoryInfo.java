// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.mm.pages.CommitAccount;

/** {@code /proc/meminfo} and {@code /proc/vmstat}. */
final class MemoryInfo {

    private static final int KEY_WIDTH = 16;
    private static final int VALUE_WIDTH = 8;
    private static final long VMALLOC_BYTES = 34359738367L << 10;

    /** Fields in Linux's order; those without a value here are 0. */
    private static final String[] KEYS = {
        "MemTotal",
        "MemFree",
        "MemAvailable",
        "Buffers",
        "Cached",
        "SwapCached",
        "Active",
        "Inactive",
        "Active(anon)",
        "Inactive(anon)",
        "Active(file)",
        "Inactive(file)",
        "Unevictable",
        "Mlocked",
        "SwapTotal",
        "SwapFree",
        "Zswap",
        "Zswapped",
        "Dirty",
        "Writeback",
        "AnonPages",
        "Mapped",
        "Shmem",
        "KReclaimable",
        "Slab",
        "SReclaimable",
        "SUnreclaim",
        "KernelStack",
        "PageTables",
        "SecPageTables",
        "NFS_Unstable",
        "Bounce",
        "WritebackTmp",
        "CommitLimit",
        "Committed_AS",
        "VmallocTotal",
        "VmallocUsed",
        "VmallocChunk",
        "Percpu",
        "AnonHugePages",
        "ShmemHugePages",
        "ShmemPmdMapped",
        "FileHugePages",
        "FilePmdMapped",
        "HugePages_Total",
        "HugePages_Free",
        "HugePages_Rsvd",
        "HugePages_Surp",
        "Hugepagesize",
        "Hugetlb",
        "DirectMap4k",
        "DirectMap2M",
    };

    private MemoryInfo() {}

    /** Bytes of memory that guests hold, at most all. */
    private static long used(Kernel kernel) {
        long used = kernel.pages().memory().residentBytes();
        return Math.max(0, Math.min(used, kernel.memoryBytes()));
    }

    static void write(Kernel kernel, TextBuffer out) {
        long total = kernel.memoryBytes();
        long used = used(kernel);
        CommitAccount commit = kernel.pages().commit();
        for (String key : KEYS) {
            long bytes = switch (key) {
                case "MemTotal", "DirectMap2M" -> total;
                case "MemFree", "MemAvailable" -> total - used;
                case "Active", "Active(anon)", "AnonPages" -> used;
                case "Committed_AS" -> commit.committedBytes();
                case "CommitLimit" -> commit.limitBytes();
                case "VmallocTotal" -> VMALLOC_BYTES;
                case "Hugepagesize" -> 2L << 20;
                default -> 0;
            };
            int start = out.length();
            out.add(key).add(':').padTo(start, KEY_WIDTH);
            out.add(bytes >> 10, VALUE_WIDTH);
            out.add(key.startsWith("HugePages_") ? "\n" : " kB\n");
        }
    }

    static void vmstat(Kernel kernel, TextBuffer out) {
        long used = used(kernel);
        out.add("nr_free_pages ").add((kernel.memoryBytes() - used) >> 12);
        out.add("\nnr_anon_pages ").add(used >> 12);
        for (String key : new String[] {
            "nr_mapped",
            "nr_file_pages",
            "nr_dirty",
            "nr_writeback",
            "nr_shmem",
            "pgpgin",
            "pgpgout",
            "pswpin",
            "pswpout",
            "pgfault",
            "pgmajfault",
        }) {
            out.add('\n').add(key).add(" 0");
        }
        out.add("\noom_kill ").add(kernel.oomKiller().kills()).add('\n');
    }
}
