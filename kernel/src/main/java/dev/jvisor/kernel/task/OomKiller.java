// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills a process when guests have touched more memory than the sandbox may have (Linux:
 * mm/oom_kill.c).
 *
 * <p>Guests get their pages from the host without us, so a thread watches the memory file while
 * more is allocated than may be resident; otherwise there is none. What the Sentry itself would
 * have to touch is refused by the memory file before.
 */
public final class OomKiller {

    /** Linux: {@code OOM_SCORE_ADJ_MIN}. */
    private static final int NEVER = -1000;

    private static final int SCORE_MAX = 1000;

    /** Most that guests are assumed to touch in a millisecond. */
    private static final long BYTES_PER_MILLI = 4L << 20;

    private static final long POLL_MILLIS_MIN = 2;
    private static final long POLL_MILLIS_MAX = 200;
    private static final long VICTIM_MILLIS = 2000;

    private final Kernel kernel;
    private final AtomicBoolean watching = new AtomicBoolean();
    private final AtomicLong kills = new AtomicLong();

    public OomKiller(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Begins to watch if nobody does; any thread. */
    public void watch() {
        if (watching.compareAndSet(false, true)) {
            Thread thread = new Thread(null, this::run, "oom", 256 << 10, false);
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** How many processes were killed (oom_kill in /proc/vmstat). */
    public long kills() {
        return kills.get();
    }

    private void run() {
        MemoryFile memory = kernel.pages().memory();
        long limit = memory.limitBytes();
        while (!kernel.isEnding()) {
            if (memory.allocatedBytes() <= limit / 2) {
                watching.set(false);
                if (memory.allocatedBytes() <= limit / 2 || !watching.compareAndSet(false, true)) {
                    return;
                }
            }
            long left = limit - memory.residentBytes();
            if (left < 0) {
                Search found = killOne();
                if (found.worst != null) {
                    awaitEnd(found);
                    continue;
                }
            }
            long millis = Math.clamp(left / BYTES_PER_MILLI, POLL_MILLIS_MIN, POLL_MILLIS_MAX);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
        }
    }

    /** Waits until the victim's pages are free: before, killing another would be too much. */
    private void awaitEnd(Search found) {
        MemoryManager memory = found.memory;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(VICTIM_MILLIS);
        while (memory != null
                && memory.mappedBytes() > 0
                && System.nanoTime() < deadline
                && !kernel.isEnding()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS_MIN));
        }
    }

    /** A fault could not be served: kills somebody, perhaps the task itself, which then ends. */
    void outOfMemory(Task task) {
        Search found = killOne();
        if (found.worst == null) {
            task.threadGroup().beginGroupExit(Signals.SIGKILL);
        } else if (found.worst != task.threadGroup()) {
            awaitEnd(found);
        }
    }

    /** Kills the worst process, with those that share its memory. */
    private synchronized Search killOne() {
        Search search = new Search();
        kernel.tasks().forEachThreadGroup(search);
        ThreadGroup victim = search.isDying ? null : search.worst;
        MemoryManager memory = search.memory;
        if (victim != null && memory != null) {
            kills.incrementAndGet();
            victim.beginGroupExit(Signals.SIGKILL);
            kernel.tasks().forEachThreadGroup(group -> {
                Task[] tasks = group.tasks();
                boolean shares = tasks.length > 0 && tasks[0].memoryOrNull() == memory;
                if (shares && group.oomScoreAdjust() != NEVER) {
                    group.beginGroupExit(Signals.SIGKILL);
                }
                return true;
            });
        }
        return search;
    }

    /** Looks for the process with the most points. */
    private final class Search implements PidNamespace.ThreadGroupVisitor {
        @Nullable
        ThreadGroup worst;

        @Nullable
        MemoryManager memory;

        /** It was killed before and still holds memory: nobody else has to go. */
        boolean isDying;

        private long mostPoints;

        @Override
        public boolean visit(ThreadGroup group) {
            Task[] tasks = group.tasks();
            MemoryManager candidate = tasks.length == 0 ? null : tasks[0].memoryOrNull();
            if (candidate == null || group.oomScoreAdjust() == NEVER) {
                return true;
            }
            if (group.groupExitStatus() == Signals.SIGKILL) {
                isDying = true;
                worst = group;
                memory = candidate;
                return false;
            }
            long points = points(group, candidate);
            if (points > mostPoints) {
                mostPoints = points;
                worst = group;
                memory = candidate;
            }
            return true;
        }
    }

    /**
     * The Sentry's own heap was exhausted in a call of a task: kills the process for which most
     * objects are kept, or the caller's if that cannot even be found out.
     */
    public void heapExhausted(Task task) {
        ThreadGroup victim = task.threadGroup();
        try {
            Footprints search = new Footprints();
            kernel.tasks().forEachThreadGroup(search);
            victim = search.worst == null ? victim : search.worst;
        } catch (OutOfMemoryError again) {
            // The caller's it is.
        }
        kills.incrementAndGet();
        victim.beginGroupExit(Signals.SIGKILL);
    }

    /** Looks for the process with the most objects. */
    private static final class Footprints implements PidNamespace.ThreadGroupVisitor {
        private static final int THREAD_OBJECTS = 64;

        @Nullable
        ThreadGroup worst;

        private long most;

        @Override
        public boolean visit(ThreadGroup group) {
            Task[] tasks = group.tasks();
            MemoryManager memory = tasks.length == 0 ? null : tasks[0].memoryOrNull();
            FdTable files = tasks.length == 0 ? null : tasks[0].filesOrNull();
            long objects = (long) tasks.length * THREAD_OBJECTS;
            objects += memory == null ? 0 : memory.mappingCount();
            objects += files == null ? 0 : files.count();
            if (objects > most && !group.isExiting()) {
                most = objects;
                worst = group;
            }
            return true;
        }
    }

    /** Resident bytes, corrected by what oom_score_adj says. // mm/oom_kill.c: oom_badness */
    private long points(ThreadGroup group, MemoryManager memory) {
        MemoryManager.Resident resident = new MemoryManager.Resident();
        memory.resident(resident);
        long adjust = kernel.memoryBytes() / SCORE_MAX * group.oomScoreAdjust();
        return resident.total() + adjust;
    }

    /** The score that /proc/PID/oom_score shows. */
    public int score(ThreadGroup group) {
        Task[] tasks = group.tasks();
        MemoryManager memory = tasks.length == 0 ? null : tasks[0].memoryOrNull();
        if (memory == null || group.oomScoreAdjust() == NEVER) {
            return 0;
        }
        long badness = points(group, memory);
        return (int) Math.max(0, (SCORE_MAX + badness * SCORE_MAX / kernel.memoryBytes()) * 2 / 3);
    }
}
