// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Ptrace;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.host.Sys;

/**
 * Debug registers of a stub thread that nobody traces: the calling thread attaches for a moment.
 * The host keeps what was set (its breakpoints) when the tracer goes.
 */
public final class DebugRegisters {

    private static final int USER_OFFSET = 848;
    private static final int WALL = 0x40000000;
    private static final int STATUS_OFFSET = 8;

    private DebugRegisters() {}

    /** Sets one; EINVAL and so on as the host answers, EIO if it allows no tracing. */
    public static void set(int tid, int index, long value) throws ErrnoException {
        access(tid, Ptrace.PTRACE_POKEUSR, index, value);
    }

    /** Reads one. */
    public static long get(int tid, int index) throws ErrnoException {
        return access(tid, Ptrace.PTRACE_PEEKUSR, index, 0);
    }

    private static long access(int tid, int request, int index, long value) throws ErrnoException {
        if (Host.syscall(Sys.PTRACE, Ptrace.PTRACE_SEIZE, tid, 0, 0) != 0) {
            throw Errno.EIO.exception();
        }
        NativeBuffer buffer = NativeBuffer.scratch();
        long status = buffer.address() + STATUS_OFFSET;
        Host.syscall(Sys.PTRACE, Ptrace.PTRACE_INTERRUPT, tid, 0, 0);
        if (HostProcess.wait4(tid, status, WALL) < 0 || (RawMemory.getInt(status) & 0xff) != 0x7f) {
            throw Errno.EIO.exception();
        }
        long offset = USER_OFFSET + (long) index * Long.BYTES;
        boolean set = request == Ptrace.PTRACE_POKEUSR;
        long data = set ? value : buffer.address();
        long result = Host.syscall(Sys.PTRACE, request, tid, offset, data);
        // What stopped it first may have been a signal, which it must not lose.
        int signal = RawMemory.getInt(status) >> 16 != 0 ? 0 : RawMemory.getInt(status) >> 8;
        Host.syscall(Sys.PTRACE, Ptrace.PTRACE_DETACH, tid, 0, signal);
        if (Host.isError(result)) {
            throw Host.exception(result);
        }
        return RawMemory.getLong(buffer.address());
    }
}
