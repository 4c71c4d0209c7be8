// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.kernel.ptrace.Trace;
import dev.jvisor.kernel.signal.GroupSignals;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.kernel.task.Scheduling;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.kernel.task.UsageTotals;
import dev.jvisor.kernel.time.Clocks;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.abi.Sched;

import org.jspecify.annotations.Nullable;

/**
 * {@code /proc/PID/stat}, and the state of a task that status shows too (Linux: fs/proc/array.c).
 */
final class StatText {

    private static final long TICK_NANOS = 10_000_000;
    private static final int PAGE_SHIFT = 12;
    private static final int NICE_ZERO_PRIORITY = 20;
    private static final int USER_PROCESS = 0x400000; // PF_RANDOMIZE
    private static final int EXITING = 0x4; // PF_EXITING
    private static final int FORKED_NO_EXEC = 0x40; // PF_FORKNOEXEC

    private StatText() {}

    /** The letter of the state: R, S, T, Z or X. */
    static char state(Task task) {
        if (task.memoryOrNull() == null && task.isExiting()) {
            return 'Z';
        }
        if (task.threadGroup().isZombie()) {
            return 'Z';
        }
        Trace trace = task.trace();
        if (trace != null && trace.isStopped()) {
            return 't';
        }
        if (task.signals().isStopped()) {
            return 'T';
        }
        return task.isSleeping() ? 'S' : 'R';
    }

    static long ticks(long nanos) {
        return nanos / TICK_NANOS;
    }

    /** Time since the host started at which something happened, in clock ticks. */
    static long startTicks(Clocks clocks, long monotonicNanos) {
        return ticks(monotonicNanos + clocks.boottimeNanos() - clocks.monotonicNanos());
    }

    /**
     * Writes the line.
     *
     * @param pids whose numbers it shows
     * @param whole whether times are those of the process rather than of the thread
     * @param mayLook whether the reader may see addresses
     */
    static void stat(Task task, PidNamespace pids, boolean whole, boolean mayLook, TextBuffer out) {
        ThreadGroup group = task.threadGroup();
        MemoryManager memory = task.memoryOrNull();
        out.add(task.pid().numberIn(pids)).add(" (");
        out.addEscaped(task.name(), "\n\\").add(") ").add(state(task));
        out.add(' ').add(group.parentIdIn(pids));
        out.add(' ').add(group.processGroup().pid().numberIn(pids));
        out.add(' ').add(group.session().pid().numberIn(pids));
        int terminal = Terminals.deviceOf(group);
        out.add(' ').add(terminal).add(' ');
        out.add(Terminals.foregroundGroupOf(group, pids));
        boolean executed = group.hasExecuted() || group.isInit();
        int flags =
                USER_PROCESS | (task.isExiting() ? EXITING : 0) | (executed ? 0 : FORKED_NO_EXEC);
        out.add(' ').add(flags);
        UsageTotals usage = group.usageWithMemory();
        UsageTotals children = group.waitedChildren();
        out.add(' ').add(usage.minorFaults()).add(' ').add(children.minorFaults());
        out.add(' ')
                .add(usage.majorFaults())
                .add(' ')
                .add(children.majorFaults())
                .add(' ');
        out.add(ticks(whole ? group.userNanos() : task.cpu().userNanos())).add(' ');
        out.add(ticks(whole ? group.systemNanos() : task.cpu().systemNanos())).add(' ');
        out.add(ticks(children.userNanos())).add(' ');
        out.add(ticks(children.systemNanos())).add(' ');
        Scheduling scheduling = task.scheduling();
        boolean realTime = isRealTime(scheduling.policy());
        int priority =
                realTime ? -1 - scheduling.priority() : NICE_ZERO_PRIORITY + scheduling.nice();
        out.add(priority).add(' ').add(scheduling.nice()).add(' ');
        out.add(Math.max(1, group.tasks().length)).add(" 0 ");
        Clocks clocks = task.kernel().clocks();
        long start = whole ? group.startNanos() : task.startNanos();
        out.add(startTicks(clocks, start)).add(' ');
        addresses(group, memory, mayLook, out);
        signals(task, group, out);
        out.add(StatText.state(task) == 'S' ? " 1 0 0 " : " 0 0 0 "); // wchan nswap cnswap
        out.add(task == group.leader() ? group.exitSignal() : -1).add(" 0 "); // and processor
        out.add(realTime ? scheduling.priority() : 0).add(' ').add(scheduling.policy());
        out.add(" 0 0 0 "); // delayacct_blkio_ticks guest_time cguest_time
        layout(group, memory, mayLook, out);
    }

    private static boolean isRealTime(int policy) {
        return policy == Sched.SCHED_FIFO || policy == Sched.SCHED_RR;
    }

    private static void addresses(
            ThreadGroup group, @Nullable MemoryManager memory, boolean mayLook, TextBuffer out) {
        out.add(memory == null ? 0 : memory.mappedBytes()).add(' ');
        out.add(memory == null ? 0 : memory.residentBytes() >> PAGE_SHIFT).add(' ');
        out.addUnsigned(group.limits().soft(Resource.RLIMIT_RSS)).add(' ');
        if (memory == null) {
            out.add("0 0 0");
        } else if (!mayLook) {
            out.add("1 1 0");
        } else {
            MemoryManager.Layout layout = memory.layout();
            out.add(layout.startCode).add(' ').add(layout.endCode).add(' ').add(layout.startStack);
        }
        out.add(" 0 0 "); // kstkesp kstkeip
    }

    private static void signals(Task task, ThreadGroup group, TextBuffer out) {
        GroupSignals signals = group.signals();
        long mask = 0x7fffffffL;
        out.add(task.signals().pendingSet() & mask).add(' ');
        out.add(task.signals().blocked() & mask).add(' ');
        out.add(signals.handlers().ignoredMask() & mask).add(' ');
        out.add(signals.handlers().caughtMask() & mask);
    }

    private static void layout(
            ThreadGroup group, @Nullable MemoryManager memory, boolean mayLook, TextBuffer out) {
        if (memory == null || !mayLook) {
            out.add("0 0 0 0 0 0 0 ");
        } else {
            MemoryManager.Layout layout = memory.layout();
            out.add(layout.startData).add(' ').add(layout.endData).add(' ');
            out.add(layout.startBrk).add(' ');
            out.add(layout.argStart).add(' ').add(layout.argEnd).add(' ');
            out.add(layout.envStart).add(' ').add(layout.envEnd).add(' ');
        }
        int status = group.isZombie() && mayLook ? Math.max(0, group.groupExitStatus()) : 0;
        out.add(status).add('\n');
    }
}
