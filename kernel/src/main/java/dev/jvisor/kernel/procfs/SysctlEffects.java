// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import static dev.jvisor.kernel.Kernel.TASKS_MAX;
import static dev.jvisor.mm.pages.CommitAccount.OVERCOMMIT_NEVER;

import dev.jvisor.fs.inotify.InotifyLimits;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.ipc.IpcLimits;
import dev.jvisor.kernel.ipc.mqueue.QueueLimits;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.pages.CommitAccount;
import dev.jvisor.net.Network;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** What some values below {@code /proc/sys} change when they are written. */
final class SysctlEffects {

    /** Operations of one semop(2) that the Sentry takes at most. */
    private static final int OPERATIONS_MAX = 1 << 15;

    /** Linux: {@code MIN_THREADS}. */
    private static final int THREADS_MIN = 20;

    private SysctlEffects() {}

    /** Takes a value, checked for its form; EINVAL if it is out of range. */
    static void apply(Kernel kernel, String path, String value) throws ErrnoException {
        if (path.startsWith("fs/inotify/")) {
            InotifyLimits limits = kernel.inotifyLimits();
            int count = count(value);
            switch (path) {
                case "fs/inotify/max_queued_events" -> limits.setMaxQueuedEvents(count);
                case "fs/inotify/max_user_instances" -> limits.setMaxUserInstances(count);
                default -> limits.setMaxUserWatches(count);
            }
            return;
        }
        if (path.startsWith("fs/mqueue/")) {
            applyQueues(kernel, path, count(value));
        }
        if (path.startsWith("net/")) {
            Task writer = Task.current();
            Network.stack(writer == null ? kernel.net() : writer.net())
                    .settings()
                    .store(path, value);
            return;
        }
        if (path.startsWith("kernel/")) {
            applyIpc(kernel, path, value);
        }
        CommitAccount commit = kernel.pages().commit();
        switch (path) {
            case "kernel/threads-max" -> kernel.setTasksMax(within(value, THREADS_MIN, TASKS_MAX));
            case "vm/max_map_count" -> kernel.pages().setMapCountMax(count(value));
            case "vm/overcommit_kbytes" -> commit.setLimitKibibytes(count(value));
            case "vm/overcommit_memory" -> commit.setMode(within(value, 0, OVERCOMMIT_NEVER));
            case "vm/overcommit_ratio" -> commit.setRatioPercent(count(value));
            default -> {
                // Kept only.
            }
        }
    }

    private static void applyQueues(Kernel kernel, String path, int value) {
        Task writer = Task.current();
        QueueLimits limits =
                (writer == null ? kernel.ipc() : writer.ipcNamespace()).queues().limits();
        switch (path) {
            case "fs/mqueue/msg_default" -> limits.messagesDefault = value;
            case "fs/mqueue/msg_max" -> limits.messagesMax = value;
            case "fs/mqueue/msgsize_default" -> limits.bytesDefault = value;
            case "fs/mqueue/msgsize_max" -> limits.bytesMax = value;
            default -> limits.queuesMax = value;
        }
    }

    private static void applyIpc(Kernel kernel, String path, String value) throws ErrnoException {
        Task writer = Task.current();
        IpcLimits limits = (writer == null ? kernel.ipc() : writer.ipcNamespace()).limits();
        switch (path) {
            case "kernel/shmmax" -> limits.shmmax = unsigned(value);
            case "kernel/shmall" -> limits.shmall = unsigned(value);
            case "kernel/shmmni" -> limits.shmmni = count(value);
            case "kernel/msgmax" -> limits.msgmax = count(value);
            case "kernel/msgmnb" -> limits.msgmnb = count(value);
            case "kernel/msgmni" -> limits.msgmni = count(value);
            case "kernel/sem" -> {
                String[] fields = value.split("\t");
                if (fields.length != 4) {
                    throw Errno.EINVAL.exception();
                }
                int semmsl = count(fields[0]);
                int semmns = count(fields[1]);
                int semopm = Math.min(count(fields[2]), OPERATIONS_MAX);
                limits.semmni = count(fields[3]);
                limits.semmsl = semmsl;
                limits.semmns = semmns;
                limits.semopm = semopm;
            }
            default -> {
                // only kept
            }
        }
    }

    /** A size, of which nobody has more than a long holds. */
    private static long unsigned(String value) throws ErrnoException {
        try {
            return Long.parseUnsignedLong(value);
        } catch (NumberFormatException e) {
            throw Errno.EINVAL.exception();
        }
    }

    private static int within(String value, int least, int most) throws ErrnoException {
        int n = count(value);
        if (n < least || n > most) {
            throw Errno.EINVAL.exception();
        }
        return n;
    }

    private static int count(String value) throws ErrnoException {
        long n = Numbers.parse(value);
        if (n < 0 || n > Integer.MAX_VALUE) {
            throw Errno.EINVAL.exception();
        }
        return (int) n;
    }
}
