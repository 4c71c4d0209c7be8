// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.SIGIO;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.AsyncOwner;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.task.Pid;
import dev.jvisor.kernel.task.ProcessGroup;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

/**
 * The owner of an open file: a thread, a process or a process group that gets SIGIO or another
 * signal (Linux: send_sigio in fs/fcntl.c). Fields are guarded by this; signals are sent without.
 */
public final class FileOwner extends AsyncOwner {

    /** {@code type} of F_SETOWN_EX. */
    public static final int OWNER_TID = 0;

    public static final int OWNER_PID = 1;
    public static final int OWNER_PGRP = 2;

    private static final int POLL_IN = 1;
    private static final int POLL_OUT = 2;
    private static final int POLL_MSG = 3;
    private static final int POLL_ERR = 4;
    private static final int POLL_HUP = 6;

    private int type;
    private @Nullable Pid target;

    /** Whose rights count: of him who set the owner. */
    private @Nullable Credentials setter;

    private int signal;

    /** The descriptor by which O_ASYNC was set. */
    private int descriptor;

    private FileOwner() {}

    /** A file's owner, made when first needed. */
    public static FileOwner of(FileDescription file) {
        AsyncOwner owner = file.asyncOwner();
        if (owner instanceof FileOwner made) {
            return made;
        }
        return (FileOwner) file.setAsyncOwnerIfAbsent(new FileOwner());
    }

    /** A file's owner, or null if it never had one. */
    public static @Nullable FileOwner ofOrNull(FileDescription file) {
        return file.asyncOwner() instanceof FileOwner made ? made : null;
    }

    /**
     * F_SETOWN_EX; a number of 0 is nobody.
     *
     * @throws ErrnoException EINVAL for the type, ESRCH
     */
    public void set(Task caller, int ownerType, int number) throws ErrnoException {
        if (ownerType < OWNER_TID || ownerType > OWNER_PGRP || number < 0) {
            throw (number < 0 ? Errno.ESRCH : Errno.EINVAL).exception();
        }
        Pid found = number == 0 ? null : caller.pids().find(number);
        if (number != 0 && found == null) {
            throw Errno.ESRCH.exception();
        }
        synchronized (this) {
            type = ownerType;
            target = found;
            setter = caller.credentials();
        }
    }

    public synchronized int type() {
        return type;
    }

    /** The owner's number as a task sees it, 0 for nobody. */
    public synchronized int number(Task asker) {
        Pid pid = target;
        if (pid == null) {
            return 0;
        }
        boolean there = switch (type) {
            case OWNER_TID -> pid.task() != null;
            case OWNER_PID -> pid.threadGroup() != null;
            default -> pid.processGroup() != null;
        };
        return there ? pid.numberIn(asker.pids()) : 0;
    }

    /** F_SETSIG; 0 is SIGIO without information. */
    public synchronized void setSignal(int number) {
        signal = number;
    }

    public synchronized int signal() {
        return signal;
    }

    /** O_ASYNC was set. */
    public void arm(FileDescription file, int fd) {
        WaitQueue queue = file.waitQueue();
        synchronized (this) {
            descriptor = fd;
        }
        mask = (file.isReadable() ? Poll.POLLIN | Poll.POLLPRI : 0)
                | (file.isWritable() ? Poll.POLLOUT : 0);
        if (queue != null && !isQueued()) {
            queue.add(this);
        }
    }

    /** O_ASYNC was cleared. */
    public void disarm(FileDescription file) {
        WaitQueue queue = file.waitQueue();
        if (queue != null) {
            queue.remove(this);
        }
    }

    @Override
    protected void fileReleased(FileDescription file) {
        disarm(file);
    }

    @Override
    protected void wake(int events) {
        if ((events & mask & Poll.POLLIN) != 0) {
            send(POLL_IN, Poll.POLLIN | Poll.POLLRDNORM);
        } else if ((events & mask & Poll.POLLOUT) != 0) {
            send(POLL_OUT, Poll.POLLOUT | Poll.POLLWRNORM | Poll.POLLWRBAND);
        } else if ((events & Poll.POLLERR) != 0) {
            send(POLL_ERR, Poll.POLLERR);
        } else if ((events & Poll.POLLHUP) != 0) {
            send(POLL_HUP, Poll.POLLHUP | Poll.POLLERR);
        }
    }

    /** Something happened in a directory (F_NOTIFY). */
    public void directoryChanged(int fd) {
        synchronized (this) {
            descriptor = fd;
        }
        send(POLL_MSG, Poll.POLLIN | Poll.POLLRDNORM | Poll.EPOLLMSG);
    }

    private void send(int code, int band) {
        Pid to;
        int how;
        Credentials who;
        SigInfo info;
        synchronized (this) {
            to = target;
            how = type;
            who = setter;
            info = signal == 0
                    ? SigInfo.kernel(SIGIO)
                    : SigInfo.poll(signal, code, band, descriptor);
        }
        if (to == null || who == null) {
            return;
        }
        switch (how) {
            case OWNER_TID -> {
                Task task = to.task();
                if (task != null) {
                    deliver(task.threadGroup(), task, who, info);
                }
            }
            case OWNER_PID -> {
                ThreadGroup group = to.threadGroup();
                if (group != null) {
                    deliver(group, null, who, info);
                }
            }
            default -> {
                ProcessGroup group = to.processGroup();
                if (group != null) {
                    // Not by the list of members: its lock must not be taken under a wait queue's.
                    to.namespace().forEachThreadGroup(member -> {
                        if (member.processGroup() == group) {
                            deliver(member, null, who, info);
                        }
                        return true;
                    });
                }
            }
        }
    }

    /** Linux: sigio_perm, and SIGIO instead if the queue of real-time signals is full. */
    private static void deliver(
            ThreadGroup group, @Nullable Task task, Credentials who, SigInfo info) {
        Task some = task != null ? task : group.leader();
        Credentials other = some.credentials();
        boolean allowed = who.euid() == 0
                || who.euid() == other.suid()
                || who.euid() == other.uid()
                || who.uid() == other.suid()
                || who.uid() == other.uid();
        if (allowed && Signals.send(group, task, info, false) == Signals.Outcome.FULL) {
            Signals.send(group, task, SigInfo.kernel(SIGIO), false);
        }
    }
}
