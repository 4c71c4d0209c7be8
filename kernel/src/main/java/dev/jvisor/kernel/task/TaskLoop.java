// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static dev.jvisor.platform.abi.Sched.CLONE_CHILD_SETTID;
import static dev.jvisor.platform.abi.Sched.CLONE_SETTLS;
import static dev.jvisor.platform.abi.Signals.SIGBUS;
import static dev.jvisor.platform.abi.Signals.SIGKILL;
import static dev.jvisor.platform.abi.Signals.SIGSEGV;
import static dev.jvisor.platform.abi.Signals.SIGTRAP;
import static dev.jvisor.platform.abi.Signals.SI_KERNEL;
import static dev.jvisor.platform.abi.Signals.TRAP_TRACE;

import dev.jvisor.kernel.dispatch.Dispatcher;
import dev.jvisor.kernel.ptrace.TraceStops;
import dev.jvisor.kernel.signal.SignalDelivery;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/**
 * The life of a task on its Java thread: take over the context, run guest code, serve its traps,
 * end.
 *
 * <p>Nothing that happens here reaches the JVM's thread top: a lost context ends the process as
 * SIGKILL does, an error of our own ends the sandbox with a report.
 */
final class TaskLoop implements Runnable {

    private final Task task;
    private final GuestContext.@Nullable Seed seed;
    private final @Nullable CloneArguments arguments;
    private final @Nullable FirstProgram first;

    /** What the platform answers to gettid(2) by itself; 0: nothing. */
    private int publishedId;

    /** A child of clone. */
    TaskLoop(Task task, GuestContext.Seed seed, CloneArguments arguments) {
        this.task = task;
        this.seed = seed;
        this.arguments = arguments;
        this.first = null;
    }

    /** A process that the kernel itself starts. */
    TaskLoop(Task task, FirstProgram first) {
        this.task = task;
        this.seed = null;
        this.arguments = null;
        this.first = first;
    }

    Task task() {
        return task;
    }

    /** Starts a thread that runs it; false if the host gives none. */
    boolean start() {
        task.kernel().threadStarted();
        if (task.kernel().taskThreads().start(this)) {
            return true;
        }
        task.kernel().threadEnded();
        return false;
    }

    /**
     * Ends a task whose thread could not be started, on its creator's thread; nobody is told of a
     * process that never was.
     */
    void abandon() {
        if (seed != null) {
            seed.discard();
        }
        TaskExit.disownIfLeader(task);
        if (task.threadGroup().leader() == task) {
            task.threadGroup().beginGroupExit(SIGKILL);
        }
        TaskExit.exit(task);
    }

    @Override
    public void run() {
        try {
            task.cpu().start();
            if (prepare()) {
                serve();
                task.exitStatus = TaskExit.statusOf(task); // whatever others do from now on
                if (task.trace() != null) {
                    TraceStops.exiting(task, task.exitStatus);
                }
            }
        } catch (ContextLostException lost) {
            task.threadGroup().beginGroupExit(SIGKILL);
        } catch (OutOfMemoryError e) {
            task.threadGroup().beginGroupExit(SIGKILL);
        } catch (Throwable bug) {
            task.kernel().internalError(task, bug);
        }
        try {
            TaskExit.exit(task);
        } catch (Throwable bug) {
            task.kernel().internalError(task, bug);
        } finally {
            closeContext();
        }
    }

    private void closeContext() {
        GuestContext context = task.contextOrNull();
        task.setContext(null);
        try {
            if (context != null) {
                context.close();
            }
        } catch (ContextLostException gone) {
            // Closed is what we wanted.
        } catch (Throwable bug) {
            task.kernel().internalError(task, bug);
        } finally {
            task.setThread(null);
            task.kernel().threadEnded();
        }
    }

    /** Takes over the context and sets the registers; false if the task has to end at once. */
    private boolean prepare() {
        if (first != null) {
            return first.install(task);
        }
        CloneArguments a = arguments;
        GuestContext.Seed s = seed;
        if (a == null || s == null) {
            throw new IllegalStateException("no seed");
        }
        GuestContext context;
        try {
            context = s.attach();
        } catch (ErrnoException e) {
            task.threadGroup().beginGroupExit(SIGKILL);
            return false;
        }
        task.setContext(context);
        Registers r = context.registers();
        r.rax = 0;
        r.origRax = -1;
        if (a.stackPointer != 0) {
            r.rsp = a.stackPointer;
        }
        if (a.has(CLONE_SETTLS)) {
            r.fsBase = a.tls;
        }
        if (a.has(CLONE_CHILD_SETTID)) {
            try {
                task.memory().putInt(a.childTid, task.tid());
            } catch (ErrnoException e) {
                // Linux ignores a bad address here.
            }
        }
        return true;
    }

    /** Enters guest code and serves what it stops for, until the task has to end. */
    private void serve() {
        Dispatcher dispatcher = task.kernel().dispatcher();
        CpuClock cpu = task.cpu();
        for (; ; ) {
            // The order matters: who adds work after our look at it sees inGuest and interrupts.
            task.setInGuest(true);
            while (task.work() != 0 || SignalDelivery.needed(task)) {
                task.setInGuest(false);
                if (!doWork()) {
                    return;
                }
                task.setInGuest(true);
            }
            GuestContext context = task.context();
            publishIds(context);
            cpu.enterGuest();
            try {
                if (task.isStepping()) {
                    context.step();
                } else {
                    context.run();
                }
            } catch (ErrnoException e) {
                // The host has no room for the mappings that the guest was promised.
                task.setInGuest(false);
                cpu.leaveGuest();
                task.threadGroup().beginGroupExit(SIGKILL);
                return;
            }
            cpu.leaveGuest();
            task.setInGuest(false);
            Trap trap = context.trap();
            if (trap.kind == Trap.Kind.SYSCALL) {
                if (trap.hotSite && task.callWork() == 0 && !task.isStepping()) {
                    context.patchCallSite(new ProgramText(task.memory()));
                }
                dispatcher.dispatch(task);
            } else {
                context.registers().origRax = -1; // no call to restart
                handleTrap(context, trap);
            }
        }
    }

    /** Lets the platform answer what cannot change unless this thread changes it. */
    private void publishIds(GuestContext context) {
        boolean watched = task.callWork() != 0 || task.kernel().isObservingCalls();
        int threadId = watched ? 0 : task.tid();
        if (threadId != publishedId) {
            publishedId = threadId;
            context.publishIds(watched ? 0 : task.threadGroup().id(), threadId);
        }
    }

    /** Work before guest code runs; false if the task has to end. */
    private boolean doWork() {
        if (task.isExiting()) {
            return false;
        }
        task.clearWork(Task.WORK_RESTART);
        SignalDelivery.deliver(task);
        return !task.isExiting();
    }

    private void handleTrap(GuestContext context, Trap trap) {
        switch (trap.kind) {
            case FAULT -> {
                trap.instructionAddress = context.registers().rip;
                boolean memoryFault = trap.signal == SIGSEGV || trap.signal == SIGBUS;
                MemoryManager.FaultResult result = memoryFault
                        ? task.memory().handleFault(trap, context.registers().rsp)
                        : MemoryManager.FaultResult.SIGNAL;
                switch (result) {
                    case RETRY -> {}
                    case NO_MEMORY -> task.kernel().oomKiller().outOfMemory(task);
                    case SIGNAL -> SignalDelivery.fault(task, trap);
                }
            }
            case SYSCALL_COMPAT -> {
                // As without CONFIG_IA32_EMULATION: a general protection fault.
                trap.signal = SIGSEGV;
                trap.code = SI_KERNEL;
                trap.address = 0;
                SignalDelivery.fault(task, trap);
            }
            case STEP -> {
                if (!task.isStepping()) {
                    return; // the tracer has just gone
                }
                trap.signal = SIGTRAP;
                trap.code = TRAP_TRACE;
                trap.address = context.registers().rip;
                SignalDelivery.fault(task, trap);
            }
            case INTERRUPT, SYSCALL -> {
                // The loop looks at the work bits.
            }
        }
    }
}
