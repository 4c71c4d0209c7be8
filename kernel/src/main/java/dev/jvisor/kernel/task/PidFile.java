// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.anon.AnonInodes;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Resource;

/** A pidfd (Linux: fs/pidfs.c): a process or thread, to signal and to wait for its end. */
public final class PidFile extends FileDescription {

    public static final int PIDFD_NONBLOCK = Fcntl.O_NONBLOCK;

    /** For a thread rather than a process. */
    public static final int PIDFD_THREAD = Fcntl.O_EXCL;

    private final Pid pid;
    private final boolean thread;

    private PidFile(Pid pid, int flags) {
        super(AnonInodes.place("[pidfd]"), Fcntl.O_RDWR | flags & PIDFD_NONBLOCK);
        this.pid = pid;
        this.thread = (flags & PIDFD_THREAD) != 0;
    }

    /**
     * Makes one and gives the task a descriptor of it that execve closes.
     *
     * @param flags {@code PIDFD_*}
     * @throws ErrnoException EMFILE
     */
    public static int install(Task task, Pid pid, int flags) throws ErrnoException {
        PidFile file = new PidFile(pid, flags);
        try {
            return task.files().install(file, 0, true, task.limit(Resource.RLIMIT_NOFILE));
        } catch (ErrnoException e) {
            file.release();
            throw e;
        }
    }

    /** What a description refers to; EBADF if it is not a pidfd. */
    public static PidFile of(FileDescription file) throws ErrnoException {
        if (file instanceof PidFile p) {
            return p;
        }
        throw Errno.EBADF.exception();
    }

    public Pid pid() {
        return pid;
    }

    /** Whether it is for a thread. */
    public boolean isThread() {
        return thread;
    }

    @Override
    public Inode inode() {
        return AnonInodes.inode();
    }

    /** The numbers of the process from the reader's PID namespace down; -1 once it is reaped. */
    @Override
    public void describe(CallContext context, StringBuilder out) {
        if (!(context instanceof Task reader)) {
            return;
        }
        boolean gone = pid.task() == null;
        int number = pid.numberIn(reader.pids());
        out.append("Pid:\t").append(gone ? -1 : number).append("\nNSpid:\t");
        out.append(gone ? -1 : number);
        PidNamespace innermost = pid.namespace();
        int last = number == 0 || gone ? 0 : innermost.level();
        for (int n = reader.pids().level() + 1; n <= last; n++) {
            out.append('\t').append(pid.numberIn(innermost.ancestor(n)));
        }
        out.append('\n');
    }

    /** Readable when the process (or thread) has ended, hung up when it was reaped too. */
    @Override
    public int poll() {
        Task task = pid.task();
        if (task == null) {
            return Poll.POLLIN | Poll.POLLRDNORM | Poll.POLLHUP;
        }
        boolean ended = thread && !task.isLeader()
                ? task.memoryOrNull() == null && task.isExiting()
                : task.threadGroup().isZombie();
        return ended ? Poll.POLLIN | Poll.POLLRDNORM : 0;
    }

    @Override
    public WaitQueue waitQueue() {
        return pid.events();
    }
}
