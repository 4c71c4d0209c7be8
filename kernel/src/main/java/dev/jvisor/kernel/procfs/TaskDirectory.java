// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.DirectoryLister;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.kernel.task.Pid;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/** {@code /proc/PID/task}: the threads of a process. */
final class TaskDirectory extends ProcessSubdirectory {

    private static final int PRUNE_AT = 64;

    /** Directories that somebody looked up, by thread id; guarded by this. */
    private final Map<Integer, ProcessDirectory> threads = new HashMap<>();

    private int pruneAt = PRUNE_AT; // guarded by this

    TaskDirectory(ProcessDirectory process, ProcessEntry entry) {
        super(process, entry);
    }

    @Override
    public Inode lookup(CallContext context, String name) throws ErrnoException {
        Task task = process.taskOrNull();
        int tid = ProcNumbers.parse(name);
        Pid pid = tid < 0 ? null : process.procfs().pids().find(tid);
        Task thread = pid == null ? null : ProcessDirectory.visibleTask(pid);
        if (task == null || thread == null || thread.threadGroup() != task.threadGroup()) {
            throw Errno.ENOENT.exception();
        }
        return directory(tid, thread.pid(), thread.threadGroup());
    }

    private synchronized ProcessDirectory directory(int tid, Pid pid, ThreadGroup group) {
        ProcessDirectory directory = threads.get(tid);
        if (directory == null || directory.pid() != pid) {
            directory = new ProcessDirectory(process.procfs(), pid, group.pid(), number());
            threads.put(tid, directory);
            if (threads.size() >= pruneAt) {
                threads.values().removeIf(d -> d.taskOrNull() == null);
                pruneAt = Math.max(PRUNE_AT, 2 * threads.size());
            }
        }
        return directory;
    }

    /** The threads, ascending by id; the position of one is its id plus 2. */
    @Override
    protected void list(CallContext context, long from, DirectoryLister lister) {
        Task task = process.taskOrNull();
        if (task == null) {
            return;
        }
        int last = (int) Math.min(from - FIRST_POSITION, Integer.MAX_VALUE) - 1;
        for (; ; ) {
            int tid = nextAbove(task.threadGroup(), process.procfs().pids(), last);
            if (tid < 0) {
                return;
            }
            long number = ProcNumbers.ofThread(tid);
            long next = (long) tid + FIRST_POSITION + 1;
            if (!lister.add(Integer.toString(tid), number, Dirent.DT_DIR, next)) {
                return;
            }
            last = tid;
        }
    }

    /** The smallest id above another; a leader that has ended is still there. */
    private static int nextAbove(ThreadGroup group, PidNamespace pids, int last) {
        int best = above(group.leader(), pids, last, -1);
        for (Task t : group.tasks()) {
            best = above(t, pids, last, best);
        }
        return best;
    }

    private static int above(@Nullable Task task, PidNamespace pids, int last, int best) {
        int tid = task == null ? -1 : task.pid().numberIn(pids);
        return tid > last && (best < 0 || tid < best) ? tid : best;
    }

    @Override
    protected int links(CallContext context) {
        Task task = process.taskOrNull();
        return 2 + (task == null ? 0 : Math.max(1, task.threadGroup().tasks().length));
    }
}
