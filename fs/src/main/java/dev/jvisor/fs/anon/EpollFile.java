// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.anon;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * epoll(7) (Linux: {@code struct eventpoll}).
 *
 * <p>Locks, outermost first: {@code NESTING} (adding an epoll file to another), the monitor
 * (interest list, and polling of the files; of the outer instance before the inner), the watched
 * file's own locks and its wait queue, {@link #readyLock}, the wait queue of this. A wake-up takes
 * only the last three.
 */
public final class EpollFile extends FileDescription {

    /** Linux: {@code EP_MAX_NESTS}. */
    private static final int NESTS_MAX = 4;

    /** Watched files of all instances: a quarter of the heap (Linux: max_user_watches). */
    private static final long ITEMS_MAX = Runtime.getRuntime().maxMemory() / 4 / 256;

    private static final AtomicLong ITEMS = new AtomicLong();

    private static final Object NESTING = new Object();

    private static final int PRIVATE_BITS =
            Poll.EPOLLWAKEUP | Poll.EPOLLONESHOT | Poll.EPOLLET | Poll.EPOLLEXCLUSIVE;

    private static final int EXCLUSIVE_OK = Poll.EPOLLIN
            | Poll.EPOLLOUT
            | Poll.EPOLLERR
            | Poll.EPOLLHUP
            | Poll.EPOLLWAKEUP
            | Poll.EPOLLET
            | Poll.EPOLLEXCLUSIVE;

    private static final int ALWAYS = Poll.POLLERR | Poll.POLLHUP;

    /** Receives events; an exception stops the transfer before the event. */
    public interface EventSink {
        void event(int events, long data) throws ErrnoException;
    }

    private record Key(int descriptor, FileDescription file) {
        @Override
        public int hashCode() {
            return System.identityHashCode(file) * 31 + descriptor;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key k && k.descriptor == descriptor && k.file == file;
        }
    }

    private final WaitQueue queue = new WaitQueue();
    private final HashMap<Key, Item> items = new HashMap<>();
    private boolean closed;

    /**
     * Longest chain of instances that watch this, one by the other; guarded by NESTING, only grows.
     */
    private int watcherDepth;

    /** Guards the list of ready items. */
    private final Object readyLock = new Object();

    private @Nullable Item firstReady;
    private @Nullable Item lastReady;
    private int readyCount;

    /** One watched descriptor (Linux: {@code struct epitem}). */
    private final class Item extends WaitQueue.Entry implements ReleaseListener {
        final Key key;
        private boolean forgotten; // guarded by the instance

        /** What is wanted, with the private bits; 0 but for those once a one-shot fired. */
        volatile int events;

        long data;

        /** Links of the ready list. */
        boolean ready;

        @Nullable
        Item next;

        @Nullable
        Item previous;

        Item(Key key) {
            this.key = key;
        }

        @Override
        protected void wake(int happened) {
            if ((events & ~PRIVATE_BITS) != 0 && (events & happened) != 0) {
                markReady(this);
                queue.notify(Poll.POLLIN | Poll.POLLRDNORM);
            }
        }

        @Override
        public void released(FileDescription file) {
            synchronized (EpollFile.this) {
                forget(this);
                items.remove(key);
            }
        }

        int poll() {
            return key.file.poll() & events & ~PRIVATE_BITS;
        }
    }

    private EpollFile() {
        super(AnonInodes.place("[eventpoll]"), Fcntl.O_RDWR);
    }

    /** epoll_create1(2): EPOLL_CLOEXEC is the descriptor's; other flags EINVAL. */
    public static EpollFile create(int flags) throws ErrnoException {
        if ((flags & ~Poll.EPOLL_CLOEXEC) != 0) {
            throw Errno.EINVAL.exception();
        }
        return new EpollFile();
    }

    @Override
    public Inode inode() {
        return AnonInodes.inode();
    }

    /**
     * epoll_ctl(2). The descriptor was looked up by the caller.
     *
     * @param events {@code EPOLL*} bits (not used by EPOLL_CTL_DEL)
     * @throws ErrnoException EEXIST, ENOENT, EPERM, EINVAL, ELOOP
     */
    public void control(int operation, int descriptor, FileDescription file, int events, long data)
            throws ErrnoException {
        if (file == this) {
            throw Errno.EINVAL.exception();
        }
        WaitQueue source = file.waitQueue();
        if (source == null || !file.isPollable()) {
            throw Errno.EPERM.exception();
        }
        checkExclusive(operation, file, events);
        int wanted = events | ALWAYS;
        Key key = new Key(descriptor, file);
        switch (operation) {
            case Poll.EPOLL_CTL_ADD -> {
                if (file instanceof EpollFile nested) {
                    synchronized (NESTING) {
                        int depth = watcherDepth + 1 + nested.height(this, 0);
                        if (depth > NESTS_MAX) {
                            throw Errno.ELOOP.exception();
                        }
                        add(key, source, wanted, data);
                        nested.raiseWatcherDepth(watcherDepth + 1);
                    }
                } else {
                    add(key, source, wanted, data);
                }
            }
            case Poll.EPOLL_CTL_MOD -> modify(key, wanted, data);
            case Poll.EPOLL_CTL_DEL -> {
                synchronized (this) {
                    Item item = items.remove(key);
                    if (item == null) {
                        throw Errno.ENOENT.exception();
                    }
                    forget(item);
                }
            }
            default -> throw Errno.EINVAL.exception();
        }
    }

    private static void checkExclusive(int operation, FileDescription file, int events)
            throws ErrnoException {
        boolean exclusive = (events & Poll.EPOLLEXCLUSIVE) != 0;
        if (exclusive
                && (operation == Poll.EPOLL_CTL_MOD
                        || operation == Poll.EPOLL_CTL_ADD
                                && (file instanceof EpollFile || (events & ~EXCLUSIVE_OK) != 0))) {
            throw Errno.EINVAL.exception();
        }
    }

    private void add(Key key, WaitQueue source, int events, long data) throws ErrnoException {
        boolean ready;
        synchronized (this) {
            if (closed || items.containsKey(key)) {
                throw Errno.EEXIST.exception();
            }
            if (ITEMS.get() >= ITEMS_MAX) {
                throw Errno.ENOSPC.exception();
            }
            Item item = new Item(key);
            ITEMS.incrementAndGet();
            item.events = events;
            item.data = data;
            item.mask = events & ~PRIVATE_BITS;
            items.put(key, item);
            key.file.addReleaseListener(item);
            source.add(item);
            ready = item.poll() != 0;
            if (ready) {
                markReady(item);
            }
        }
        if (ready) {
            queue.notify(Poll.POLLIN | Poll.POLLRDNORM);
        }
    }

    private void modify(Key key, int events, long data) throws ErrnoException {
        boolean ready;
        synchronized (this) {
            Item item = items.get(key);
            if (item == null) {
                throw Errno.ENOENT.exception();
            }
            if ((item.events & Poll.EPOLLEXCLUSIVE) != 0) {
                throw Errno.EINVAL.exception();
            }
            item.data = data;
            item.events = events;
            item.mask = events & ~PRIVATE_BITS;
            ready = item.poll() != 0;
            if (ready) {
                markReady(item);
            }
        }
        if (ready) {
            queue.notify(Poll.POLLIN | Poll.POLLRDNORM);
        }
    }

    /** Takes an item off everything but the interest list. */
    private void forget(Item item) {
        if (!item.forgotten) {
            item.forgotten = true;
            ITEMS.decrementAndGet();
        }
        WaitQueue source = item.key.file.waitQueue();
        if (source != null) {
            source.remove(item);
        }
        item.key.file.removeReleaseListener(item);
        item.events = 0;
        unmarkReady(item);
    }

    /**
     * How many instances are watched from here, one by the other; ELOOP if {@code outer} is among
     * them.
     */
    private int height(EpollFile outer, int depth) throws ErrnoException {
        if (this == outer || depth > NESTS_MAX) {
            throw Errno.ELOOP.exception();
        }
        int height = 0;
        for (EpollFile file : watchedEpolls()) {
            height = Math.max(height, 1 + file.height(outer, depth + 1));
        }
        return height;
    }

    private void raiseWatcherDepth(int depth) {
        if (depth > watcherDepth) {
            watcherDepth = depth;
            for (EpollFile file : watchedEpolls()) {
                file.raiseWatcherDepth(depth + 1);
            }
        }
    }

    private synchronized EpollFile[] watchedEpolls() {
        int n = 0;
        for (Key key : items.keySet()) {
            if (key.file instanceof EpollFile) {
                n++;
            }
        }
        EpollFile[] found = new EpollFile[n];
        n = 0;
        for (Key key : items.keySet()) {
            if (key.file instanceof EpollFile epoll) {
                found[n++] = epoll;
            }
        }
        return found;
    }

    /** Accepted without effect (Linux: noop_llseek). */
    @Override
    public long seek(CallContext context, long offset, int whence) {
        return 0;
    }

    @Override
    public WaitQueue waitQueue() {
        return queue;
    }

    /** POLLIN while there is an event to collect; drops items that are no longer ready. */
    @Override
    public int poll() {
        synchronized (this) {
            for (int left = readyCount(); left > 0; left--) {
                Item item = takeReady();
                if (item == null) {
                    break;
                }
                if (item.poll() != 0) {
                    markReadyFirst(item);
                    return Poll.POLLIN | Poll.POLLRDNORM;
                }
            }
        }
        return 0;
    }

    /**
     * epoll_wait(2) without the waiting.
     *
     * @return how many events the sink took, 0 if none is ready
     */
    public int collect(EventSink sink, int eventsMax) throws ErrnoException {
        int n = 0;
        synchronized (this) {
            for (int left = readyCount(); left > 0 && n < eventsMax; left--) {
                Item item = takeReady();
                if (item == null) {
                    break;
                }
                int happened = item.poll();
                if (happened == 0) {
                    continue;
                }
                try {
                    sink.event(happened, item.data);
                } catch (ErrnoException e) {
                    markReadyFirst(item);
                    if (n == 0) {
                        throw e;
                    }
                    break;
                }
                n++;
                if ((item.events & Poll.EPOLLONESHOT) != 0) {
                    item.events &= PRIVATE_BITS;
                } else if ((item.events & Poll.EPOLLET) == 0) {
                    markReady(item);
                }
            }
        }
        return n;
    }

    private int readyCount() {
        synchronized (readyLock) {
            return readyCount;
        }
    }

    private void markReady(Item item) {
        synchronized (readyLock) {
            if (item.ready) {
                return;
            }
            item.ready = true;
            item.previous = lastReady;
            item.next = null;
            if (lastReady == null) {
                firstReady = item;
            } else {
                lastReady.next = item;
            }
            lastReady = item;
            readyCount++;
        }
    }

    private void markReadyFirst(Item item) {
        synchronized (readyLock) {
            if (item.ready) {
                return;
            }
            item.ready = true;
            item.previous = null;
            item.next = firstReady;
            if (firstReady == null) {
                lastReady = item;
            } else {
                firstReady.previous = item;
            }
            firstReady = item;
            readyCount++;
        }
    }

    private @Nullable Item takeReady() {
        synchronized (readyLock) {
            Item item = firstReady;
            if (item != null) {
                unlink(item);
            }
            return item;
        }
    }

    private void unmarkReady(Item item) {
        synchronized (readyLock) {
            if (item.ready) {
                unlink(item);
            }
        }
    }

    private void unlink(Item item) {
        Item before = item.previous;
        Item after = item.next;
        if (before == null) {
            firstReady = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            lastReady = before;
        } else {
            after.previous = before;
        }
        item.previous = null;
        item.next = null;
        item.ready = false;
        readyCount--;
    }

    @Override
    protected void onRelease() {
        synchronized (this) {
            closed = true;
            for (Item item : items.values()) {
                forget(item);
            }
            items.clear();
        }
    }
}
