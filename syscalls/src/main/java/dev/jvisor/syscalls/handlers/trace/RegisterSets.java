// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.trace;

import static dev.jvisor.platform.abi.Ptrace.PTRACE_GETFPREGS;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_GETREGS;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_GETREGSET;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SETFPREGS;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SETREGS;

import dev.jvisor.kernel.ptrace.TraceLinks;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

/** Transfer of whole register sets between a tracer's memory and a stopped tracee. */
final class RegisterSets {

    private static final int NT_PRSTATUS = 1;
    private static final int NT_PRFPREG = 2;
    private static final int NT_X86_XSTATE = 0x202;
    private static final int IOVEC_LENGTH = 8;

    private RegisterSets() {}

    static void transfer(Task task, Task tracee, int request, long address, long data)
            throws ErrnoException {
        switch (request) {
            case PTRACE_GETREGS -> get(task, general(task, tracee), data, Registers.SIZE);
            case PTRACE_SETREGS -> setGeneral(task, tracee, data, Registers.SIZE);
            case PTRACE_GETFPREGS ->
                get(task, TraceeExtra.vectorState(task, tracee), data, TraceeExtra.FPREGS_SIZE);
            case PTRACE_SETFPREGS -> setLegacy(task, tracee, data, TraceeExtra.FPREGS_SIZE);
            default -> regset(task, tracee, request == PTRACE_GETREGSET, (int) address, data);
        }
    }

    /** {@code data} is a {@code struct iovec}; its length becomes what was transferred. */
    private static void regset(Task task, Task tracee, boolean get, int type, long data)
            throws ErrnoException {
        long base = task.memory().getLong(data);
        long length = task.memory().getLong(data + IOVEC_LENGTH);
        if (type != NT_PRSTATUS && type != NT_PRFPREG && type != NT_X86_XSTATE
                || (length & Long.BYTES - 1) != 0) {
            throw Errno.EINVAL.exception();
        }
        byte[] now =
                type == NT_PRSTATUS ? general(task, tracee) : TraceeExtra.vectorState(task, tracee);
        int full = type == NT_PRFPREG ? TraceeExtra.FPREGS_SIZE : now.length;
        int taken = (int) Math.max(0, Math.min(length < 0 ? full : length, full));
        if (get) {
            get(task, now, base, taken);
        } else if (type == NT_PRSTATUS) {
            setGeneral(task, tracee, base, taken);
        } else if (type == NT_PRFPREG) {
            setLegacy(task, tracee, base, taken);
        } else {
            if (taken != full) {
                throw Errno.EFAULT.exception();
            }
            byte[] state = new byte[full];
            task.memory().copyIn(base, state, 0, full);
            TraceeExtra.setVectorState(task, tracee, state);
        }
        task.memory().putLong(data + IOVEC_LENGTH, taken);
    }

    private static void get(Task task, byte[] bytes, long address, int length)
            throws ErrnoException {
        task.memory().copyOut(address, bytes, 0, length);
    }

    private static byte[] general(Task task, Task tracee) throws ErrnoException {
        Registers r = TraceLinks.registers(task, tracee);
        byte[] bytes = new byte[Registers.SIZE];
        for (int i = 0; i < TraceeRegisters.COUNT; i++) {
            LittleEndian.putLong(bytes, i * Long.BYTES, TraceeRegisters.get(r, i));
        }
        return bytes;
    }

    private static void setGeneral(Task task, Task tracee, long address, int length)
            throws ErrnoException {
        byte[] bytes = new byte[Registers.SIZE];
        task.memory().copyIn(address, bytes, 0, length);
        Registers r = TraceLinks.registers(task, tracee);
        for (int i = 0; i < length / Long.BYTES; i++) {
            TraceeRegisters.set(r, i, LittleEndian.getLong(bytes, i * Long.BYTES));
        }
    }

    private static void setLegacy(Task task, Task tracee, long address, int length)
            throws ErrnoException {
        byte[] state = new byte[TraceeExtra.FPREGS_SIZE];
        if (length < TraceeExtra.FPREGS_SIZE) {
            byte[] now = TraceeExtra.vectorState(task, tracee);
            System.arraycopy(now, 0, state, 0, state.length);
        }
        task.memory().copyIn(address, state, 0, length);
        TraceeExtra.setLegacyState(task, tracee, state);
    }
}
