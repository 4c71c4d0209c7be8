// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.syscalls.annotation.Arg.Format.FADVICE;
import static dev.jvisor.syscalls.annotation.Arg.Format.FALLOCATE_MODE;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.OFFSET;
import static dev.jvisor.syscalls.annotation.Arg.Format.SEEK_WHENCE;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Fsnotify;
import dev.jvisor.fs.vfs.Mount;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.StatMode;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/** lseek(2), fsync(2), sync(2), sync_file_range(2), fallocate(2), fadvise(2), readahead(2). */
@SyscallHandlers
final class SyncSyscalls {

    private static final int SYNC_FILE_RANGE_FLAGS = 7;

    private static final int FALLOCATE_MODES = Fcntl.FALLOC_FL_KEEP_SIZE
            | Fcntl.FALLOC_FL_PUNCH_HOLE
            | Fcntl.FALLOC_FL_COLLAPSE_RANGE
            | Fcntl.FALLOC_FL_ZERO_RANGE
            | Fcntl.FALLOC_FL_INSERT_RANGE
            | Fcntl.FALLOC_FL_UNSHARE_RANGE;

    private SyncSyscalls() {}

    /** EBADF; EINVAL for whence; ESPIPE; EINVAL, EOVERFLOW, ENXIO for the result. */
    @Syscall(number = 8, name = "lseek")
    static long lseek(
            Task task, @Arg(FD) int fd, @Arg(OFFSET) long offset, @Arg(SEEK_WHENCE) int whence)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            if (whence < 0 || whence > Fcntl.SEEK_HOLE) {
                throw Errno.EINVAL.exception();
            }
            return file.seek(task, offset, whence);
        } finally {
            file.release();
        }
    }

    @Syscall(number = 74, name = "fsync")
    static long fsync(Task task, @Arg(FD) int fd) throws ErrnoException {
        return sync(task, fd, false);
    }

    @Syscall(number = 75, name = "fdatasync")
    static long fdatasync(Task task, @Arg(FD) int fd) throws ErrnoException {
        return sync(task, fd, true);
    }

    private static long sync(Task task, int fd, boolean dataOnly) throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            file.sync(task, dataOnly);
        } finally {
            file.release();
        }
        return 0;
    }

    @Syscall(number = 162, name = "sync")
    static long sync(Task task) {
        for (Mount mount : task.fs().mounts().mounts()) {
            try {
                mount.filesystem().sync();
            } catch (ErrnoException e) {
                // sync(2) has no way to tell.
                continue;
            }
        }
        return 0;
    }

    @Syscall(number = 306, name = "syncfs")
    static long syncfs(Task task, @Arg(FD) int fd) throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            file.inode().filesystem().sync();
        } finally {
            file.release();
        }
        return 0;
    }

    @Syscall(
            number = 277,
            name = "sync_file_range",
            support = Support.PARTIAL,
            note = "writes the whole file's data")
    static long syncFileRange(
            Task task,
            @Arg(FD) int fd,
            @Arg(OFFSET) long offset,
            @Arg(OFFSET) long length,
            @Arg(HEX) int flags)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            UserArgs.checkFlags(flags, SYNC_FILE_RANGE_FLAGS);
            if (offset < 0 || length < 0 || offset + length < 0) {
                throw Errno.EINVAL.exception();
            }
            if (!file.isSeekable()) {
                throw Errno.ESPIPE.exception();
            }
            if (flags != 0) {
                file.sync(task, true);
            }
        } finally {
            file.release();
        }
        return 0;
    }

    /**
     * EBADF; EINVAL for the range; EOPNOTSUPP for modes; EBADF for the access mode; ESPIPE, EISDIR,
     * ENODEV for the type; EFBIG.
     */
    @Syscall(number = 285, name = "fallocate")
    static long fallocate(
            Task task,
            @Arg(FD) int fd,
            @Arg(FALLOCATE_MODE) int mode,
            @Arg(OFFSET) long offset,
            @Arg(OFFSET) long length)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            if (offset < 0 || length <= 0) {
                throw Errno.EINVAL.exception();
            }
            checkMode(mode);
            if (!file.isWritable()) {
                throw Errno.EBADF.exception();
            }
            switch (file.inode().mode() & StatMode.S_IFMT) {
                case StatMode.S_IFIFO -> throw Errno.ESPIPE.exception();
                case StatMode.S_IFDIR -> throw Errno.EISDIR.exception();
                case StatMode.S_IFREG, StatMode.S_IFBLK -> {}
                default -> throw Errno.ENODEV.exception();
            }
            if (offset + length < 0) {
                throw Errno.EFBIG.exception();
            }
            file.allocate(task, mode, offset, length);
            Fsnotify.modify(file);
        } finally {
            file.release();
        }
        return 0;
    }

    /** Linux: vfs_fallocate. */
    private static void checkMode(int mode) throws ErrnoException {
        int kind = mode & ~(Fcntl.FALLOC_FL_KEEP_SIZE | Fcntl.FALLOC_FL_UNSHARE_RANGE);
        boolean keep = (mode & Fcntl.FALLOC_FL_KEEP_SIZE) != 0;
        if ((mode & ~FALLOCATE_MODES) != 0
                || Integer.bitCount(kind) > 1
                || kind == Fcntl.FALLOC_FL_PUNCH_HOLE && !keep) {
            throw Errno.EOPNOTSUPP.exception();
        }
        boolean moves =
                kind == Fcntl.FALLOC_FL_COLLAPSE_RANGE || kind == Fcntl.FALLOC_FL_INSERT_RANGE;
        if (moves && mode != kind) {
            throw Errno.EINVAL.exception();
        }
    }

    @Syscall(
            number = 221,
            name = "fadvise64",
            support = Support.PARTIAL,
            note = "advice is checked and has no effect")
    static long fadvise64(
            Task task,
            @Arg(FD) int fd,
            @Arg(OFFSET) long offset,
            @Arg(OFFSET) long length,
            @Arg(FADVICE) int advice)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            if ((file.inode().mode() & StatMode.S_IFMT) == StatMode.S_IFIFO) {
                throw Errno.ESPIPE.exception();
            }
            if (length < 0 || advice < 0 || advice > Fcntl.POSIX_FADV_NOREUSE) {
                throw Errno.EINVAL.exception();
            }
        } finally {
            file.release();
        }
        return 0;
    }

    @Syscall(
            number = 187,
            name = "readahead",
            support = Support.PARTIAL,
            note = "arguments are checked; the host reads ahead on its own")
    static long readahead(
            Task task, @Arg(FD) int fd, @Arg(OFFSET) long offset, @Arg(SIZE) long count)
            throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        try {
            if (!file.isReadable()) {
                throw Errno.EBADF.exception();
            }
            int type = file.inode().mode() & StatMode.S_IFMT;
            if (type != StatMode.S_IFREG && type != StatMode.S_IFBLK) {
                throw Errno.EINVAL.exception();
            }
        } finally {
            file.release();
        }
        return 0;
    }
}
