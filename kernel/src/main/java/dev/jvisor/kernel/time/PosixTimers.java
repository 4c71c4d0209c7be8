// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/** The timers of timer_create(2) of one process, by number. Thread-safe. */
public final class PosixTimers {

    private final ThreadGroup group;
    private final Map<Integer, PosixTimer> timers = new HashMap<>();
    private int next;

    PosixTimers(ThreadGroup group) {
        this.group = group;
    }

    /**
     * Creates a timer.
     *
     * @param notify {@code SIGEV_*}
     * @param thread the thread to signal with SIGEV_THREAD_ID, else null
     * @param value {@code si_value}; null for the timer's number
     * @return its number
     * @throws ErrnoException EAGAIN if the process has too many
     */
    public synchronized int create(
            int clock,
            int notify,
            int signal,
            @Nullable Task thread,
            @Nullable Long value,
            int limit)
            throws ErrnoException {
        if (timers.size() >= limit) {
            throw Errno.EAGAIN.exception();
        }
        int id = next;
        while (timers.containsKey(id)) {
            id = id + 1 & Integer.MAX_VALUE;
        }
        next = id + 1 & Integer.MAX_VALUE;
        long given = value == null ? id : value;
        timers.put(id, new PosixTimer(group, id, clock, notify, signal, thread, given));
        return id;
    }

    /** Finds a timer. EINVAL. */
    public synchronized PosixTimer get(int id) throws ErrnoException {
        PosixTimer timer = timers.get(id);
        if (timer == null) {
            throw Errno.EINVAL.exception();
        }
        return timer;
    }

    /** Deletes a timer. EINVAL. */
    public void delete(int id) throws ErrnoException {
        PosixTimer timer;
        synchronized (this) {
            timer = timers.remove(id);
        }
        if (timer == null) {
            throw Errno.EINVAL.exception();
        }
        timer.disarm();
    }

    void deleteAll() {
        PosixTimer[] all;
        synchronized (this) {
            all = timers.values().toArray(new PosixTimer[0]);
            timers.clear();
        }
        for (PosixTimer t : all) {
            t.disarm();
        }
    }
}
