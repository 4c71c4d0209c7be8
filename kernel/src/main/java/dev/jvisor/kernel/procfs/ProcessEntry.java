// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/**
 * The entries of {@code /proc/PID} and {@code /proc/PID/task/TID}, in the order Linux lists them
 * (Linux: tgid_base_stuff, tid_base_stuff).
 */
record ProcessEntry(int index, String name, int mode, int where) {

    private static final int DIR = StatMode.S_IFDIR;
    private static final int REG = StatMode.S_IFREG;
    private static final int LNK = StatMode.S_IFLNK | 0777;

    private static final int BOTH = 0;
    private static final int PROCESS = 1;
    private static final int THREAD = 2;

    private static final ProcessEntry[] ALL = {
        new ProcessEntry(1, "task", DIR | 0555, PROCESS),
        new ProcessEntry(2, "fd", DIR | 0500, BOTH),
        new ProcessEntry(3, "fdinfo", DIR | 0555, BOTH),
        new ProcessEntry(4, "ns", DIR | 0511, BOTH),
        new ProcessEntry(5, "net", DIR | 0555, BOTH),
        new ProcessEntry(6, "environ", REG | 0400, BOTH),
        new ProcessEntry(7, "auxv", REG | 0400, BOTH),
        new ProcessEntry(8, "status", REG | 0444, BOTH),
        new ProcessEntry(9, "personality", REG | 0400, BOTH),
        new ProcessEntry(10, "limits", REG | 0444, BOTH),
        new ProcessEntry(11, "comm", REG | 0644, BOTH),
        new ProcessEntry(12, "cmdline", REG | 0444, BOTH),
        new ProcessEntry(13, "stat", REG | 0444, BOTH),
        new ProcessEntry(14, "statm", REG | 0444, BOTH),
        new ProcessEntry(15, "maps", REG | 0444, BOTH),
        new ProcessEntry(16, "children", REG | 0444, THREAD),
        new ProcessEntry(17, "mem", REG | 0600, BOTH),
        new ProcessEntry(18, "cwd", LNK, BOTH),
        new ProcessEntry(19, "root", LNK, BOTH),
        new ProcessEntry(20, "exe", LNK, BOTH),
        new ProcessEntry(21, "mounts", REG | 0444, BOTH),
        new ProcessEntry(22, "mountinfo", REG | 0444, BOTH),
        new ProcessEntry(23, "mountstats", REG | 0400, PROCESS),
        new ProcessEntry(24, "clear_refs", REG | 0200, BOTH),
        new ProcessEntry(25, "smaps", REG | 0444, BOTH),
        new ProcessEntry(26, "smaps_rollup", REG | 0444, BOTH),
        new ProcessEntry(27, "wchan", REG | 0444, BOTH),
        new ProcessEntry(28, "schedstat", REG | 0444, BOTH),
        new ProcessEntry(29, "cpuset", REG | 0444, BOTH),
        new ProcessEntry(30, "cgroup", REG | 0444, BOTH),
        new ProcessEntry(31, "oom_score", REG | 0444, BOTH),
        new ProcessEntry(32, "oom_adj", REG | 0644, BOTH),
        new ProcessEntry(33, "oom_score_adj", REG | 0644, BOTH),
        new ProcessEntry(34, "loginuid", REG | 0644, BOTH),
        new ProcessEntry(35, "sessionid", REG | 0444, BOTH),
        new ProcessEntry(36, "coredump_filter", REG | 0644, PROCESS),
        new ProcessEntry(37, "io", REG | 0400, BOTH),
        new ProcessEntry(38, "uid_map", REG | 0644, BOTH),
        new ProcessEntry(39, "gid_map", REG | 0644, BOTH),
        new ProcessEntry(40, "projid_map", REG | 0644, BOTH),
        new ProcessEntry(41, "setgroups", REG | 0644, BOTH),
        new ProcessEntry(42, "timers", REG | 0444, PROCESS),
        new ProcessEntry(43, "timerslack_ns", REG | 0666, PROCESS),
        new ProcessEntry(44, "syscall", REG | 0400, BOTH),
        new ProcessEntry(45, "attr", DIR | 0555, BOTH),
        new ProcessEntry(46, "numa_maps", REG | 0444, BOTH),
        new ProcessEntry(47, "sched", REG | 0644, BOTH),
    };

    /** One more than the highest index. */
    static int count() {
        return ALL.length + 1;
    }

    /** The entry of an index, or null if such a directory has it not. */
    static @Nullable ProcessEntry at(int index, boolean thread) {
        ProcessEntry entry = ALL[index - 1];
        return entry.where == BOTH || thread == (entry.where == THREAD) ? entry : null;
    }

    /** The entry of a name, or null. */
    static @Nullable ProcessEntry find(String name, boolean thread) {
        for (int i = 1; i < count(); i++) {
            ProcessEntry entry = at(i, thread);
            if (entry != null && entry.name.equals(name)) {
                return entry;
            }
        }
        return null;
    }
}
