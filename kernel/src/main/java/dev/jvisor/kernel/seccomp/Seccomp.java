// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.seccomp;

import static dev.jvisor.platform.abi.Ptrace.PTRACE_EVENT_SECCOMP;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_ACTION_FULL;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_ALLOW;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_DATA;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_ERRNO;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_KILL_THREAD;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_LOG;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_TRACE;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_TRAP;
import static dev.jvisor.platform.abi.SeccompAbi.SECCOMP_RET_USER_NOTIF;
import static dev.jvisor.platform.abi.SeccompAbi.SYS_SECCOMP;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGSYS;

import dev.jvisor.kernel.RankedLock;
import dev.jvisor.kernel.identity.CapabilityRules;
import dev.jvisor.kernel.ptrace.Trace;
import dev.jvisor.kernel.ptrace.TraceStops;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.SignalDelivery;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.seccomp.BpfProgram;

import org.jspecify.annotations.Nullable;

/** Decides about system calls, and installs what decides (Linux: kernel/seccomp.c). */
public final class Seccomp {

    /** Instructions of all filters together (Linux: MAX_INSNS_PER_PATH). */
    private static final int WEIGHT_MAX = 32768;

    private static final int ERRNO_MAX = 4095;

    // Calls of strict mode.
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int RT_SIGRETURN = 15;
    private static final int EXIT = 60;

    private Seccomp() {}

    // Deciding.

    /**
     * A task enters a system call; on its own thread, result register at -ENOSYS.
     *
     * @return whether the call is to be made; otherwise the result register holds the answer
     */
    public static boolean enter(Task task) {
        SeccompState state = task.seccomp();
        Trace trace = task.trace();
        if (state == null || trace != null && trace.suspendsSeccomp()) {
            return true;
        }
        FilterChain filter = state.filter();
        if (filter == null) {
            return enterStrict(task);
        }
        return decide(task, filter, false);
    }

    private static boolean enterStrict(Task task) {
        int number = (int) task.registers().origRax;
        if (number == READ || number == WRITE || number == EXIT || number == RT_SIGRETURN) {
            return true;
        }
        task.requestExitBySignal(SIGKILL);
        return false;
    }

    private static boolean decide(Task task, FilterChain chain, boolean again) {
        Registers r = task.registers();
        int number = (int) r.origRax;
        if (chain.allows(number)) {
            return true;
        }
        FilterChain.Verdict verdict = chain.ask(data(r));
        int data = verdict.result() & SECCOMP_RET_DATA;
        switch (verdict.result() & SECCOMP_RET_ACTION_FULL) {
            case SECCOMP_RET_ALLOW, SECCOMP_RET_LOG -> {
                return true;
            }
            case SECCOMP_RET_ERRNO -> {
                r.rax = -Math.min(data, ERRNO_MAX);
                return false;
            }
            case SECCOMP_RET_TRAP -> {
                r.rax = r.origRax;
                SigInfo info = SigInfo.sys(
                        SIGSYS, data, SYS_SECCOMP, r.rip, number, BpfProgram.AUDIT_ARCH_X86_64);
                SignalDelivery.force(task, info);
                return false;
            }
            case SECCOMP_RET_TRACE -> {
                return again || trace(task, chain, data);
            }
            case SECCOMP_RET_USER_NOTIF -> {
                return notifyListener(task, verdict.filter());
            }
            case SECCOMP_RET_KILL_THREAD -> {
                r.rax = r.origRax;
                if (task.threadGroup().tasks().length > 1) {
                    task.requestExitBySignal(SIGSYS);
                } else {
                    SignalDelivery.endProcess(task, SIGSYS);
                }
                return false;
            }
            default -> {
                r.rax = r.origRax;
                SignalDelivery.endProcess(task, SIGSYS);
                return false;
            }
        }
    }

    /** {@code struct seccomp_data}, as words. */
    private static int[] data(Registers r) {
        int[] words = new int[BpfFilter.DATA_WORDS];
        words[0] = (int) r.origRax;
        words[1] = BpfProgram.AUDIT_ARCH_X86_64;
        put(words, 2, r.rip);
        put(words, 4, r.rdi);
        put(words, 6, r.rsi);
        put(words, 8, r.rdx);
        put(words, 10, r.r10);
        put(words, 12, r.r8);
        put(words, 14, r.r9);
        return words;
    }

    private static void put(int[] words, int index, long value) {
        words[index] = (int) value;
        words[index + 1] = (int) (value >>> 32);
    }

    /** The tracer may change the call; what it becomes is filtered again. */
    private static boolean trace(Task task, FilterChain chain, int data) {
        Trace trace = task.trace();
        if (trace == null || !trace.wants(PTRACE_EVENT_SECCOMP)) {
            task.registers().rax = -Errno.ENOSYS.number;
            return false;
        }
        TraceStops.event(task, PTRACE_EVENT_SECCOMP, data);
        if (task.isExiting() || (int) task.registers().origRax < 0) {
            return false;
        }
        return decide(task, chain, true);
    }

    private static boolean notifyListener(Task task, FilterChain filter) {
        FilterListener listener = filter.listener();
        Registers r = task.registers();
        if (listener == null) {
            r.rax = -Errno.ENOSYS.number;
            return false;
        }
        Notification n = new Notification(task, data(r));
        try {
            listener.ask(n, filter.waitsKillable());
        } catch (ErrnoException e) {
            r.rax = -e.errno.number;
            task.addWork(Task.WORK_RESTART);
            return false;
        }
        if (n.goesOn) {
            return true;
        }
        r.rax = n.error != 0 ? n.error : n.value;
        return false;
    }

    // Installing.

    /** Strict mode. EINVAL if the task has filters. */
    public static void setStrict(Task task) throws ErrnoException {
        SeccompState state = task.seccomp();
        if (state != null && state.filter() != null) {
            throw Errno.EINVAL.exception();
        }
        task.setSeccomp(SeccompState.STRICT);
        task.addCallWork(Task.CALL_SECCOMP);
    }

    /**
     * Adds a filter; on the task's thread.
     *
     * @param sync whether all threads of the process get it
     * @param listener bound to the filter, or null
     * @return 0, or with {@code sync} the id of a thread that cannot get it
     * @throws ErrnoException EINVAL in strict mode; EBUSY for a second listener; ENOMEM
     */
    public static int addFilter(
            Task task,
            BpfFilter program,
            boolean sync,
            boolean log,
            boolean waitKillable,
            @Nullable FilterListener listener)
            throws ErrnoException {
        RankedLock tree = task.kernel().taskTree();
        tree.lock();
        try {
            SeccompState state = task.seccomp();
            FilterChain previous = state == null ? null : state.filter();
            if (state != null && previous == null) {
                throw Errno.EINVAL.exception();
            }
            if (listener != null && previous != null && previous.hasListener()) {
                throw Errno.EBUSY.exception();
            }
            FilterChain chain = new FilterChain(program, previous, log, waitKillable);
            if (chain.weight() > WEIGHT_MAX) {
                throw Errno.ENOMEM.exception();
            }
            if (sync) {
                int tid = obstacleLocked(task, previous);
                if (tid != 0) {
                    return tid;
                }
            }
            if (listener != null) {
                chain.setListener(listener);
                listener.bind(chain);
            }
            // The new filter inherits the task's reference of the old one.
            assign(task, new SeccompState(chain));
            if (sync) {
                syncLocked(task, chain);
            }
            return 0;
        } finally {
            tree.unlock();
        }
    }

    /** Linux: seccomp_can_sync_threads. */
    private static int obstacleLocked(Task task, @Nullable FilterChain own) {
        for (Task other : task.threadGroup().tasks()) {
            if (other == task || other.isExiting()) {
                continue;
            }
            SeccompState state = other.seccomp();
            boolean fits = state == null
                    || state.filter() != null && own != null && own.contains(state.filter());
            if (!fits) {
                return other.tid();
            }
        }
        return 0;
    }

    private static void syncLocked(Task task, FilterChain chain) {
        for (Task other : task.threadGroup().tasks()) {
            if (other == task || other.isExiting()) {
                continue;
            }
            SeccompState old = other.seccomp();
            chain.retain();
            if (task.credentials().noNewPrivileges() && !other.credentials().noNewPrivileges()) {
                other.setCredentials(CapabilityRules.setNoNewPrivileges(other.credentials()));
            }
            assign(other, new SeccompState(chain));
            if (old != null && old.filter() != null) {
                old.filter().release();
            }
        }
    }

    private static void assign(Task task, SeccompState state) {
        task.setSeccomp(state);
        task.addCallWork(Task.CALL_SECCOMP);
    }

    /** A new task has what its parent has; the caller holds the task tree lock. */
    public static void inheritLocked(Task parent, Task child) {
        SeccompState state = parent.seccomp();
        if (state == null) {
            return;
        }
        FilterChain chain = state.filter();
        if (chain != null) {
            chain.retain();
        }
        assign(child, state);
    }

    /** A task has ended; the caller holds the task tree lock. */
    public static void releaseLocked(Task task) {
        SeccompState state = task.seccomp();
        FilterChain chain = state == null ? null : state.filter();
        if (chain != null && !task.isSeccompReleased()) {
            task.setSeccompReleased();
            chain.release();
        }
    }
}
