// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.trace;

import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENTMSG_SYSCALL_ENTRY;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENTMSG_SYSCALL_EXIT;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENT_SECCOMP;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SYSCALL_INFO_ENTRY;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SYSCALL_INFO_EXIT;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SYSCALL_INFO_NONE;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SYSCALL_INFO_SECCOMP;
import static dev.jvisor.platform.abi.Signals.SIGTRAP;

import dev.jvisor.kernel.ptrace.TraceLinks;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.seccomp.BpfProgram;

/**
 * PTRACE_GET_SYSCALL_INFO: {@code struct ptrace_syscall_info} of linux/ptrace.h.
 *
 * <pre>
 *   0 op (1 byte)   4 arch   8 instruction pointer   16 stack pointer   then by op
 *   entry:    24 number   32 six arguments
 *   exit:     24 result   32 is_error (1 byte)
 *   seccomp:  as entry    80 the filter's data
 * </pre>
 */
final class CallInfo {

    private static final int SIZE = 88;
    private static final int SIZE_NONE = 24;
    private static final int SIZE_ENTRY = 80;
    private static final int SIZE_EXIT = 33;
    private static final int SIZE_SECCOMP = 84;
    private static final int SYSCALL_GOOD = SIGTRAP | 0x80;
    private static final long ERROR_MIN = -4095;

    private CallInfo() {}

    /** Writes as much as fits; returns the size of all. */
    static long write(Task task, Task tracee, long size, long address) throws ErrnoException {
        Registers r = TraceLinks.registers(task, tracee);
        int code = TraceLinks.infoCode(task, tracee);
        long message = TraceLinks.message(task, tracee);
        byte[] b = new byte[SIZE];
        LittleEndian.putInt(b, 4, BpfProgram.AUDIT_ARCH_X86_64);
        LittleEndian.putLong(b, 8, r.rip);
        LittleEndian.putLong(b, 16, r.rsp);
        int op = PTRACE_SYSCALL_INFO_NONE;
        int length = SIZE_NONE;
        if (code == SYSCALL_GOOD && message == PTRACE_EVENTMSG_SYSCALL_ENTRY) {
            op = PTRACE_SYSCALL_INFO_ENTRY;
            length = SIZE_ENTRY;
            call(b, r);
        } else if (code == SYSCALL_GOOD && message == PTRACE_EVENTMSG_SYSCALL_EXIT) {
            op = PTRACE_SYSCALL_INFO_EXIT;
            length = SIZE_EXIT;
            LittleEndian.putLong(b, 24, r.rax);
            b[32] = (byte) (r.rax < 0 && r.rax >= ERROR_MIN ? 1 : 0);
        } else if (code == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
            op = PTRACE_SYSCALL_INFO_SECCOMP;
            length = SIZE_SECCOMP;
            call(b, r);
            LittleEndian.putInt(b, 80, (int) message);
        }
        b[0] = (byte) op;
        int copied = Long.compareUnsigned(size, length) < 0 ? (int) size : length;
        task.memory().copyOut(address, b, 0, copied);
        return length;
    }

    private static void call(byte[] b, Registers r) {
        LittleEndian.putLong(b, 24, (int) r.origRax);
        LittleEndian.putLong(b, 32, r.rdi);
        LittleEndian.putLong(b, 40, r.rsi);
        LittleEndian.putLong(b, 48, r.rdx);
        LittleEndian.putLong(b, 56, r.r10);
        LittleEndian.putLong(b, 64, r.r8);
        LittleEndian.putLong(b, 72, r.r9);
    }
}
