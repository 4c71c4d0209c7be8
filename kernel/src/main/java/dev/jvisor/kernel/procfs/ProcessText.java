// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.limits.ResourceLimits;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.TaskCounters;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.kernel.task.UsageTotals;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Resource;

import org.jspecify.annotations.Nullable;

/** The small texts of a process. */
final class ProcessText {

    private static final String[] LIMITS = {
        "Max cpu time", "seconds",
        "Max file size", "bytes",
        "Max data size", "bytes",
        "Max stack size", "bytes",
        "Max core file size", "bytes",
        "Max resident set", "bytes",
        "Max processes", "processes",
        "Max open files", "files",
        "Max locked memory", "bytes",
        "Max address space", "bytes",
        "Max file locks", "locks",
        "Max pending signals", "signals",
        "Max msgqueue size", "bytes",
        "Max nice priority", "",
        "Max realtime priority", "",
        "Max realtime timeout", "us",
    };

    private static final int SCHED_WIDTH = 45;

    /** Linux: {@code DEFAULT_PRIO}. */
    private static final int NICE_ZERO_PRIORITY = 120;

    private static final int NAME_WIDTH = 26;
    private static final int VALUE_WIDTH = 21;
    private static final int UNIT_WIDTH = 10;

    /** A map of all ids to themselves. */
    private static final String IDENTITY_MAP = "         0          0 4294967295\n";

    private ProcessText() {}

    static void write(String name, Task task, TextBuffer out) {
        switch (name) {
            case "comm" -> out.add(task.name()).add('\n');
            case "limits" -> limits(task.threadGroup().limits(), out);
            case "wchan" -> out.add("0");
            case "oom_score" ->
                out.add(task.kernel().oomKiller().score(task.threadGroup())).add('\n');
            case "sched" -> sched(task, out);
            case "schedstat" -> out.add(task.cpu().nanos()).add(" 0 0\n");
            case "cpuset" -> out.add("/\n");
            case "cgroup" -> out.add("0::/\n");
            case "oom_adj", "oom_score_adj" -> oomAdjust(name, task, out);
            case "loginuid", "sessionid" -> out.add("4294967295");
            case "coredump_filter" ->
                out.addHex(task.threadGroup().coredumpFilter(), 8).add('\n');
            case "projid_map" -> out.add(IDENTITY_MAP);
            case "setgroups" ->
                out.add(
                        task.credentials().userNamespace().setgroupsAllowed()
                                ? "allow\n"
                                : "deny\n");
            case "timerslack_ns" -> out.add(task.scheduling().timerSlackNanos()).add('\n');
            default -> {
                // timers: no line for none; clear_refs cannot be read.
            }
        }
    }

    /**
     * The call a task sleeps in; a task that runs meanwhile may show a mixture.
     *
     * @param r null for a task that runs
     */
    static void syscall(@Nullable Registers r, TextBuffer out) {
        if (r == null) {
            out.add("running\n");
            return;
        }
        int number = (int) r.origRax;
        out.add(number);
        if (number != -1) {
            hex(out, r.rdi);
            hex(out, r.rsi);
            hex(out, r.rdx);
            hex(out, r.r10);
            hex(out, r.r8);
            hex(out, r.r9);
        }
        hex(out, r.rsp);
        hex(out, r.rip);
        out.add('\n');
    }

    private static void hex(TextBuffer out, long value) {
        out.add(" 0x").add(Long.toHexString(value));
    }

    /** What kernel/sched/debug.c shows and we know. */
    private static void sched(Task task, TextBuffer out) {
        TaskCounters counters = task.counters();
        long voluntary = counters.voluntarySwitches();
        long involuntary = counters.involuntarySwitches();
        int threads = Math.max(1, task.threadGroup().tasks().length);
        out.add(task.name()).add(" (").add(task.tid()).add(", #threads: ").add(threads);
        out.add(")\n-------------------------------------------------------------------\n");
        long micros = task.cpu().nanos() / 1000;
        int start = out.length();
        out.add("se.sum_exec_runtime").padTo(start, SCHED_WIDTH).add(':');
        out.add(micros / 1000, 15).add('.').addPadded(micros % 1000, 3).add("000\n");
        row(out, "nr_switches", voluntary + involuntary);
        row(out, "nr_voluntary_switches", voluntary);
        row(out, "nr_involuntary_switches", involuntary);
        row(out, "policy", task.scheduling().policy());
        row(out, "prio", NICE_ZERO_PRIORITY + task.scheduling().nice());
    }

    private static void row(TextBuffer out, String key, long value) {
        int start = out.length();
        out.add(key).padTo(start, SCHED_WIDTH).add(':').add(value, 21).add('\n');
    }

    private static void oomAdjust(String name, Task task, TextBuffer out) {
        int score = task.threadGroup().oomScoreAdjust();
        if (name.equals("oom_adj")) {
            score = score == 1000 ? 15 : score * 17 / 1000;
        }
        out.add(score).add('\n');
    }

    private static void limits(ResourceLimits limits, TextBuffer out) {
        row(out, "Limit", "Soft Limit", "Hard Limit", "Units");
        for (int i = 0; i < Resource.RLIM_NLIMITS; i++) {
            row(
                    out,
                    LIMITS[2 * i],
                    limit(limits.soft(i)),
                    limit(limits.hard(i)),
                    LIMITS[2 * i + 1]);
        }
    }

    private static String limit(long value) {
        return value == ResourceLimits.INFINITY ? "unlimited" : Long.toUnsignedString(value);
    }

    private static void row(TextBuffer out, String name, String soft, String hard, String unit) {
        int start = out.length();
        out.add(name).padTo(start, NAME_WIDTH);
        out.add(soft).padTo(start, NAME_WIDTH + VALUE_WIDTH);
        out.add(hard).padTo(start, NAME_WIDTH + 2 * VALUE_WIDTH);
        out.add(unit);
        if (!unit.isEmpty()) {
            out.padTo(start, NAME_WIDTH + 2 * VALUE_WIDTH + UNIT_WIDTH);
        }
        out.add('\n');
    }

    /** The children of a thread, by their numbers in a PID namespace. */
    static void children(Task task, PidNamespace pids, TextBuffer out) {
        RankedLock tree = task.kernel().taskTree();
        tree.lock();
        try {
            for (ThreadGroup child : task.threadGroup().childrenLocked()) {
                if (child.parentTask() == task) {
                    out.add(child.pid().numberIn(pids)).add(' ');
                }
            }
        } finally {
            tree.unlock();
        }
    }

    /** No block device is ever read or written. */
    static void io(Task task, boolean whole, TextBuffer out) {
        UsageTotals usage = new UsageTotals();
        if (whole) {
            usage = task.threadGroup().usage();
            usage.add(task.threadGroup().waitedChildren());
        } else {
            usage.addTask(task);
        }
        out.add("rchar: ").add(usage.charactersRead());
        out.add("\nwchar: ").add(usage.charactersWritten());
        out.add("\nsyscr: ").add(usage.reads()).add("\nsyscw: ").add(usage.writes());
        out.add("\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n");
    }
}
