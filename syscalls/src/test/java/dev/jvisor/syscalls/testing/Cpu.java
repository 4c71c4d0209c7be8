// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.testing;

import dev.jvisor.platform.Registers;
import dev.jvisor.platform.Trap;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** What a scripted guest has in its hands; on the guest's thread. */
public final class Cpu {

    private static final long CALL_SITE = 0x401000;
    private static final int SYSCALL_SIZE = 2;
    private static final int RT_SIGRETURN = 15;
    private static final int FIRST_HANDLER = 0x500000;

    private final ScriptedContext context;
    private final Consumer<Trap.Kind> trap;
    private final Map<Long, Runnable> handlers = new HashMap<>();

    Cpu(ScriptedContext context, Consumer<Trap.Kind> trap) {
        this.context = context;
        this.trap = trap;
    }

    public Registers registers() {
        return context.registers();
    }

    /** Makes a system call; restarts and signal handlers happen meanwhile. Returns rax. */
    public long syscall(long number, long... arguments) {
        Registers r = registers();
        long[] a = java.util.Arrays.copyOf(arguments, 6);
        r.rax = number;
        r.rdi = a[0];
        r.rsi = a[1];
        r.rdx = a[2];
        r.r10 = a[3];
        r.r8 = a[4];
        r.r9 = a[5];
        enter();
        settle();
        return r.rax;
    }

    private void enter() {
        Registers r = registers();
        r.origRax = r.rax;
        r.rip = CALL_SITE + SYSCALL_SIZE;
        r.rcx = r.rip;
        trap.accept(Trap.Kind.SYSCALL);
    }

    /** Follows rip: to a handler, or back to the call that is made again. */
    private void settle() {
        Registers r = registers();
        while (r.rip != CALL_SITE + SYSCALL_SIZE) {
            if (r.rip == CALL_SITE) {
                enter();
                continue;
            }
            Runnable handler = handlers.get(r.rip);
            if (handler == null) {
                return; // a program's start
            }
            // The handler may make calls of its own: what it changes, sigreturn puts back.
            long frame = r.rsp;
            handler.run();
            r.rsp = frame + Long.BYTES;
            r.rax = RT_SIGRETURN;
            enter();
        }
    }

    /** Gives a handler an address for rt_sigaction(2). */
    public long handler(Runnable code) {
        long address = FIRST_HANDLER + handlers.size() * 16L;
        handlers.put(address, code);
        return address;
    }

    /** Runs guest code that is no system call, for about a millisecond. */
    public void compute() {
        Registers r = registers();
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        r.rip = CALL_SITE + SYSCALL_SIZE;
        r.origRax = -1;
        trap.accept(Trap.Kind.INTERRUPT);
        settle();
    }

    /** fork(2) with a guest for the child. Returns its id. */
    public int fork(Guest child) {
        context.nextChild = child;
        return (int) syscall(57);
    }

    /** vfork(2) with a guest for the child. */
    public int vfork(Guest child) {
        context.nextChild = child;
        return (int) syscall(58);
    }

    /** clone(2) with a guest for the child; arguments as the system call's. */
    public int clone(Guest child, long... arguments) {
        context.nextChild = child;
        return (int) syscall(56, arguments);
    }

    /** A thread as pthread_create makes it. Returns its id. */
    public int thread(Guest child) {
        return clone(child, 0x10f00); // CLONE_VM|FS|FILES|SIGHAND|THREAD
    }

    /** execve(2) of {@code path} with a guest for the new program; returns only on failure. */
    public long exec(long path, Guest next) {
        context.nextProgram = next;
        return syscall(59, path, 0, 0);
    }

    public void exit(int status) {
        syscall(60, status);
        throw new IllegalStateException("exit returned");
    }

    public void exitGroup(int status) {
        syscall(231, status);
        throw new IllegalStateException("exit_group returned");
    }

    public int getpid() {
        return (int) syscall(39);
    }

    public int getppid() {
        return (int) syscall(110);
    }

    public int gettid() {
        return (int) syscall(186);
    }

    /** wait4(2); returns the result, the status is at {@code status}. */
    public int wait4(int pid, long status, int options) {
        return (int) syscall(61, pid, status, options, 0);
    }

    public long kill(int pid, int signal) {
        return syscall(62, pid, signal);
    }

    /** rt_sigaction(2) with all flags in {@code flags} (SA_RESTORER is added). */
    public void sigaction(TestSandbox sandbox, int signal, long handler, long flags) {
        long action = page();
        sandbox.putLong(this, action, handler);
        sandbox.putLong(this, action + 8, flags | 0x4000000);
        sandbox.putLong(this, action + 16, 0x600000);
        sandbox.putLong(this, action + 24, 0);
        long result = syscall(13, signal, action, 0, 8);
        if (result != 0) {
            throw new IllegalStateException("rt_sigaction=" + result);
        }
    }

    /** A fresh page of memory. */
    public long page() {
        long address = syscall(9, 0, 4096, 3, 0x22, -1, 0);
        if (address < 0) {
            throw new IllegalStateException("mmap=" + address);
        }
        return address;
    }
}
