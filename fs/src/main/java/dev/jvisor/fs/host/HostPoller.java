// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.host;

import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.host.HostPoll;
import dev.jvisor.platform.host.NativeBuffer;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;

/**
 * The one thread that waits for the user's descriptors, started when a task waits for one for the
 * first time. It sleeps in epoll_wait(2) and uses no CPU while nothing happens.
 *
 * <p>Protocol: a task adds an entry to the file's queue, sees that the file is not ready and calls
 * {@link #watch}. Descriptors are watched edge-triggered, so each change wakes the queue once; when
 * the queue is found empty the watching ends. The monitor is taken before a wait queue's.
 */
final class HostPoller implements Runnable {

    private static final int EVENTS_MAX = 32;
    private static final long STACK_BYTES = 128 * 1024;
    private static final int EDGE = Poll.EPOLLET;

    private static @Nullable HostPoller instance;

    private final int epoll;
    private final HashMap<Long, HostInode> files = new HashMap<>();
    private long lastId;

    private HostPoller() throws ErrnoException {
        epoll = HostPoll.createEpoll();
    }

    private static synchronized HostPoller get() throws ErrnoException {
        HostPoller p = instance;
        if (p == null) {
            instance = p = new HostPoller();
            Thread thread = new Thread(null, p, "host-poller", STACK_BYTES);
            thread.setDaemon(true);
            thread.start();
        }
        return p;
    }

    private static synchronized @Nullable HostPoller getOrNull() {
        return instance;
    }

    /** Makes sure that {@code events} of a file wake its queue. */
    static void watch(HostInode file, int events) throws ErrnoException {
        get().add(file, events);
    }

    /** Lets go of a file that is about to be closed. */
    static void forget(HostInode file) {
        HostPoller p = getOrNull();
        if (p != null) {
            p.remove(file);
        }
    }

    private synchronized void add(HostInode file, int events) throws ErrnoException {
        if (file.watchId != 0 && (file.watched & events) == events) {
            return;
        }
        boolean known = file.watchId != 0;
        int all = file.watched | events;
        if (!known) {
            file.watchId = ++lastId;
            files.put(file.watchId, file);
        }
        int operation = known ? Poll.EPOLL_CTL_MOD : Poll.EPOLL_CTL_ADD;
        try {
            HostPoll.control(epoll, operation, file.fd, all | EDGE, file.watchId);
            file.watched = all;
        } catch (ErrnoException e) {
            if (!known) {
                files.remove(file.watchId);
                file.watchId = 0;
            }
            throw e;
        }
    }

    private synchronized void remove(HostInode file) {
        if (file.watchId != 0) {
            files.remove(file.watchId);
            file.watchId = 0;
            file.watched = 0;
            try {
                HostPoll.control(epoll, Poll.EPOLL_CTL_DEL, file.fd, 0, 0);
            } catch (ErrnoException e) {
                // Closing the descriptor would not do, if the caller has another: nothing is left
                // to try.
            }
        }
    }

    @Override
    public void run() {
        NativeBuffer events = NativeBuffer.allocate(EVENTS_MAX * HostPoll.SIZEOF_EPOLL_EVENT);
        for (; ; ) {
            int count;
            try {
                count = HostPoll.await(epoll, events, -1);
            } catch (ErrnoException e) {
                throw new SentryBug("epoll_wait errno=" + e.errno);
            }
            for (int i = 0; i < count; i++) {
                int at = i * HostPoll.SIZEOF_EPOLL_EVENT;
                happened(events.getLong(at + 4), events.getInt(at));
            }
        }
    }

    private synchronized void happened(long id, int events) {
        HostInode file = files.get(id);
        WaitQueue queue = file == null ? null : file.queue;
        if (file == null || queue == null) {
            return;
        }
        if (queue.isEmpty()) {
            try {
                HostPoll.control(epoll, Poll.EPOLL_CTL_MOD, file.fd, EDGE, id);
                file.watched = 0;
            } catch (ErrnoException e) {
                if (e.errno != Errno.ENOENT) {
                    throw new SentryBug("epoll_ctl errno=" + e.errno);
                }
            }
            return;
        }
        int wide = events;
        if ((events & Poll.POLLIN) != 0) {
            wide |= Poll.POLLRDNORM;
        }
        if ((events & Poll.POLLOUT) != 0) {
            wide |= Poll.POLLWRNORM;
        }
        queue.notify(wide);
    }
}
