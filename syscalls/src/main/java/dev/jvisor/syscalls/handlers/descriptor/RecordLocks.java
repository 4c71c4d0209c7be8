// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.descriptor;

import dev.jvisor.fs.lock.FileLocks;
import dev.jvisor.fs.lock.LockWaiters;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.FlockStruct;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.syscalls.handlers.Transfer;

/** Record locks of fcntl(2): between {@code struct flock} and the inode's locks. */
final class RecordLocks {

    /** A {@code struct flock} with the range made absolute, both ends included. */
    private record Request(int type, long start, long end) {}

    private RecordLocks() {}

    /** F_GETLK, F_OFD_GETLK: tells of a lock that is in the way, or F_UNLCK. */
    static long get(Task task, FileDescription file, boolean ofd, long address)
            throws ErrnoException {
        byte[] flock = copyIn(task, address);
        int type = LittleEndian.getUnsignedShort(flock, FlockStruct.TYPE);
        if (!ofd && type != Fcntl.F_RDLCK && type != Fcntl.F_WRLCK) {
            throw Errno.EINVAL.exception();
        }
        Request request = decode(task, file, flock, ofd);
        if (request.type == Fcntl.F_UNLCK) {
            throw Errno.EINVAL.exception();
        }
        FileLocks.RecordLock lock = file.inode()
                .locks()
                .findConflict(owner(task, file, ofd), request.type, request.start, request.end);
        if (lock == null) {
            LittleEndian.putShort(flock, FlockStruct.TYPE, Fcntl.F_UNLCK);
        } else {
            boolean open = lock.end() == FileLocks.END_MAX;
            LittleEndian.putShort(flock, FlockStruct.TYPE, lock.type());
            LittleEndian.putShort(flock, FlockStruct.WHENCE, Fcntl.SEEK_SET);
            LittleEndian.putLong(flock, FlockStruct.START, lock.start());
            LittleEndian.putLong(flock, FlockStruct.LEN, open ? 0 : lock.end() - lock.start() + 1);
            LittleEndian.putInt(flock, FlockStruct.PID, lock.processId());
        }
        task.memory().copyOut(address, flock, 0, flock.length);
        return 0;
    }

    /** F_SETLK and F_OFD_SETLK (EAGAIN) or, with {@code wait}, F_SETLKW and F_OFD_SETLKW. */
    static long set(Task task, FileDescription file, boolean ofd, long address, boolean wait)
            throws ErrnoException {
        Request request = decode(task, file, copyIn(task, address), ofd);
        if (request.type == Fcntl.F_RDLCK && !file.isReadable()
                || request.type == Fcntl.F_WRLCK && !file.isWritable()) {
            throw Errno.EBADF.exception();
        }
        FileLocks locks = file.inode().locks();
        locks.checkRoom();
        if (attempt(task, file, locks, request, ofd)) {
            return 0;
        }
        if (!wait) {
            throw Errno.EAGAIN.exception();
        }
        WaitQueue.Entry entry = task.newWaitEntry(Poll.POLLIN);
        locks.waitQueue().add(entry);
        try {
            while (!attemptOrWait(task, file, locks, request, ofd)) {
                task.sleep(Long.MAX_VALUE);
            }
        } finally {
            locks.waitQueue().remove(entry);
            if (!ofd) {
                LockWaiters.all().done(task.fileTableOwner());
            }
        }
        return 0;
    }

    private static boolean attempt(
            Task task, FileDescription file, FileLocks locks, Request request, boolean ofd) {
        return locks.setRecord(
                owner(task, file, ofd),
                request.type,
                request.start,
                request.end,
                ofd ? -1 : task.processId());
    }

    /** As {@link #attempt}; EDEADLK if processes would wait for each other (not for OFD locks). */
    private static boolean attemptOrWait(
            Task task, FileDescription file, FileLocks locks, Request request, boolean ofd)
            throws ErrnoException {
        if (ofd) {
            return attempt(task, file, locks, request, true);
        }
        return LockWaiters.all()
                .setOrWait(
                        locks,
                        task.fileTableOwner(),
                        request.type,
                        request.start,
                        request.end,
                        task.processId());
    }

    private static Object owner(Task task, FileDescription file, boolean ofd) {
        return ofd ? file : task.fileTableOwner();
    }

    private static byte[] copyIn(Task task, long address) throws ErrnoException {
        byte[] flock = new byte[FlockStruct.SIZE];
        task.memory().copyIn(address, flock, 0, flock.length);
        return flock;
    }

    /** Linux: flock64_to_posix_lock. EINVAL, EOVERFLOW. */
    private static Request decode(Task task, FileDescription file, byte[] flock, boolean ofd)
            throws ErrnoException {
        long base = switch (LittleEndian.getUnsignedShort(flock, FlockStruct.WHENCE)) {
            case Fcntl.SEEK_SET -> 0;
            case Fcntl.SEEK_CUR -> file.position();
            case Fcntl.SEEK_END -> Transfer.sizeOf(task, file);
            default -> throw Errno.EINVAL.exception();
        };
        long offset = LittleEndian.getLong(flock, FlockStruct.START);
        if (offset > Long.MAX_VALUE - base) {
            throw Errno.EOVERFLOW.exception();
        }
        long start = base + offset;
        if (start < 0) {
            throw Errno.EINVAL.exception();
        }
        long length = LittleEndian.getLong(flock, FlockStruct.LEN);
        long end = FileLocks.END_MAX;
        if (length > 0) {
            if (length - 1 > Long.MAX_VALUE - start) {
                throw Errno.EOVERFLOW.exception();
            }
            end = start + length - 1;
        } else if (length < 0) {
            if (start + length < 0) {
                throw Errno.EINVAL.exception();
            }
            end = start - 1;
            start += length;
        }
        int type = LittleEndian.getUnsignedShort(flock, FlockStruct.TYPE);
        if (type > Fcntl.F_UNLCK || ofd && LittleEndian.getInt(flock, FlockStruct.PID) != 0) {
            throw Errno.EINVAL.exception();
        }
        return new Request(type, start, end);
    }
}
