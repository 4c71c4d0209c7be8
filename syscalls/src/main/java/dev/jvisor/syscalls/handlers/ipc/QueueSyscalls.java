// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.ipc;

import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.OCTAL_MODE;
import static dev.jvisor.syscalls.annotation.Arg.Format.OPEN_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.PATH;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;
import static dev.jvisor.syscalls.annotation.Arg.Format.TIMESPEC_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.UNSIGNED;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.ipc.mqueue.QueueAttributes;
import dev.jvisor.kernel.ipc.mqueue.QueueFile;
import dev.jvisor.kernel.ipc.mqueue.QueueFilesystem;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;
import dev.jvisor.syscalls.handlers.time.TimeArgs;

/**
 * mq_open(2), mq_unlink(2), mq_timedsend(2), mq_timedreceive(2), mq_notify(2), mq_getsetattr(2).
 */
@SyscallHandlers
final class QueueSyscalls {

    private static final int PRIORITY_MAX = 32768;
    private static final int NAME_MAX = 255;
    private static final int SIGNALS = 64;

    // sigevent(7)
    private static final int SIGEVENT_SIZE = 64;
    private static final int SIGEV_SIGNAL = 0;
    private static final int SIGEV_NONE = 1;

    private QueueSyscalls() {}

    private static String name(Task task, long address) throws ErrnoException {
        String name = UserArgs.path(task, address);
        if (name.isEmpty()) {
            throw Errno.ENOENT.exception();
        }
        if (name.length() > NAME_MAX) {
            throw Errno.ENAMETOOLONG.exception();
        }
        if (name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
            throw Errno.EACCES.exception();
        }
        return name;
    }

    /**
     * Errors, in this order: EFAULT; ENOENT, ENAMETOOLONG, EACCES for the name; EMFILE; EEXIST,
     * ENOENT; EINVAL for the access mode; EACCES; EINVAL for attributes; ENOSPC; EMFILE.
     */
    @Syscall(number = 240, name = "mq_open")
    static long mqOpen(
            Task task,
            @Arg(PATH) long nameAddress,
            @Arg(OPEN_FLAGS) int flags,
            @Arg(OCTAL_MODE) int mode,
            @Arg(POINTER) long attributes)
            throws ErrnoException {
        QueueAttributes wanted = null;
        if (attributes != 0) {
            byte[] b = new byte[QueueAttributes.SIZE];
            task.memory().copyIn(attributes, b, 0, b.length);
            wanted = QueueAttributes.read(b);
        }
        String name = name(task, nameAddress);
        FdTable files = task.files();
        int fd = files.reserve(UserArgs.descriptorLimit(task));
        boolean done = false;
        QueueFilesystem queues = task.ipcNamespace().queues();
        try {
            int kept = Fcntl.O_ACCMODE | Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_NONBLOCK;
            if ((flags & Fcntl.O_ACCMODE) == Fcntl.O_ACCMODE) {
                throw Errno.EINVAL.exception();
            }
            queues.setWanted(wanted);
            FileDescription file =
                    Vfs.open(task, queues.rootPath(), name, flags & kept, mode & 07777, 0);
            files.fill(fd, file, true);
            done = true;
            return fd;
        } finally {
            queues.setWanted(null);
            if (!done) {
                files.unreserve(fd);
            }
        }
    }

    /** Errors: EFAULT, ENAMETOOLONG, EACCES for the name; ENOENT; EACCES, EPERM. */
    @Syscall(number = 241, name = "mq_unlink")
    static long mqUnlink(Task task, @Arg(PATH) long nameAddress) throws ErrnoException {
        String name = name(task, nameAddress);
        Vfs.unlink(task, task.ipcNamespace().queues().rootPath(), name, 0);
        return 0;
    }

    private static QueueFile queue(FileDescription file) throws ErrnoException {
        if (file instanceof QueueFile queue) {
            return queue;
        }
        throw Errno.EBADF.exception();
    }

    /** CLOCK_MONOTONIC of an absolute time of the wall clock. EFAULT, EINVAL. */
    private static long deadline(Task task, long timeout) throws ErrnoException {
        if (timeout == 0) {
            return Long.MAX_VALUE;
        }
        long nanos = TimeArgs.readTimespec(task, timeout);
        return nanos == Long.MAX_VALUE
                ? nanos
                : nanos + task.kernel().clocks().realtimeToMonotonicNanos();
    }

    /**
     * Errors, in this order: EFAULT, EINVAL for the timeout; EINVAL for the priority; EBADF;
     * EMSGSIZE; EFAULT; EAGAIN; ETIMEDOUT, EINTR.
     */
    @Syscall(number = 242, name = "mq_timedsend")
    static long mqTimedsend(
            Task task,
            @Arg(FD) int fd,
            @Arg(POINTER) long text,
            @Arg(SIZE) long length,
            @Arg(UNSIGNED) int priority,
            @Arg(TIMESPEC_IN) long timeout)
            throws ErrnoException {
        long deadline = deadline(task, timeout);
        if (priority < 0 || priority >= PRIORITY_MAX) {
            throw Errno.EINVAL.exception();
        }
        FileDescription file = task.files().acquireForIo(fd);
        try {
            QueueFile queue = queue(file);
            if (!file.isWritable()) {
                throw Errno.EBADF.exception();
            }
            if (length < 0 || length > queue.attributes().bytesMax()) {
                throw Errno.EMSGSIZE.exception();
            }
            byte[] bytes = new byte[(int) length];
            task.memory().copyIn(text, bytes, 0, bytes.length);
            queue.send(task, priority, bytes, deadline);
            return 0;
        } finally {
            file.release();
        }
    }

    /**
     * Errors, in this order: EFAULT, EINVAL for the timeout; EBADF; EMSGSIZE; EAGAIN; ETIMEDOUT,
     * EINTR; EFAULT, which loses the message.
     */
    @Syscall(number = 243, name = "mq_timedreceive")
    static long mqTimedreceive(
            Task task,
            @Arg(FD) int fd,
            @Arg(POINTER) long text,
            @Arg(SIZE) long length,
            @Arg(POINTER) long priority,
            @Arg(TIMESPEC_IN) long timeout)
            throws ErrnoException {
        long deadline = deadline(task, timeout);
        FileDescription file = task.files().acquireForIo(fd);
        try {
            QueueFile queue = queue(file);
            if (!file.isReadable()) {
                throw Errno.EBADF.exception();
            }
            if (Long.compareUnsigned(length, queue.attributes().bytesMax()) < 0) {
                throw Errno.EMSGSIZE.exception();
            }
            QueueFile.Received message = queue.receive(task, deadline);
            if (priority != 0) {
                task.memory().putInt(priority, message.priority());
            }
            byte[] bytes = message.text();
            task.memory().copyOut(text, bytes, 0, bytes.length);
            return bytes.length;
        } finally {
            file.release();
        }
    }

    /** Errors, in this order: EFAULT; EINVAL for the way and the signal; EBADF; EBUSY. */
    @Syscall(
            number = 244,
            name = "mq_notify",
            support = Support.PARTIAL,
            note = "no SIGEV_THREAD, which needs a netlink socket")
    static long mqNotify(Task task, @Arg(FD) int fd, @Arg(POINTER) long event)
            throws ErrnoException {
        byte[] b = new byte[SIGEVENT_SIZE];
        if (event != 0) {
            task.memory().copyIn(event, b, 0, b.length);
            int how = LittleEndian.getInt(b, 12);
            int signal = LittleEndian.getInt(b, 8);
            if (how != SIGEV_NONE && how != SIGEV_SIGNAL
                    || how == SIGEV_SIGNAL && (signal < 0 || signal > SIGNALS)) {
                throw Errno.EINVAL.exception();
            }
        }
        FileDescription file = task.files().acquireForIo(fd);
        try {
            QueueFile queue = queue(file);
            if (event == 0) {
                queue.unregister(task);
            } else {
                queue.register(
                        task,
                        LittleEndian.getInt(b, 12),
                        LittleEndian.getInt(b, 8),
                        LittleEndian.getLong(b, 0));
            }
            return 0;
        } finally {
            file.release();
        }
    }

    /** Errors, in this order: EFAULT; EINVAL for flags; EBADF; EFAULT. */
    @Syscall(number = 245, name = "mq_getsetattr")
    static long mqGetsetattr(
            Task task, @Arg(FD) int fd, @Arg(POINTER) long changed, @Arg(POINTER) long old)
            throws ErrnoException {
        byte[] b = new byte[QueueAttributes.SIZE];
        long flags = 0;
        if (changed != 0) {
            task.memory().copyIn(changed, b, 0, b.length);
            flags = LittleEndian.getLong(b, 0);
            UserArgs.checkFlags(flags, Fcntl.O_NONBLOCK);
        }
        FileDescription file = task.files().acquireForIo(fd);
        byte[] before = new byte[QueueAttributes.SIZE];
        try {
            QueueFile queue = queue(file);
            LittleEndian.putLong(before, 0, file.flags() & Fcntl.O_NONBLOCK);
            LittleEndian.putLong(before, 8, queue.attributes().messagesMax());
            LittleEndian.putLong(before, 16, queue.attributes().bytesMax());
            LittleEndian.putLong(before, 24, queue.count());
            if (changed != 0) {
                file.setStatusFlags(file.flags() & ~Fcntl.O_NONBLOCK | (int) flags);
            }
        } finally {
            file.release();
        }
        if (old != 0) {
            task.memory().copyOut(old, before, 0, before.length);
        }
        return 0;
    }
}
