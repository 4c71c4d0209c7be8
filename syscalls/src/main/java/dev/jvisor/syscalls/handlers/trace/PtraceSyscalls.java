// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.trace;

import static dev.jvisor.platform.abi.Ptrace.PTRACE_ARCH_PRCTL;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_ATTACH;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_CONT;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_DETACH;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_GETEVENTMSG;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_GETFPREGS;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_GETREGS;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_GETREGSET;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_GETSIGINFO;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_GETSIGMASK;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_GET_SYSCALL_INFO;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_INTERRUPT;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_KILL;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_LISTEN;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_OLDSETOPTIONS;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_O_MASK;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_O_SUSPEND_SECCOMP;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_PEEKDATA;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_PEEKSIGINFO;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_PEEKSIGINFO_SHARED;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_PEEKTEXT;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_PEEKUSR;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_POKEDATA;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_POKETEXT;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_POKEUSR;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SECCOMP_GET_FILTER;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SECCOMP_GET_METADATA;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SEIZE;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SETFPREGS;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SETOPTIONS;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SETREGS;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SETREGSET;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SETSIGINFO;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SETSIGMASK;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SINGLESTEP;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SYSCALL;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SYSEMU;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_SYSEMU_SINGLESTEP;
import static dev.jvisor.platform.abi.Ptrace.PTRACE_TRACEME;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.syscalls.annotation.Arg.Format.HEX;
import static dev.jvisor.syscalls.annotation.Arg.Format.PID;

import dev.jvisor.kernel.ptrace.TraceLinks;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.SignalHandlers;
import dev.jvisor.kernel.signal.SignalSet;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Prctl;
import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.annotation.Syscall;
import dev.jvisor.syscalls.annotation.SyscallHandlers;

/**
 * ptrace(2).
 *
 * <p>Errors: ESRCH if there is no such task, it is not the caller's tracee or not stopped; EPERM
 * for what may not be traced; EIO for requests that are not served, addresses and values that
 * cannot be; EINVAL for options; EFAULT for the caller's own memory.
 */
@SyscallHandlers
final class PtraceSyscalls {

    private static final int WORD = Long.BYTES;

    /** The kernel's {@code sizeof(struct user)}, and where its debug registers are. */
    private static final int USER_SIZE = 928;

    private static final int USER_DEBUGREG = 848;
    private static final int DEBUG_REGISTERS = 8;

    private static final int PEEKSIGINFO_SIZE = 16;
    private static final int MAX_PEEK = 4096;

    private PtraceSyscalls() {}

    @Syscall(
            number = 101,
            name = "ptrace",
            support = Support.PARTIAL,
            note = "no PTRACE_SINGLEBLOCK, PTRACE_SET_SYSCALL_INFO, shadow stacks")
    static long ptrace(
            Task task,
            @Arg(HEX) long request,
            @Arg(PID) long pid,
            @Arg(HEX) long address,
            @Arg(HEX) long data)
            throws ErrnoException {
        if (request == PTRACE_TRACEME) {
            TraceLinks.traceMe(task);
            return 0;
        }
        if ((int) request != request) {
            find(task, pid);
            throw Errno.EIO.exception();
        }
        Task tracee = find(task, pid);
        switch ((int) request) {
            case PTRACE_ATTACH -> {
                TraceLinks.attach(task, tracee, false, 0);
                return 0;
            }
            case PTRACE_SEIZE -> {
                if (address != 0 || (data & ~PTRACE_O_MASK) != 0) {
                    throw Errno.EIO.exception();
                }
                checkOptions(task, data);
                TraceLinks.attach(task, tracee, true, (int) data);
                return 0;
            }
            case PTRACE_KILL -> {
                TraceLinks.check(task, tracee, true);
                Signals.sendToTask(
                        tracee,
                        SigInfo.user(
                                SIGKILL,
                                task.threadGroup().id(),
                                task.credentials().uid()));
                return 0;
            }
            case PTRACE_INTERRUPT -> {
                TraceLinks.interrupt(task, tracee);
                return 0;
            }
            default -> {
                TraceLinks.check(task, tracee, false);
                return ofStopped(task, tracee, (int) request, address, data);
            }
        }
    }

    private static Task find(Task task, long pid) throws ErrnoException {
        Task found = task.pids().task((int) pid);
        if (found == null) {
            throw Errno.ESRCH.exception();
        }
        return found;
    }

    private static long ofStopped(Task task, Task tracee, int request, long address, long data)
            throws ErrnoException {
        switch (request) {
            case PTRACE_CONT,
                    PTRACE_SYSCALL,
                    PTRACE_SINGLESTEP,
                    PTRACE_SYSEMU,
                    PTRACE_SYSEMU_SINGLESTEP -> resume(task, tracee, request, data);
            case PTRACE_DETACH -> TraceLinks.detach(task, tracee, signal(data));
            case PTRACE_LISTEN -> TraceLinks.listen(task, tracee);
            case PTRACE_PEEKTEXT, PTRACE_PEEKDATA -> {
                byte[] word = new byte[WORD];
                if (memory(task, tracee).readRemote(address, word, 0, WORD, true) < WORD) {
                    throw Errno.EIO.exception();
                }
                task.memory().copyOut(data, word, 0, WORD);
            }
            case PTRACE_POKETEXT, PTRACE_POKEDATA -> {
                byte[] word = new byte[WORD];
                LittleEndian.putLong(word, 0, data);
                if (memory(task, tracee).writeRemote(address, word, 0, WORD, true) < WORD) {
                    throw Errno.EIO.exception();
                }
            }
            case PTRACE_PEEKUSR -> task.memory().putLong(data, peekUser(task, tracee, address));
            case PTRACE_POKEUSR -> pokeUser(task, tracee, address, data);
            case PTRACE_GETREGS,
                    PTRACE_SETREGS,
                    PTRACE_GETFPREGS,
                    PTRACE_SETFPREGS,
                    PTRACE_GETREGSET,
                    PTRACE_SETREGSET -> RegisterSets.transfer(task, tracee, request, address, data);
            case PTRACE_ARCH_PRCTL -> {
                return archPrctl(task, tracee, address, data);
            }
            case PTRACE_SETOPTIONS, PTRACE_OLDSETOPTIONS -> {
                if ((data & ~PTRACE_O_MASK) != 0) {
                    throw Errno.EINVAL.exception();
                }
                checkOptions(task, data);
                TraceLinks.setOptions(task, tracee, (int) data);
            }
            default -> {
                return aboutStop(task, tracee, request, address, data);
            }
        }
        return 0;
    }

    /** Requests about the stop itself and about signals. */
    private static long aboutStop(Task task, Task tracee, int request, long address, long data)
            throws ErrnoException {
        switch (request) {
            case PTRACE_GETEVENTMSG ->
                task.memory().putLong(data, TraceLinks.message(task, tracee));
            case PTRACE_GETSIGINFO -> {
                byte[] raw = new byte[SigInfo.SIZE];
                TraceLinks.info(task, tracee).write(raw, 0);
                task.memory().copyOut(data, raw, 0, raw.length);
            }
            case PTRACE_SETSIGINFO -> {
                byte[] raw = new byte[SigInfo.SIZE];
                task.memory().copyIn(data, raw, 0, raw.length);
                int signal = LittleEndian.getInt(raw, 0);
                TraceLinks.setInfo(task, tracee, SigInfo.read(raw, 0, signal));
            }
            case PTRACE_PEEKSIGINFO -> {
                return peekInfo(task, tracee, address, data);
            }
            case PTRACE_GETSIGMASK -> {
                checkMaskSize(address);
                task.memory().putLong(data, tracee.signals().blocked());
            }
            case PTRACE_SETSIGMASK -> {
                checkMaskSize(address);
                long mask = task.memory().getLong(data);
                tracee.signals().setBlocked(mask);
            }
            case PTRACE_GET_SYSCALL_INFO -> {
                return CallInfo.write(task, tracee, address, data);
            }
            case PTRACE_SECCOMP_GET_FILTER -> {
                return FilterDump.filter(task, tracee, address, data);
            }
            case PTRACE_SECCOMP_GET_METADATA -> {
                return FilterDump.metadata(task, tracee, address, data);
            }
            default -> throw Errno.EIO.exception();
        }
        return 0;
    }

    private static void checkMaskSize(long size) throws ErrnoException {
        if (size != SignalSet.SIZE) {
            throw Errno.EINVAL.exception();
        }
    }

    /** Linux: check_ptrace_options. */
    private static void checkOptions(Task task, long options) throws ErrnoException {
        if ((options & PTRACE_O_SUSPEND_SECCOMP) != 0) {
            if (!task.credentials().has(Capabilities.CAP_SYS_ADMIN)
                    || task.seccomp() != null
                    || TraceLinks.isSeccompSuspended(task)) {
                throw Errno.EPERM.exception();
            }
        }
    }

    private static int signal(long data) throws ErrnoException {
        if (data < 0 || data > SignalHandlers.COUNT) {
            throw Errno.EIO.exception();
        }
        return (int) data;
    }

    private static void resume(Task task, Task tracee, int request, long data)
            throws ErrnoException {
        int work = switch (request) {
            case PTRACE_SYSCALL -> Task.CALL_TRACE;
            case PTRACE_SYSEMU, PTRACE_SYSEMU_SINGLESTEP -> Task.CALL_EMULATE;
            default -> 0;
        };
        boolean step = request == PTRACE_SINGLESTEP || request == PTRACE_SYSEMU_SINGLESTEP;
        TraceLinks.resume(task, tracee, work, step, signal(data));
    }

    /** The memory to peek and poke; EIO for that of a program that the tracer may not look into. */
    private static MemoryManager memory(Task task, Task tracee) throws ErrnoException {
        MemoryManager memory = tracee.memoryOrNull();
        boolean open = tracee.threadGroup().dumpable() == 1
                || TraceLinks.check(task, tracee, false).isCapable();
        if (memory == null || !open) {
            throw Errno.EIO.exception();
        }
        return memory;
    }

    private static void checkUserOffset(long address) throws ErrnoException {
        if ((address & WORD - 1) != 0 || address < 0 || address >= USER_SIZE) {
            throw Errno.EIO.exception();
        }
    }

    private static long peekUser(Task task, Task tracee, long address) throws ErrnoException {
        checkUserOffset(address);
        if (address < Registers.SIZE) {
            return TraceeRegisters.get(TraceLinks.registers(task, tracee), (int) address / WORD);
        }
        int debug = (int) (address - USER_DEBUGREG) / WORD;
        return address >= USER_DEBUGREG && debug < DEBUG_REGISTERS
                ? TraceeExtra.debugRegister(task, tracee, debug)
                : 0;
    }

    private static void pokeUser(Task task, Task tracee, long address, long data)
            throws ErrnoException {
        checkUserOffset(address);
        int debug = (int) (address - USER_DEBUGREG) / WORD;
        if (address < Registers.SIZE) {
            TraceeRegisters.set(TraceLinks.registers(task, tracee), (int) address / WORD, data);
        } else if (address >= USER_DEBUGREG && debug < DEBUG_REGISTERS) {
            TraceeExtra.setDebugRegister(task, tracee, debug, data);
        } else {
            throw Errno.EIO.exception();
        }
    }

    private static long archPrctl(Task task, Task tracee, long address, long code)
            throws ErrnoException {
        Registers r = TraceLinks.registers(task, tracee);
        switch ((int) code) {
            case Prctl.ARCH_SET_FS -> r.fsBase = base(address);
            case Prctl.ARCH_SET_GS -> r.gsBase = base(address);
            case Prctl.ARCH_GET_FS -> task.memory().putLong(address, r.fsBase);
            case Prctl.ARCH_GET_GS -> task.memory().putLong(address, r.gsBase);
            default -> throw Errno.EINVAL.exception();
        }
        return 0;
    }

    private static long base(long address) throws ErrnoException {
        if (!Registers.isUserAddress(address)) {
            throw Errno.EPERM.exception();
        }
        return address;
    }

    /** {@code struct ptrace_peeksiginfo_args}: off (8 bytes), flags, nr. */
    private static long peekInfo(Task task, Task tracee, long address, long data)
            throws ErrnoException {
        byte[] raw = new byte[PEEKSIGINFO_SIZE];
        task.memory().copyIn(address, raw, 0, raw.length);
        long offset = LittleEndian.getLong(raw, 0);
        int flags = LittleEndian.getInt(raw, 8);
        int count = LittleEndian.getInt(raw, 12);
        if ((flags & ~PTRACE_PEEKSIGINFO_SHARED) != 0 || count < 0) {
            throw Errno.EINVAL.exception();
        }
        boolean shared = (flags & PTRACE_PEEKSIGINFO_SHARED) != 0;
        if (offset < 0) {
            return 0;
        }
        SigInfo[] queue = tracee.threadGroup()
                .signals()
                .queued(tracee, shared, offset, Math.min(count, MAX_PEEK));
        byte[] out = new byte[SigInfo.SIZE];
        for (int i = 0; i < queue.length; i++) {
            queue[i].write(out, 0);
            try {
                task.memory().copyOut(data + (long) i * SigInfo.SIZE, out, 0, out.length);
            } catch (ErrnoException e) {
                if (i > 0) {
                    return i;
                }
                throw e;
            }
        }
        return queue.length;
    }
}
