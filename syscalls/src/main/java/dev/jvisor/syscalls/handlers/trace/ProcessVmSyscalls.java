// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.trace;

import static dev.jvisor.syscalls.annotation.Arg.Format.PID;
import static dev.jvisor.syscalls.annotation.Arg.Format.POINTER;
import static dev.jvisor.syscalls.annotation.Arg.Format.UNSIGNED;

import dev.jvisor.kernel.ptrace.TraceAccess;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * process_vm_readv(2), process_vm_writev(2): copies between the memories of two processes.
 *
 * <p>Errors: EINVAL for flags, counts, lengths; EFAULT for the vectors and, if nothing was copied,
 * for the memory; ESRCH; EPERM.
 */
@SyscallHandlers
final class ProcessVmSyscalls {

    private static final int IOVEC_SIZE = 16;
    private static final int IOV_MAX = 1024;
    private static final int CHUNK = 64 << 10;

    private ProcessVmSyscalls() {}

    @Syscall(number = 310, name = "process_vm_readv")
    static long processVmReadv(
            Task task,
            @Arg(PID) int pid,
            @Arg(POINTER) long local,
            @Arg(UNSIGNED) long localCount,
            @Arg(POINTER) long remote,
            @Arg(UNSIGNED) long remoteCount,
            @Arg(UNSIGNED) long flags)
            throws ErrnoException {
        return transfer(task, pid, local, localCount, remote, remoteCount, flags, false);
    }

    @Syscall(number = 311, name = "process_vm_writev")
    static long processVmWritev(
            Task task,
            @Arg(PID) int pid,
            @Arg(POINTER) long local,
            @Arg(UNSIGNED) long localCount,
            @Arg(POINTER) long remote,
            @Arg(UNSIGNED) long remoteCount,
            @Arg(UNSIGNED) long flags)
            throws ErrnoException {
        return transfer(task, pid, local, localCount, remote, remoteCount, flags, true);
    }

    private static long transfer(
            Task task,
            int pid,
            long local,
            long localCount,
            long remote,
            long remoteCount,
            long flags,
            boolean write)
            throws ErrnoException {
        if (flags != 0 || Long.compareUnsigned(localCount, IOV_MAX) > 0) {
            throw Errno.EINVAL.exception();
        }
        IovIter own = task.memory().iterVector(local, (int) localCount);
        if (own.remaining() == 0) {
            return 0;
        }
        long[] ranges = remoteRanges(task, remote, remoteCount);
        if (ranges.length == 0) {
            return 0;
        }
        Task target = task.pids().task(pid);
        if (target == null) {
            throw Errno.ESRCH.exception();
        }
        MemoryManager memory = target.memoryOrNull();
        if (memory == null) {
            throw Errno.ESRCH.exception();
        }
        if (!TraceAccess.mayAttach(task, target)) {
            throw Errno.EPERM.exception();
        }
        long done = copy(own, memory, ranges, write);
        if (done == 0 && hasBytes(ranges)) {
            throw Errno.EFAULT.exception();
        }
        return done;
    }

    /** Address and length of each part. EINVAL for lengths that are negative or too long. */
    private static long[] remoteRanges(Task task, long address, long count) throws ErrnoException {
        if (Long.compareUnsigned(count, IOV_MAX) > 0) {
            throw Errno.EINVAL.exception();
        }
        byte[] raw = new byte[(int) count * IOVEC_SIZE];
        task.memory().copyIn(address, raw, 0, raw.length);
        long[] ranges = new long[2 * (int) count];
        for (int i = 0; i < ranges.length; i++) {
            ranges[i] = LittleEndian.getLong(raw, i * Long.BYTES);
            if ((i & 1) != 0 && ranges[i] < 0) {
                throw Errno.EINVAL.exception();
            }
        }
        return ranges;
    }

    private static boolean hasBytes(long[] ranges) {
        for (int i = 1; i < ranges.length; i += 2) {
            if (ranges[i] != 0) {
                return true;
            }
        }
        return false;
    }

    private static long copy(IovIter own, MemoryManager memory, long[] ranges, boolean write)
            throws ErrnoException {
        byte[] buffer = new byte[(int) Math.min(CHUNK, own.remaining())];
        long done = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            long offset = 0;
            while (offset < ranges[i + 1] && own.remaining() > 0) {
                long left = Math.min(ranges[i + 1] - offset, own.remaining());
                int wanted = (int) Math.min(buffer.length, left);
                int moved;
                if (write) {
                    int taken = own.copyFrom(buffer, 0, wanted);
                    moved = memory.writeRemote(ranges[i] + offset, buffer, 0, taken, false);
                } else {
                    int got = memory.readRemote(ranges[i] + offset, buffer, 0, wanted, false);
                    moved = got == 0 ? 0 : own.copyTo(buffer, 0, got);
                }
                done += moved;
                offset += moved;
                if (moved < wanted) {
                    return done;
                }
            }
        }
        return done;
    }
}
