// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.descriptor;

import dev.jvisor.fs.inotify.InotifyFile;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.signal.DirectoryNotifier;
import dev.jvisor.kernel.signal.FileOwner;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;

/** fcntl(2)'s commands for signals: owner, signal, O_ASYNC, F_NOTIFY. */
final class AsyncCommands {

    private static final int SIGNALS = 64;

    private AsyncCommands() {}

    /** F_GETOWN: a process group is negative. */
    static long getOwner(Task task, FileDescription file) {
        FileOwner owner = FileOwner.ofOrNull(file);
        if (owner == null) {
            return 0;
        }
        int number = owner.number(task);
        return owner.type() == FileOwner.OWNER_PGRP ? -number : number;
    }

    /** F_SETOWN. EINVAL, ESRCH. */
    static long setOwner(Task task, FileDescription file, int number) throws ErrnoException {
        if (number == Integer.MIN_VALUE) {
            throw Errno.EINVAL.exception();
        }
        int type = number < 0 ? FileOwner.OWNER_PGRP : FileOwner.OWNER_PID;
        FileOwner.of(file).set(task, type, Math.abs(number));
        return 0;
    }

    /** F_GETOWN_EX. EFAULT. */
    static long getOwnerEx(Task task, FileDescription file, long address) throws ErrnoException {
        FileOwner owner = FileOwner.ofOrNull(file);
        task.memory().putInt(address, owner == null ? FileOwner.OWNER_TID : owner.type());
        task.memory().putInt(address + Integer.BYTES, owner == null ? 0 : owner.number(task));
        return 0;
    }

    /** F_SETOWN_EX. EFAULT, EINVAL, ESRCH. */
    static long setOwnerEx(Task task, FileDescription file, long address) throws ErrnoException {
        int type = task.memory().getInt(address);
        int number = task.memory().getInt(address + Integer.BYTES);
        FileOwner.of(file).set(task, type, number);
        return 0;
    }

    static long getSignal(FileDescription file) {
        FileOwner owner = FileOwner.ofOrNull(file);
        return owner == null ? 0 : owner.signal();
    }

    /** F_SETSIG. EINVAL. */
    static long setSignal(FileDescription file, long signal) throws ErrnoException {
        if (signal < 0 || signal > SIGNALS) {
            throw Errno.EINVAL.exception();
        }
        FileOwner.of(file).setSignal((int) signal);
        return 0;
    }

    /** The flags of a file were changed: O_ASYNC takes effect where a file has it. */
    static void flagsChanged(FileDescription file, int fd, int before) {
        int changed = before ^ file.flags();
        if ((changed & Fcntl.O_ASYNC) == 0 || !hasAsync(file)) {
            return;
        }
        if ((file.flags() & Fcntl.O_ASYNC) != 0) {
            FileOwner.of(file).arm(file, fd);
        } else {
            FileOwner.of(file).disarm(file);
        }
    }

    /** Whether a file sends signals: pipes, sockets, terminals, inotify. */
    static boolean hasAsync(FileDescription file) {
        if (file.waitQueue() == null) {
            return false;
        }
        return switch (file.inode().mode() & StatMode.S_IFMT) {
            case StatMode.S_IFIFO, StatMode.S_IFSOCK, StatMode.S_IFCHR -> true;
            default -> file instanceof InotifyFile;
        };
    }

    /** F_NOTIFY. ENOTDIR. */
    static long notify(Task task, FileDescription file, int fd, int mask) throws ErrnoException {
        if (!file.inode().isDirectory() || file.path() == null) {
            throw Errno.ENOTDIR.exception();
        }
        DirectoryNotifier.set(task, file, fd, mask);
        return 0;
    }
}
