// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.memory;

import static dev.jvisor.platform.abi.Mman.MAP_ANONYMOUS;
import static dev.jvisor.platform.abi.Mman.PROT_EXEC;
import static dev.jvisor.platform.abi.Mman.PROT_READ;
import static dev.jvisor.platform.abi.Mman.PROT_WRITE;
import static dev.jvisor.syscalls.annotation.Arg.Format.FD;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.INT;
import static dev.jvisor.syscalls.annotation.Arg.Format.MADVICE;
import static dev.jvisor.syscalls.annotation.Arg.Format.MAP_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.MLOCKALL_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.MREMAP_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.MSYNC_FLAGS;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.PROT;
import static dev.jvisor.syscalls.annotation.Arg.Format.SIZE;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.MountFlags;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;
import dev.jvisor.syscalls.handlers.UserArgs;

/**
 * mmap(2), munmap(2), mprotect(2), mremap(2), madvise(2), brk(2), msync(2), mincore(2), mlock(2),
 * pkey_mprotect(2) and their relatives.
 */
@SyscallHandlers
final class MmapSyscalls {

    private static final int PAGE_SIZE = 4096;
    private static final long PAGE_MASK = PAGE_SIZE - 1;

    private MmapSyscalls() {}

    /**
     * mmap(2).
     *
     * <p>Errors, in this order: EINVAL for an offset that is not page-aligned; EBADF; EINVAL for
     * length 0; EACCES for a file that was not opened for reading; then what the memory manager
     * checks. ENODEV for a file that cannot be mapped.
     */
    @Syscall(number = 9, name = "mmap")
    static long mmap(
            Task task,
            @Arg(POINTER) long address,
            @Arg(SIZE) long length,
            @Arg(PROT) int protection,
            @Arg(MAP_FLAGS) int flags,
            @Arg(FD) int fd,
            @Arg(HEX) long offset)
            throws ErrnoException {
        if ((offset & PAGE_MASK) != 0) {
            throw Errno.EINVAL.exception();
        }
        if ((flags & MAP_ANONYMOUS) != 0) {
            return task.memory().mmap(address, length, protection, flags, null, offset);
        }
        FileDescription file = task.files().acquireForIo(fd);
        try {
            if (length == 0) {
                throw Errno.EINVAL.exception();
            }
            if (!file.isReadable()) {
                throw Errno.EACCES.exception();
            }
            long at = task.memory()
                    .mmap(
                            address,
                            length,
                            protection,
                            flags,
                            file.mappable(task),
                            offset,
                            maxProtection(task, file, protection, flags));
            boolean writes = (protection & PROT_WRITE) != 0 && (flags & Mman.MAP_SHARED) != 0;
            if (writes && isSealed(task, file)) { // meanwhile
                task.memory().munmap(at, length);
                throw Errno.EPERM.exception();
            }
            return at;
        } finally {
            file.release();
        }
    }

    /** What mprotect may later give a mapping of a file that is open for reading at least. */
    private static int maxProtection(Task task, FileDescription file, int protection, int flags)
            throws ErrnoException {
        VfsPath path = file.path();
        boolean noExec = path != null && (path.mount().flags() & MountFlags.MS_NOEXEC) != 0;
        boolean writable = file.isWritable();
        if (writable && (flags & Mman.MAP_SHARED) != 0 && isSealed(task, file)) {
            if ((protection & PROT_WRITE) != 0) {
                throw Errno.EPERM.exception();
            }
            writable = false;
        }
        return PROT_READ | (writable ? PROT_WRITE : 0) | (noExec ? 0 : PROT_EXEC);
    }

    /** Whether a memfd is sealed against writing. */
    private static boolean isSealed(Task task, FileDescription file) {
        try {
            long seals = file.fcntl(task, Fcntl.F_GET_SEALS, 0);
            return (seals & (Fcntl.F_SEAL_WRITE | Fcntl.F_SEAL_FUTURE_WRITE)) != 0;
        } catch (ErrnoException e) {
            return false;
        }
    }

    @Syscall(number = 11, name = "munmap")
    static long munmap(Task task, @Arg(POINTER) long address, @Arg(SIZE) long length)
            throws ErrnoException {
        task.memory().munmap(address, length);
        return 0;
    }

    @Syscall(number = 10, name = "mprotect")
    static long mprotect(
            Task task,
            @Arg(POINTER) long address,
            @Arg(SIZE) long length,
            @Arg(PROT) int protection)
            throws ErrnoException {
        task.memory().mprotect(address, length, protection);
        return 0;
    }

    @Syscall(number = 25, name = "mremap")
    static long mremap(
            Task task,
            @Arg(POINTER) long oldAddress,
            @Arg(SIZE) long oldLength,
            @Arg(SIZE) long newLength,
            @Arg(MREMAP_FLAGS) int flags,
            @Arg(POINTER) long newAddress)
            throws ErrnoException {
        return task.memory().mremap(oldAddress, oldLength, newLength, flags, newAddress);
    }

    @Syscall(
            number = 28,
            name = "madvise",
            support = Support.PARTIAL,
            note = "no huge pages, no guard pages; of hints the flags are kept")
    static long madvise(
            Task task, @Arg(POINTER) long address, @Arg(SIZE) long length, @Arg(MADVICE) int advice)
            throws ErrnoException {
        task.memory().madvise(address, length, advice);
        return 0;
    }

    @Syscall(number = 12, name = "brk")
    static long brk(Task task, @Arg(POINTER) long address) {
        return task.memory().brk(address);
    }

    @Syscall(number = 26, name = "msync")
    static long msync(
            Task task,
            @Arg(POINTER) long address,
            @Arg(SIZE) long length,
            @Arg(MSYNC_FLAGS) int flags)
            throws ErrnoException {
        task.memory().msync(address, length, flags);
        return 0;
    }

    /** mincore(2): EINVAL for an unaligned address; ENOMEM; EFAULT. */
    @Syscall(number = 27, name = "mincore")
    static long mincore(
            Task task,
            @Arg(POINTER) long address,
            @Arg(SIZE) long length,
            @Arg(POINTER) long vector)
            throws ErrnoException {
        if ((address & PAGE_MASK) != 0) {
            throw Errno.EINVAL.exception();
        }
        if (length < 0 || address < 0 || address > UserArgs.TASK_SIZE - length) {
            throw Errno.ENOMEM.exception();
        }
        long pages = (length + PAGE_MASK) / PAGE_SIZE;
        UserArgs.checkRange(vector, pages);
        byte[] answer = new byte[PAGE_SIZE];
        for (long done = 0; done < pages; ) {
            int count = (int) Math.min(pages - done, answer.length);
            task.memory().mincore(address + done * PAGE_SIZE, (long) count * PAGE_SIZE, answer);
            task.memory().copyOut(vector + done, answer, 0, count);
            done += count;
            if (task.isExiting()) {
                throw Errno.EINTR.exception();
            }
        }
        return 0;
    }

    /** EPERM, ENOMEM, EAGAIN, EINVAL. */
    @Syscall(number = 149, name = "mlock")
    static long mlock(Task task, @Arg(POINTER) long address, @Arg(SIZE) long length)
            throws ErrnoException {
        task.memory().lock(address, length, false);
        return 0;
    }

    /** EINVAL for flags, then as mlock(2). */
    @Syscall(number = 325, name = "mlock2")
    static long mlock2(
            Task task, @Arg(POINTER) long address, @Arg(SIZE) long length, @Arg(HEX) int flags)
            throws ErrnoException {
        UserArgs.checkFlags(flags, Mman.MLOCK_ONFAULT);
        task.memory().lock(address, length, flags != 0);
        return 0;
    }

    /** ENOMEM, EINVAL. */
    @Syscall(number = 150, name = "munlock")
    static long munlock(Task task, @Arg(POINTER) long address, @Arg(SIZE) long length)
            throws ErrnoException {
        task.memory().unlock(address, length);
        return 0;
    }

    /** EINVAL for flags; EPERM, ENOMEM. */
    @Syscall(number = 151, name = "mlockall")
    static long mlockall(Task task, @Arg(MLOCKALL_FLAGS) int flags) throws ErrnoException {
        UserArgs.checkFlags(flags, Mman.MCL_CURRENT | Mman.MCL_FUTURE | Mman.MCL_ONFAULT);
        if (flags == 0 || flags == Mman.MCL_ONFAULT) {
            throw Errno.EINVAL.exception();
        }
        task.memory().lockAll(flags);
        return 0;
    }

    @Syscall(number = 152, name = "munlockall")
    static long munlockall(Task task) {
        task.memory().unlockAll();
        return 0;
    }

    /**
     * pkey_mprotect(2) on a processor without protection keys: key -1 is mprotect(2), any other is
     * EINVAL.
     */
    @Syscall(number = 329, name = "pkey_mprotect")
    static long pkeyMprotect(
            Task task,
            @Arg(POINTER) long address,
            @Arg(SIZE) long length,
            @Arg(PROT) int protection,
            @Arg(INT) int key)
            throws ErrnoException {
        if (key != -1) {
            throw Errno.EINVAL.exception();
        }
        task.memory().mprotect(address, length, protection);
        return 0;
    }

    /** pkey_alloc(2): EINVAL, as Linux answers where the processor has no keys. */
    @Syscall(number = 330, name = "pkey_alloc")
    static long pkeyAlloc(Task task, @Arg(HEX) long flags, @Arg(HEX) long rights)
            throws ErrnoException {
        throw Errno.EINVAL.exception();
    }

    /** pkey_free(2): EINVAL, as no key can have been allocated. */
    @Syscall(number = 331, name = "pkey_free")
    static long pkeyFree(Task task, @Arg(INT) int key) throws ErrnoException {
        throw Errno.EINVAL.exception();
    }
}
