// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.inotify;

import static dev.jvisor.platform.abi.Eventfd.IN_ALL_EVENTS;
import static dev.jvisor.platform.abi.Eventfd.IN_DELETE_SELF;
import static dev.jvisor.platform.abi.Eventfd.IN_EXCL_UNLINK;
import static dev.jvisor.platform.abi.Eventfd.IN_IGNORED;
import static dev.jvisor.platform.abi.Eventfd.IN_ISDIR;
import static dev.jvisor.platform.abi.Eventfd.IN_MASK_ADD;
import static dev.jvisor.platform.abi.Eventfd.IN_MASK_CREATE;
import static dev.jvisor.platform.abi.Eventfd.IN_MOVE_SELF;
import static dev.jvisor.platform.abi.Eventfd.IN_ONESHOT;
import static dev.jvisor.platform.abi.Eventfd.IN_Q_OVERFLOW;
import static dev.jvisor.platform.abi.Eventfd.IN_UNMOUNT;

import dev.jvisor.fs.anon.AnonInodes;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.InodeWatch;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.TreeMap;

/** An inotify instance: watches and the events that wait to be read (Linux: fs/notify/inotify). */
public final class InotifyFile extends FileDescription {

    /** {@code struct inotify_event} without the name: wd, mask, cookie, len. */
    private static final int EVENT_SIZE = 16;

    /** What a watch keeps of its mask beside the events. */
    private static final int WATCH_FLAGS = IN_EXCL_UNLINK | IN_ONESHOT;

    private final InotifyLimits limits;
    private final int uid;
    private final int queuedMax;
    private final WaitQueue queue = new WaitQueue();

    // Guarded by events.
    private final ArrayDeque<Event> events = new ArrayDeque<>();
    private final TreeMap<Integer, Watch> watches = new TreeMap<>();
    private final IdentityHashMap<Inode, Watch> byInode = new IdentityHashMap<>();
    private int lastDescriptor;
    private boolean overflowQueued;
    private boolean closed;

    private record Event(
            int descriptor, int mask, int cookie, @Nullable String name) {

        boolean repeats(Event before) {
            return (before.mask & IN_IGNORED) == 0
                    && before.mask == mask
                    && before.descriptor == descriptor
                    && (name == null ? before.name == null : name.equals(before.name));
        }

        /** Size of the padded name, in bytes: with a NUL, a multiple of the event's size. */
        int nameSize() {
            return name == null ? 0 : (name.length() + EVENT_SIZE) / EVENT_SIZE * EVENT_SIZE;
        }
    }

    /** A watch of this instance. */
    private final class Watch extends InodeWatch {
        private final int descriptor;
        private volatile int mask;

        Watch(VfsPath place, int descriptor, int mask) {
            super(place.dentry());
            this.descriptor = descriptor;
            this.mask = mask;
        }

        void begin() {
            attach();
        }

        void end() {
            detach();
        }

        @Override
        protected void event(int what, @Nullable String name, int cookie, boolean unlinked) {
            int wanted = mask;
            // Everybody hears of an unmount.
            if ((what & (wanted & IN_ALL_EVENTS | IN_UNMOUNT)) == 0
                    || unlinked && (wanted & IN_EXCL_UNLINK) != 0) {
                return;
            }
            boolean self = (what & (IN_MOVE_SELF | IN_DELETE_SELF)) != 0;
            int told = self ? what & ~IN_ISDIR : what;
            synchronized (events) {
                if (watches.get(descriptor) != this) {
                    return;
                }
                enqueue(new Event(descriptor, told, cookie, name));
                if ((wanted & IN_ONESHOT) != 0) {
                    forget(this);
                }
            }
            queue.notify(Poll.POLLIN | Poll.POLLRDNORM);
        }

        @Override
        protected void inodeGone() {
            synchronized (events) {
                if (watches.get(descriptor) == this) {
                    forget(this);
                }
            }
            queue.notify(Poll.POLLIN | Poll.POLLRDNORM);
        }
    }

    private InotifyFile(InotifyLimits limits, int uid, boolean nonBlocking) {
        super(AnonInodes.place("inotify"), nonBlocking ? Fcntl.O_NONBLOCK : Fcntl.O_RDONLY);
        this.limits = limits;
        this.uid = uid;
        this.queuedMax = limits.maxQueuedEvents();
    }

    /** Makes an instance of a user; EMFILE if he has too many. */
    public static InotifyFile create(InotifyLimits limits, int uid, boolean nonBlocking)
            throws ErrnoException {
        if (!limits.addInstance(uid)) {
            throw Errno.EMFILE.exception();
        }
        return new InotifyFile(limits, uid, nonBlocking);
    }

    /**
     * Watches a file, or changes what is watched for.
     *
     * @param argument {@code IN_*} as given to inotify_add_watch(2), checked by the caller
     * @return the watch descriptor
     * @throws ErrnoException EEXIST for a second watch with IN_MASK_CREATE; ENOSPC
     */
    public int addWatch(VfsPath place, int argument) throws ErrnoException {
        Inode inode = place.dentry().inode();
        int wanted = argument & (IN_ALL_EVENTS | WATCH_FLAGS);
        synchronized (events) {
            Watch watch = byInode.get(inode);
            if (watch != null) {
                if ((argument & IN_MASK_CREATE) != 0) {
                    throw Errno.EEXIST.exception();
                }
                watch.mask = (argument & IN_MASK_ADD) != 0 ? watch.mask | wanted : wanted;
                return watch.descriptor;
            }
            if (lastDescriptor == Integer.MAX_VALUE || !limits.addWatch(uid)) {
                throw Errno.ENOSPC.exception();
            }
            int descriptor = ++lastDescriptor;
            watch = new Watch(place, descriptor, wanted);
            watches.put(descriptor, watch);
            byInode.put(inode, watch);
            watch.begin();
            return descriptor;
        }
    }

    /** Ends a watch; EINVAL if there is none with this descriptor. */
    public void removeWatch(int descriptor) throws ErrnoException {
        synchronized (events) {
            Watch watch = watches.get(descriptor);
            if (watch == null) {
                throw Errno.EINVAL.exception();
            }
            forget(watch);
        }
        queue.notify(Poll.POLLIN | Poll.POLLRDNORM);
    }

    /** Ends a watch, of which the reader is told; events locked. */
    private void forget(Watch watch) {
        watches.remove(watch.descriptor);
        byInode.remove(watch.inode());
        watch.end();
        limits.removeWatch(uid);
        enqueue(new Event(watch.descriptor, IN_IGNORED, 0, null));
    }

    /** Linux: fsnotify_insert_event with inotify_merge. */
    private void enqueue(Event event) {
        if (closed) {
            return;
        }
        Event last = events.peekLast();
        boolean full = events.size() >= queuedMax;
        if (!full && last != null && event.repeats(last)) {
            return;
        }
        Event added = event;
        if (full || !limits.addEvent()) {
            if (overflowQueued) {
                return;
            }
            overflowQueued = true;
            added = new Event(-1, IN_Q_OVERFLOW, 0, null);
        }
        events.addLast(added);
    }

    private void dequeued(Event event) {
        if (event.mask == IN_Q_OVERFLOW) {
            overflowQueued = false;
        } else {
            limits.removeEvents(1);
        }
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        long total = 0;
        for (; ; ) {
            Event event;
            synchronized (events) {
                event = events.peekFirst();
                if (event == null) {
                    break;
                }
                if (EVENT_SIZE + event.nameSize() > destination.remaining()) {
                    if (total == 0) {
                        throw Errno.EINVAL.exception();
                    }
                    return total;
                }
                events.removeFirst();
                dequeued(event);
            }
            byte[] bytes = encode(event);
            if (destination.copyTo(bytes, 0, bytes.length) < bytes.length) {
                throw Errno.EFAULT.exception();
            }
            total += bytes.length;
        }
        if (total == 0) {
            throw Errno.EAGAIN.exception();
        }
        return total;
    }

    private static byte[] encode(Event event) {
        int nameSize = event.nameSize();
        byte[] bytes = new byte[EVENT_SIZE + nameSize];
        LittleEndian.putInt(bytes, 0, event.descriptor);
        LittleEndian.putInt(bytes, 4, event.mask);
        LittleEndian.putInt(bytes, 8, event.cookie);
        LittleEndian.putInt(bytes, 12, nameSize);
        String name = event.name;
        if (name != null) {
            byte[] raw = name.getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(raw, 0, bytes, EVENT_SIZE, raw.length);
        }
        return bytes;
    }

    @Override
    public int poll() {
        synchronized (events) {
            return events.isEmpty() ? 0 : Poll.POLLIN | Poll.POLLRDNORM;
        }
    }

    @Override
    public WaitQueue waitQueue() {
        return queue;
    }

    @Override
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        if (command != Ioctls.FIONREAD) {
            throw Errno.ENOTTY.exception();
        }
        long bytes = 0;
        synchronized (events) {
            for (Event event : events) {
                bytes += EVENT_SIZE + event.nameSize();
            }
        }
        byte[] result = new byte[Integer.BYTES];
        LittleEndian.putInt(result, 0, (int) bytes);
        context.memory().copyOut(argument, result, 0, result.length);
        return 0;
    }

    @Override
    public void describe(CallContext context, StringBuilder out) {
        TreeMap<Integer, Watch> all;
        synchronized (events) {
            all = new TreeMap<>(watches);
        }
        for (Watch watch : all.descendingMap().values()) {
            FileStatus status = new FileStatus();
            try {
                watch.inode().getAttributes(context, status);
            } catch (ErrnoException gone) {
                continue;
            }
            long device = status.device;
            long minor = device & 0xff | device >>> 12 & 0xfff00;
            long kernelDevice = (device >>> 8 & 0xfff) << 20 | minor;
            out.append("inotify wd:").append(Integer.toHexString(watch.descriptor));
            out.append(" ino:").append(Long.toHexString(status.inode));
            out.append(" sdev:").append(Long.toHexString(kernelDevice));
            out.append(" mask:").append(Integer.toHexString(watch.mask));
            out.append(" ignored_mask:0 \n");
        }
    }

    @Override
    public Inode inode() {
        return AnonInodes.inode();
    }

    /** Accepted without effect (Linux: noop_llseek). */
    @Override
    public long seek(CallContext context, long offset, int whence) {
        return 0;
    }

    @Override
    protected void onRelease() {
        synchronized (events) {
            closed = true;
            for (Watch watch : watches.values()) {
                watch.end();
                limits.removeWatch(uid);
            }
            watches.clear();
            byInode.clear();
            for (Event event : events) {
                dequeued(event);
            }
            events.clear();
        }
        limits.removeInstance(uid);
    }
}
