// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.poll;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

/**
 * Descriptors that a call waits for: acquired once, looked at often, queued on only if nothing is
 * ready. Used on one task's thread; {@link #close} releases everything.
 */
final class PollSet implements AutoCloseable {

    private static final int ALWAYS = Poll.POLLERR | Poll.POLLHUP;

    private final Task task;
    private final @Nullable FileDescription[] files;
    private final int[] events;
    private final int[] found;
    private WaitQueue.@Nullable Entry @Nullable [] entries;
    private int count;

    PollSet(Task task, int capacity) {
        this.task = task;
        this.files = new @Nullable FileDescription[capacity];
        this.events = new int[capacity];
        this.found = new int[capacity];
    }

    /**
     * Adds a descriptor; one that is not open counts as ready with POLLNVAL, a negative one never
     * does.
     *
     * @param wanted {@code POLL*} bits; POLLERR and POLLHUP are always looked for
     * @return whether it is open
     */
    boolean add(int fd, int wanted) {
        int i = count++;
        if (fd < 0) {
            return false;
        }
        try {
            files[i] = task.files().acquireForIo(fd);
        } catch (ErrnoException e) {
            found[i] = Poll.POLLNVAL;
            return false;
        }
        events[i] = wanted | ALWAYS;
        return true;
    }

    /** What was found at the i-th added descriptor. */
    int found(int i) {
        return found[i];
    }

    /**
     * Waits until something is ready.
     *
     * @param deadlineNanos CLOCK_MONOTONIC; Long.MIN_VALUE to look once, Long.MAX_VALUE for no
     *     limit
     * @return how many are ready; 0 when the time is over
     * @throws ErrnoException ERESTARTNOHAND if a signal came first
     */
    int await(long deadlineNanos) throws ErrnoException {
        boolean interrupted = false;
        boolean over = deadlineNanos == Long.MIN_VALUE;
        for (; ; ) {
            int ready = scan();
            if (ready != 0) {
                return ready;
            }
            if (interrupted || task.hasPendingSignal()) {
                throw Errno.ERESTARTNOHAND.exception();
            }
            if (over) {
                return 0;
            }
            if (entries == null) {
                // Something may have happened before the entries were there: look once more.
                enqueue();
                continue;
            }
            try {
                over = !task.sleep(deadlineNanos);
            } catch (ErrnoException e) {
                interrupted = true;
            }
        }
    }

    private int scan() {
        int ready = 0;
        for (int i = 0; i < count; i++) {
            FileDescription file = files[i];
            if (file != null) {
                found[i] = file.poll() & events[i];
            }
            if (found[i] != 0) {
                ready++;
            }
        }
        return ready;
    }

    private void enqueue() {
        WaitQueue.@Nullable Entry[] all = new WaitQueue.@Nullable Entry[count];
        entries = all;
        for (int i = 0; i < count; i++) {
            FileDescription file = files[i];
            WaitQueue queue = file == null ? null : file.waitQueue();
            if (queue != null) {
                WaitQueue.Entry entry = task.newWaitEntry(events[i]);
                all[i] = entry;
                queue.add(entry);
            }
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < count; i++) {
            FileDescription file = files[i];
            if (file == null) {
                continue;
            }
            WaitQueue.Entry entry = entries == null ? null : entries[i];
            WaitQueue queue = file.waitQueue();
            if (entry != null && queue != null) {
                queue.remove(entry);
            }
            file.release();
        }
    }
}
