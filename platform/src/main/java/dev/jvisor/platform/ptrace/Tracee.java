// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Ptrace;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.stub.RegisterLayout;

/**
 * One stub thread under ptrace(2), and the Java thread that attached it: every method but
 * {@link #kick} is for that thread only, because the host kernel accepts requests from no other.
 */
final class Tracee {

    /** Default-ignored, so it is harmless for a stub that nobody traces. */
    static final int KICK_SIGNAL = Signals.SIGURG;

    /** wait4(2) status of a stop at a system call (PTRACE_O_TRACESYSGOOD). */
    static final int SYSCALL_STOP = Signals.SIGTRAP | 0x80;

    static final int USER_CS = 0x33;
    static final int USER_SS = 0x2b;

    private static final int WALL = 0x40000000;
    private static final int ESRCH = 3;
    private static final int OPTIONS = Ptrace.PTRACE_O_TRACESYSGOOD | Ptrace.PTRACE_O_EXITKILL;
    private static final int RAX_USER_OFFSET = 80;
    private static final int DEBUGREG_USER_OFFSET = 848;

    private static final int REGS = 0;
    private static final int INJECTED = 256;
    private static final int STATUS = 512;
    private static final int SIGINFO = 640;
    private static final int SIGINFO_SIZE = 128;
    /** Where the rest of the block is free for {@link VectorState}. */
    static final int BLOCK_USED = 1024;

    private final StubImage image;
    final int tgid;
    final int tid;

    final NativeBuffer block = NativeBuffer.borrow();
    private final long regs = block.address() + REGS;
    private final long injected = block.address() + INJECTED;
    private final long statusAddress = block.address() + STATUS;
    private final long siginfo = block.address() + SIGINFO;

    /** The guest's registers in the order of {@code struct user_regs_struct}. */
    private final long[] words = new long[Registers.SIZE / Long.BYTES];

    /** The registers of stub code that runs on the Sentry's behalf. */
    private final long[] injectedWords = new long[Registers.SIZE / Long.BYTES];

    /** Whether {@link #words} are those in the stub (not after an injection). */
    private boolean regsInStub;

    private boolean lost;

    private boolean reaped;

    private Tracee(StubImage image, int tgid, int tid) {
        block.clear(0, BLOCK_USED);
        this.image = image;
        this.tgid = tgid;
        this.tid = tid;
    }

    /**
     * Attaches a parked stub thread to the calling thread and stops it.
     *
     * @throws ErrnoException EAGAIN if it is gone, EPERM if the host forbids ptrace
     */
    static Tracee seize(StubImage image, int tgid, int tid) throws ErrnoException {
        Tracee tracee = new Tracee(image, tgid, tid);
        long result = Host.syscall(Sys.PTRACE, Ptrace.PTRACE_SEIZE, tid, 0, OPTIONS);
        if (result == 0) {
            result = Host.syscall(Sys.PTRACE, Ptrace.PTRACE_INTERRUPT, tid, 0, 0);
        }
        if (result != 0) {
            tracee.release();
            throw result == -ESRCH ? Errno.EAGAIN.exception() : Host.exception(result);
        }
        try {
            tracee.await();
            tracee.loadInjected();
        } catch (ContextLostException e) {
            tracee.release();
            throw Errno.EAGAIN.exception();
        }
        return tracee;
    }

    boolean isLost() {
        return lost;
    }

    /** Returns the instruction pointer as of the last injection or attach. */
    long injectedRip() {
        return injectedWord(RegisterLayout.RIP);
    }

    private long injectedWord(int offset) {
        return injectedWords[offset / Long.BYTES];
    }

    private void setInjectedWord(int offset, long value) {
        injectedWords[offset / Long.BYTES] = value;
    }

    private void loadInjected() {
        load(injected);
        RawMemory.get(injected, injectedWords, 0, injectedWords.length);
    }

    // Requests.

    private void require(long result, String what) {
        if (result == -ESRCH) {
            lost = true; // killed from outside
            throw new ContextLostException(what);
        }
        if (result < 0) {
            throw new SentryBug("ptrace " + what + " result=" + result + " tid=" + tid);
        }
    }

    /**
     * Waits for the next stop.
     *
     * @return the status word shifted right by 8: signal, with the ptrace event above
     * @throws ContextLostException if the thread ended instead
     */
    int await() {
        long result = HostProcess.wait4(tid, statusAddress, WALL);
        int status = RawMemory.getInt(statusAddress);
        if (result < 0 || (status & 0xff) != 0x7f) {
            lost = true;
            reaped = true;
            throw new ContextLostException("wait4");
        }
        return status >>> 8;
    }

    private void load(long address) {
        require(Host.syscall(Sys.PTRACE, Ptrace.PTRACE_GETREGS, tid, 0, address), "GETREGS");
    }

    /** Reads the guest's registers after a stop. */
    void getRegisters(Registers registers) {
        load(regs);
        RawMemory.get(regs, words, 0, words.length);
        regsInStub = true;
        RegisterLayout.unpack(words, registers);
    }

    /**
     * Writes the guest's registers, as little as possible: nothing if they are in the stub already,
     * one word if only rax changed.
     *
     * @return whether the host accepted them
     */
    boolean setRegisters(Registers registers) {
        boolean others = RegisterLayout.pack(registers, words);
        long rax = registers.rax;
        boolean raxChanged = words[RegisterLayout.RAX / Long.BYTES] != rax;
        words[RegisterLayout.RAX / Long.BYTES] = rax;
        // A value that looks like a restart code would be taken for one when a signal arrives, as
        // long as orig_rax says that the stub is in a system call.
        if (regsInStub && !others && (rax > -512 || rax < -516)) {
            if (raxChanged) {
                require(
                        Host.syscall(Sys.PTRACE, Ptrace.PTRACE_POKEUSR, tid, RAX_USER_OFFSET, rax),
                        "POKEUSR");
            }
            return true;
        }
        words[RegisterLayout.ORIG_RAX / Long.BYTES] = -1;
        RawMemory.put(regs, words, 0, words.length);
        long result = Host.syscall(Sys.PTRACE, Ptrace.PTRACE_SETREGS, tid, 0, regs);
        if (result == -ESRCH) {
            require(result, "SETREGS");
        }
        regsInStub = result == 0;
        return result == 0;
    }

    /** Lets the guest go on until it makes a system call ({@code PTRACE_SYSEMU*}). */
    void resume(int request) {
        require(Host.syscall(Sys.PTRACE, request, tid, 0, 0), "resume");
    }

    /** Reads the {@code siginfo_t} of a signal stop; false if it is another kind of stop. */
    boolean getSiginfo() {
        long result = Host.syscall(Sys.PTRACE, Ptrace.PTRACE_GETSIGINFO, tid, 0, siginfo);
        if (result == -Errno.EINVAL.number) {
            return false;
        }
        require(result, "GETSIGINFO");
        return true;
    }

    int siginfoCode() {
        return RawMemory.getInt(siginfo + 8);
    }

    long siginfoAddress() {
        return RawMemory.getLong(siginfo + 16);
    }

    /** For SIGSYS: the number of the call. */
    int siginfoSyscall() {
        return RawMemory.getInt(siginfo + 24);
    }

    /** At a system call stop: whether it came through the 64-bit door. */
    boolean isNativeSyscall() {
        long result = Host.syscall(
                Sys.PTRACE, Ptrace.PTRACE_GET_SYSCALL_INFO, tid, SIGINFO_SIZE, siginfo);
        // struct ptrace_syscall_info: op (byte), 3 bytes of padding, arch.
        return result > 0 && RawMemory.getInt(siginfo + 4) == 0xc000003e;
    }

    /** Sets a debug register of the stub thread; returns the host's answer. */
    long pokeDebugRegister(int index, long value) {
        long offset = DEBUGREG_USER_OFFSET + (long) index * Long.BYTES;
        long result = Host.syscall(Sys.PTRACE, Ptrace.PTRACE_POKEUSR, tid, offset, value);
        if (result == -ESRCH) {
            require(result, "POKEUSR");
        }
        return result;
    }

    /** Reads a debug register of the stub thread, 0 if the host has none. */
    long peekDebugRegister(int index) {
        long offset = DEBUGREG_USER_OFFSET + (long) index * Long.BYTES;
        long result = Host.syscall(Sys.PTRACE, Ptrace.PTRACE_PEEKUSR, tid, offset, siginfo);
        if (result == -ESRCH) {
            require(result, "PEEKUSR");
        }
        return result == 0 ? RawMemory.getLong(siginfo) : 0;
    }

    /** PTRACE_GETREGSET or PTRACE_SETREGSET; returns the host's answer. */
    long regset(int request, int type, long iovec) {
        long result = Host.syscall(Sys.PTRACE, request, tid, type, iovec);
        if (result == -ESRCH) {
            require(result, "regset");
        }
        return result;
    }

    /** Makes a running stub thread stop, or its next resumption; for any thread. */
    void kick() {
        HostProcess.tgkill(tgid, tid, KICK_SIGNAL);
    }

    // Injected calls.

    /**
     * Has the stub make one system call.
     *
     * @param gadget {@link StubImage#gadgetSyscall}
     * @return the call's result
     */
    long inject(long gadget, long number, long a, long b, long c, long d, long e, long f) {
        prepare(gadget);
        setInjectedCall(number, a, b, c, d, e, f);
        execute();
        return injectedResult();
    }

    /**
     * Has the stub make a clone(2).
     *
     * @param child where the child continues
     * @param childList what the child finds in r13
     */
    long injectClone(long gadget, long flags, long child, long childList) {
        prepare(gadget);
        setInjectedCall(Sys.CLONE, flags, 0, 0, 0, 0, 0);
        setInjectedChild(child, childList);
        execute();
        return injectedResult();
    }

    /**
     * Has the stub execute entries of its command list; for a clone(2) at the end, {@code child}
     * and {@code childList} are as above, otherwise 0.
     *
     * @return how many of them are left undone: 0, or the failed one and those behind it
     */
    int injectList(long gadget, long list, int count, long child, long childList) {
        prepare(gadget);
        setInjectedWord(RegisterLayout.RBX, list);
        setInjectedWord(RegisterLayout.RBP, count);
        setInjectedChild(child, childList);
        execute();
        return (int) injectedWord(RegisterLayout.RBP);
    }

    private void setInjectedCall(long number, long a, long b, long c, long d, long e, long f) {
        setInjectedWord(RegisterLayout.RAX, number);
        setInjectedWord(RegisterLayout.RDI, a);
        setInjectedWord(RegisterLayout.RSI, b);
        setInjectedWord(RegisterLayout.RDX, c);
        setInjectedWord(RegisterLayout.R10, d);
        setInjectedWord(RegisterLayout.R8, e);
        setInjectedWord(RegisterLayout.R9, f);
    }

    private void setInjectedChild(long child, long childList) {
        setInjectedWord(RegisterLayout.R15, child);
        setInjectedWord(RegisterLayout.R13, childList);
    }

    /** Returns the result of the last injected call. */
    long injectedResult() {
        return injectedWord(RegisterLayout.RAX);
    }

    private void prepare(long rip) {
        // What has no meaning for a gadget keeps the guest's last value: TLS bases above all.
        if (regsInStub) {
            System.arraycopy(words, 0, injectedWords, 0, words.length);
        }
        regsInStub = false;
        setInjectedWord(RegisterLayout.ORIG_RAX, -1);
        setInjectedWord(RegisterLayout.R15, 0);
        setInjectedWord(RegisterLayout.RIP, rip);
        setInjectedWord(RegisterLayout.EFLAGS, RegisterLayout.EFLAGS_FIXED);
        setInjectedWord(RegisterLayout.CS, USER_CS);
        setInjectedWord(RegisterLayout.SS, USER_SS);
    }

    private void setInjected() {
        RawMemory.put(injected, injectedWords, 0, injectedWords.length);
        require(Host.syscall(Sys.PTRACE, Ptrace.PTRACE_SETREGS, tid, 0, injected), "SETREGS");
    }

    private void execute() {
        setInjected();
        while (true) {
            require(Host.syscall(Sys.PTRACE, Ptrace.PTRACE_CONT, tid, 0, 0), "CONT");
            int stop = await();
            if (stop == Signals.SIGTRAP) {
                loadInjected();
                if (injectedRip() == image.stopped) {
                    return;
                }
            }
            boolean fault = stop == Signals.SIGSEGV || stop == Signals.SIGBUS;
            if (fault && getSiginfo() && siginfoCode() > 0) {
                throw new SentryBug("stub code failed signal=" + stop + " tid=" + tid);
            }
            // A kick, whose reason the owner looks for before it runs guest code, or a signal from
            // outside.
        }
    }

    /** Starts stub code that does not come back, and gives the thread up without waiting. */
    void detachInto(long gadget) {
        prepare(gadget);
        setInjected();
        require(Host.syscall(Sys.PTRACE, Ptrace.PTRACE_DETACH, tid, 0, 0), "DETACH");
    }

    /**
     * Has the stub thread end itself and collects it. Not for the leader of a process that goes on.
     */
    void exitThread(long gadget) {
        prepare(gadget);
        setInjectedWord(RegisterLayout.RAX, Sys.EXIT);
        setInjectedWord(RegisterLayout.RDI, 0);
        setInjected();
        try {
            while (true) {
                resume(Ptrace.PTRACE_CONT);
                await();
            }
        } catch (ContextLostException ended) {
            // What we wait for.
        }
    }

    /** Waits for the end of a thread that was killed or whose process was, and collects it. */
    void reap() {
        while (!reaped) {
            long result = HostProcess.wait4(tid, statusAddress, WALL);
            reaped = result < 0 || (RawMemory.getInt(statusAddress) & 0xff) != 0x7f;
        }
    }

    /** Frees the native memory; nothing may be called afterwards. */
    void release() {
        block.giveBack();
    }
}
