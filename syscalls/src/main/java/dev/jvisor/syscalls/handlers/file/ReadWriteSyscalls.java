// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.file;

import static dev.jvisor.syscalls.annotation.Arg.Format.BUFFER_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.BUFFER_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.IOVEC_IN;
import static dev.jvisor.syscalls.annotation.Arg.Format.IOVEC_OUT;
import static dev.jvisor.syscalls.annotation.Arg.Format.OFFSET;
import static dev.jvisor.syscalls.annotation.Arg.Format.RWF_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.Transfer;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * read(2), write(2), pread(2), pwrite(2), readv(2) and relatives.
 *
 * <p>Errors, in this order: EINVAL for a negative offset of the p-variants; EBADF for a descriptor
 * that is not open, opened with O_PATH or not for this direction; ESPIPE for an offset in a stream;
 * EINVAL and EFAULT for an iovec array; EFAULT for a range outside of user space; then what the
 * file says. A transfer is cut to 0x7ffff000 bytes.
 */
@SyscallHandlers
final class ReadWriteSyscalls {

    /** RWF_* of linux/fs.h. */
    private static final int RWF_HIPRI = 1;

    private static final int RWF_DSYNC = 2;
    private static final int RWF_SYNC = 4;
    private static final int RWF_NOWAIT = 8;
    private static final int RWF_APPEND = 16;
    private static final int RWF_NOAPPEND = 32;

    private static final int RWF_SERVED =
            RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND;

    private ReadWriteSyscalls() {}

    @Syscall(number = 0, name = "read")
    static long read(
            Task task, @Arg(FD) int fd, @Arg(BUFFER_OUT) long buffer, @Arg(SIZE) long count)
            throws ErrnoException {
        FileDescription file = reader(task, fd);
        try {
            return Transfer.read(task, file, range(task, buffer, count), false);
        } finally {
            file.release();
        }
    }

    @Syscall(number = 1, name = "write")
    static long write(
            Task task, @Arg(FD) int fd, @Arg(BUFFER_IN) long buffer, @Arg(SIZE) long count)
            throws ErrnoException {
        FileDescription file = writer(task, fd);
        try {
            return Transfer.write(task, file, range(task, buffer, count), false);
        } finally {
            file.release();
        }
    }

    @Syscall(number = 17, name = "pread64")
    static long pread64(
            Task task,
            @Arg(FD) int fd,
            @Arg(BUFFER_OUT) long buffer,
            @Arg(SIZE) long count,
            @Arg(OFFSET) long offset)
            throws ErrnoException {
        checkOffset(offset);
        FileDescription file = seekableReader(task, fd);
        try {
            return Transfer.readAt(
                    task, file, endChecked(range(task, buffer, count), offset), offset);
        } finally {
            file.release();
        }
    }

    @Syscall(number = 18, name = "pwrite64")
    static long pwrite64(
            Task task,
            @Arg(FD) int fd,
            @Arg(BUFFER_IN) long buffer,
            @Arg(SIZE) long count,
            @Arg(OFFSET) long offset)
            throws ErrnoException {
        checkOffset(offset);
        FileDescription file = seekableWriter(task, fd);
        try {
            return Transfer.writeAt(
                    task, file, endChecked(range(task, buffer, count), offset), offset);
        } finally {
            file.release();
        }
    }

    @Syscall(number = 19, name = "readv")
    static long readv(Task task, @Arg(FD) int fd, @Arg(IOVEC_OUT) long iov, int count)
            throws ErrnoException {
        return readVector(task, fd, iov, count, 0);
    }

    @Syscall(number = 20, name = "writev")
    static long writev(Task task, @Arg(FD) int fd, @Arg(IOVEC_IN) long iov, int count)
            throws ErrnoException {
        return writeVector(task, fd, iov, count, 0);
    }

    @Syscall(number = 295, name = "preadv")
    static long preadv(
            Task task,
            @Arg(FD) int fd,
            @Arg(IOVEC_OUT) long iov,
            int count,
            @Arg(OFFSET) long offset)
            throws ErrnoException {
        checkOffset(offset);
        return readVectorAt(task, fd, iov, count, offset, 0);
    }

    @Syscall(number = 296, name = "pwritev")
    static long pwritev(
            Task task,
            @Arg(FD) int fd,
            @Arg(IOVEC_IN) long iov,
            int count,
            @Arg(OFFSET) long offset)
            throws ErrnoException {
        checkOffset(offset);
        return writeVectorAt(task, fd, iov, count, offset, 0);
    }

    @Syscall(
            number = 327,
            name = "preadv2",
            support = Support.PARTIAL,
            note = "RWF_NOWAIT affects streams only; RWF_HIPRI is a hint")
    static long preadv2(
            Task task,
            @Arg(FD) int fd,
            @Arg(IOVEC_OUT) long iov,
            int count,
            @Arg(OFFSET) long offset,
            long unusedHigh,
            @Arg(RWF_FLAGS) int flags)
            throws ErrnoException {
        if (offset != -1) {
            checkOffset(offset);
        }
        return offset == -1
                ? readVector(task, fd, iov, count, flags)
                : readVectorAt(task, fd, iov, count, offset, flags);
    }

    @Syscall(
            number = 328,
            name = "pwritev2",
            support = Support.PARTIAL,
            note = "RWF_NOWAIT affects streams only; RWF_APPEND needs an explicit offset; "
                    + "RWF_HIPRI is a hint")
    static long pwritev2(
            Task task,
            @Arg(FD) int fd,
            @Arg(IOVEC_IN) long iov,
            int count,
            @Arg(OFFSET) long offset,
            long unusedHigh,
            @Arg(RWF_FLAGS) int flags)
            throws ErrnoException {
        if (offset != -1) {
            checkOffset(offset);
        }
        long n = offset == -1
                ? writeVector(task, fd, iov, count, flags)
                : writeVectorAt(task, fd, iov, count, offset, flags);
        if (n > 0 && (flags & (RWF_DSYNC | RWF_SYNC)) != 0) {
            FileDescription file = writer(task, fd);
            try {
                file.sync(task, (flags & RWF_SYNC) == 0);
            } finally {
                file.release();
            }
        }
        return n;
    }

    /** The flags come after the vector, and do not count for nothing to transfer. */
    private static void checkReadWriteFlags(int flags) throws ErrnoException {
        if ((flags & ~RWF_SERVED) != 0) {
            throw Errno.EOPNOTSUPP.exception();
        }
        if ((flags & (RWF_APPEND | RWF_NOAPPEND)) == (RWF_APPEND | RWF_NOAPPEND)) {
            throw Errno.EINVAL.exception();
        }
    }

    private static long readVector(Task task, int fd, long iov, int count, int flags)
            throws ErrnoException {
        FileDescription file = reader(task, fd);
        try {
            IovIter to = vector(task, iov, count);
            if (to.remaining() == 0) {
                return 0;
            }
            checkReadWriteFlags(flags);
            return Transfer.read(task, file, to, (flags & RWF_NOWAIT) != 0);
        } finally {
            file.release();
        }
    }

    private static long readVectorAt(Task task, int fd, long iov, int count, long offset, int flags)
            throws ErrnoException {
        FileDescription file = seekableReader(task, fd);
        try {
            IovIter to = vector(task, iov, count);
            if (to.remaining() == 0) {
                return 0;
            }
            endChecked(to, offset);
            checkReadWriteFlags(flags);
            return Transfer.readAt(task, file, to, offset);
        } finally {
            file.release();
        }
    }

    private static long writeVector(Task task, int fd, long iov, int count, int flags)
            throws ErrnoException {
        FileDescription file = writer(task, fd);
        try {
            IovIter from = vector(task, iov, count);
            if (from.remaining() == 0) {
                return 0;
            }
            checkReadWriteFlags(flags);
            return Transfer.write(task, file, from, (flags & RWF_NOWAIT) != 0);
        } finally {
            file.release();
        }
    }

    private static long writeVectorAt(
            Task task, int fd, long iov, int count, long offset, int flags) throws ErrnoException {
        FileDescription file = seekableWriter(task, fd);
        try {
            IovIter from = vector(task, iov, count);
            if (from.remaining() == 0) {
                return 0;
            }
            endChecked(from, offset);
            checkReadWriteFlags(flags);
            if ((flags & RWF_NOAPPEND) != 0) {
                return Transfer.writeAtExactly(task, file, from, offset);
            }
            return (flags & RWF_APPEND) != 0
                    ? Transfer.writeAtExactly(task, file, from, Transfer.sizeOf(task, file))
                    : Transfer.writeAt(task, file, from, offset);
        } finally {
            file.release();
        }
    }

    private static void checkOffset(long offset) throws ErrnoException {
        if (offset < 0) {
            throw Errno.EINVAL.exception();
        }
    }

    private static FileDescription reader(Task task, int fd) throws ErrnoException {
        FileDescription file = task.files().acquire(fd);
        if (!file.isReadable()) {
            file.release();
            throw Errno.EBADF.exception();
        }
        return file;
    }

    private static FileDescription writer(Task task, int fd) throws ErrnoException {
        FileDescription file = task.files().acquire(fd);
        if (!file.isWritable()) {
            file.release();
            throw Errno.EBADF.exception();
        }
        return file;
    }

    private static FileDescription seekableReader(Task task, int fd) throws ErrnoException {
        FileDescription file = seekable(task, fd);
        if (!file.isReadable()) {
            file.release();
            throw Errno.EBADF.exception();
        }
        return file;
    }

    private static FileDescription seekableWriter(Task task, int fd) throws ErrnoException {
        FileDescription file = seekable(task, fd);
        if (!file.isWritable()) {
            file.release();
            throw Errno.EBADF.exception();
        }
        return file;
    }

    /** ESPIPE comes before the access mode's EBADF. */
    private static FileDescription seekable(Task task, int fd) throws ErrnoException {
        FileDescription file = task.files().acquireForIo(fd);
        if (!file.isSeekable()) {
            file.release();
            throw Errno.ESPIPE.exception();
        }
        return file;
    }

    private static IovIter range(Task task, long address, long length) throws ErrnoException {
        UserArgs.checkRange(address, length);
        return task.memory().iter(address, Math.min(length, UserArgs.MAX_RW_COUNT));
    }

    /** EINVAL if the transfer would end behind the largest offset. // rw_verify_area */
    private static IovIter endChecked(IovIter iter, long offset) throws ErrnoException {
        if (offset + iter.remaining() < 0) {
            throw Errno.EINVAL.exception();
        }
        return iter;
    }

    private static IovIter vector(Task task, long iov, int count) throws ErrnoException {
        IovIter iter = task.memory().iterVector(iov, count);
        iter.truncate(UserArgs.MAX_RW_COUNT);
        return iter;
    }
}
