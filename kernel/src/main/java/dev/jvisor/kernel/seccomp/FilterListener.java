// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.seccomp;

import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_ADDFD_FLAG_SEND;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_ADDFD_FLAG_SETFD;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_IOCTL_NOTIF_ADDFD;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_IOCTL_NOTIF_ID_VALID;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_IOCTL_NOTIF_RECV;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_IOCTL_NOTIF_SEND;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_NOTIF_ADDFD_SIZE;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_NOTIF_RESP_SIZE;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_NOTIF_SIZE;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_USER_NOTIF_FLAG_CONTINUE;

import dev.jvisor.fs.anon.AnonInodes;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Resource;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The descriptor on which a supervisor gets calls and answers them (seccomp_unotify(2)). There are
 * at most as many notifications as tasks.
 */
public final class FilterListener extends FileDescription {

    private static final int ID_OFFSET = 0;
    private static final int NOTIF_PID = 8;
    private static final int NOTIF_DATA = 16;
    private static final int RESP_VALUE = 8;
    private static final int RESP_ERROR = 16;
    private static final int RESP_FLAGS = 20;
    private static final int ADDFD_FLAGS = 8;
    private static final int ADDFD_SOURCE = 12;
    private static final int ADDFD_TARGET = 16;
    private static final int ADDFD_TARGET_FLAGS = 20;
    private static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;

    private final WaitQueue queue = new WaitQueue();

    // Guarded by this.
    private final List<Notification> pending = new ArrayList<>();
    private long nextId = ThreadLocalRandom.current().nextLong();
    private boolean closed;

    private volatile @Nullable FilterChain filter;

    public FilterListener() {
        super(AnonInodes.place("seccomp notify"), Fcntl.O_RDWR);
    }

    void bind(FilterChain chain) {
        filter = chain;
    }

    @Override
    public Inode inode() {
        return AnonInodes.inode();
    }

    @Override
    public WaitQueue waitQueue() {
        return queue;
    }

    @Override
    public int poll() {
        FilterChain f = filter;
        int events = f == null || f.isUsed() ? 0 : Poll.POLLHUP;
        synchronized (this) {
            for (int i = 0; i < pending.size(); i++) {
                switch (pending.get(i).state) {
                    case WAITING -> events |= READABLE;
                    case SENT -> events |= Poll.POLLOUT | Poll.POLLWRNORM;
                    case ANSWERED -> {}
                }
            }
        }
        return events;
    }

    void filterUnused() {
        queue.notify(Poll.POLLHUP);
    }

    @Override
    protected void onRelease() {
        List<Notification> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(pending);
            for (int i = 0; i < left.size(); i++) {
                answer(left.get(i), false, 0, -Errno.ENOSYS.number);
            }
        }
    }

    // The side of the task.

    /**
     * Waits until the supervisor has answered; on the task's thread.
     *
     * @throws ErrnoException ERESTARTSYS if a signal came first; the answer counts no more
     */
    void ask(Notification n, boolean killable) throws ErrnoException {
        synchronized (this) {
            if (closed) {
                n.error = -Errno.ENOSYS.number;
                return;
            }
            n.id = nextId++;
            pending.add(n);
        }
        queue.notify(READABLE);
        try {
            for (; ; ) {
                Notification.State state;
                synchronized (this) {
                    state = n.state;
                }
                if (state == Notification.State.ANSWERED) {
                    return;
                }
                if (killable && state == Notification.State.SENT) {
                    if (!n.task.sleepKillable()) {
                        throw Errno.ERESTARTSYS.exception();
                    }
                } else {
                    n.task.sleep(Long.MAX_VALUE);
                }
            }
        } finally {
            synchronized (this) {
                pending.remove(n);
            }
        }
    }

    /** Call with this locked. */
    private static void answer(Notification n, boolean goesOn, long value, int error) {
        n.goesOn = goesOn;
        n.value = value;
        n.error = error;
        n.state = Notification.State.ANSWERED;
        n.task.wake();
    }

    // The side of the supervisor.

    @Override
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        return switch (command) {
            case SECCOMP_IOCTL_NOTIF_RECV -> receive(context, argument);
            case SECCOMP_IOCTL_NOTIF_SEND -> send(context, argument);
            case SECCOMP_IOCTL_NOTIF_ID_VALID -> {
                byte[] raw = copyIn(context, argument, Long.BYTES);
                synchronized (this) {
                    Notification n = find(LittleEndian.getLong(raw, 0));
                    if (n == null || n.state != Notification.State.SENT) {
                        throw Errno.ENOENT.exception();
                    }
                }
                yield 0;
            }
            case SECCOMP_IOCTL_NOTIF_ADDFD -> addDescriptor(context, argument);
            default -> throw Errno.EINVAL.exception();
        };
    }

    private static byte[] copyIn(CallContext context, long address, int size)
            throws ErrnoException {
        byte[] raw = new byte[size];
        context.memory().copyIn(address, raw, 0, size);
        return raw;
    }

    private @Nullable Notification find(long id) {
        for (int i = 0; i < pending.size(); i++) {
            if (pending.get(i).id == id) {
                return pending.get(i);
            }
        }
        return null;
    }

    /** Takes the oldest call that no supervisor has seen; waits for one. */
    private long receive(CallContext context, long address) throws ErrnoException {
        byte[] raw = copyIn(context, address, SECCOMP_NOTIF_SIZE);
        for (byte b : raw) {
            if (b != 0) {
                throw Errno.EINVAL.exception();
            }
        }
        Notification n = take(context);
        LittleEndian.putLong(raw, ID_OFFSET, n.id);
        if (context instanceof Task caller) {
            LittleEndian.putInt(raw, NOTIF_PID, n.task.pid().numberIn(caller.pids()));
        }
        for (int i = 0; i < n.data.length; i++) {
            LittleEndian.putInt(raw, NOTIF_DATA + i * Integer.BYTES, n.data[i]);
        }
        queue.notify(Poll.POLLOUT | Poll.POLLWRNORM);
        try {
            context.memory().copyOut(address, raw, 0, raw.length);
        } catch (ErrnoException e) {
            synchronized (this) {
                if (n.state == Notification.State.SENT) {
                    n.state = Notification.State.WAITING;
                }
            }
            queue.notify(READABLE);
            throw e;
        }
        return 0;
    }

    private Notification take(CallContext context) throws ErrnoException {
        Notification n = takeNow();
        if (n != null) {
            return n;
        }
        WaitQueue.Entry entry = context.newWaitEntry(-1);
        queue.add(entry);
        try {
            while ((n = takeNow()) == null) {
                FilterChain f = filter;
                if (f != null && !f.isUsed()) {
                    throw Errno.ENOENT.exception();
                }
                context.sleep(Long.MAX_VALUE);
            }
            return n;
        } finally {
            queue.remove(entry);
        }
    }

    private synchronized @Nullable Notification takeNow() {
        for (int i = 0; i < pending.size(); i++) {
            Notification n = pending.get(i);
            if (n.state == Notification.State.WAITING) {
                n.state = Notification.State.SENT;
                n.task.wake(); // it may wait in another way from now on
                return n;
            }
        }
        return null;
    }

    private long send(CallContext context, long address) throws ErrnoException {
        byte[] raw = copyIn(context, address, SECCOMP_NOTIF_RESP_SIZE);
        int flags = LittleEndian.getInt(raw, RESP_FLAGS);
        int error = LittleEndian.getInt(raw, RESP_ERROR);
        long value = LittleEndian.getLong(raw, RESP_VALUE);
        boolean goesOn = (flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE) != 0;
        if ((flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE) != 0
                || goesOn && (error != 0 || value != 0)) {
            throw Errno.EINVAL.exception();
        }
        synchronized (this) {
            Notification n = sent(LittleEndian.getLong(raw, ID_OFFSET));
            answer(n, goesOn, value, error);
        }
        return 0;
    }

    /** ENOENT if it is gone, EINPROGRESS unless a supervisor has it. */
    private Notification sent(long id) throws ErrnoException {
        Notification n = find(id);
        if (n == null) {
            throw Errno.ENOENT.exception();
        }
        if (n.state != Notification.State.SENT) {
            throw Errno.EINPROGRESS.exception();
        }
        return n;
    }

    /** Gives one of the caller's descriptors to the waiting task. */
    private long addDescriptor(CallContext context, long address) throws ErrnoException {
        byte[] raw = copyIn(context, address, SECCOMP_NOTIF_ADDFD_SIZE);
        int flags = LittleEndian.getInt(raw, ADDFD_FLAGS);
        int target = LittleEndian.getInt(raw, ADDFD_TARGET);
        int targetFlags = LittleEndian.getInt(raw, ADDFD_TARGET_FLAGS);
        boolean fixed = (flags & SECCOMP_ADDFD_FLAG_SETFD) != 0;
        if ((targetFlags & ~Fcntl.O_CLOEXEC) != 0
                || (flags & ~(SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND)) != 0
                || target != 0 && !fixed) {
            throw Errno.EINVAL.exception();
        }
        if (!(context instanceof Task caller)) {
            throw Errno.EINVAL.exception();
        }
        FileDescription file = caller.files().acquire(LittleEndian.getInt(raw, ADDFD_SOURCE));
        boolean given = false;
        try {
            synchronized (this) {
                Notification n = sent(LittleEndian.getLong(raw, ID_OFFSET));
                FdTable files = n.task.filesOrNull();
                if (files == null) {
                    throw Errno.ENOENT.exception();
                }
                boolean closes = (targetFlags & Fcntl.O_CLOEXEC) != 0;
                long limit = n.task.limit(Resource.RLIMIT_NOFILE);
                int fd = target;
                if (fixed) {
                    files.installAt(n.task, target, file, closes, limit);
                } else {
                    fd = files.install(file, 0, closes, limit);
                }
                given = true;
                if ((flags & SECCOMP_ADDFD_FLAG_SEND) != 0) {
                    answer(n, false, fd, 0);
                }
                return fd;
            }
        } finally {
            if (!given) {
                file.release();
            }
        }
    }
}
