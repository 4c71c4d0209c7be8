// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.dispatch;

import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.ptrace.TraceStops;
import dev.jvisor.kernel.seccomp.Seccomp;
import dev.jvisor.kernel.signal.SignalDelivery;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * From a stopped guest to a handler and back. The only place that turns an {@link ErrnoException}
 * into a register.
 *
 * <p>A call that ends with an ERESTART* error leaves its negated number in {@code rax} and its own
 * number in {@code origRax}, as Linux does; signal delivery then decides between EINTR and a
 * restart (it sets {@code origRax} to -1 when it is done). No such number reaches guest code.
 */
public final class Dispatcher {

    private static final int FIRST_RESTART = Errno.ERESTARTSYS.number;
    private static final long ENOSYS = -Errno.ENOSYS.number;

    private final Kernel kernel;
    private final SyscallTable table;

    public Dispatcher(Kernel kernel, SyscallTable table) {
        this.kernel = kernel;
        this.table = table;
    }

    /** Serves the system call a task has stopped in; on the task's thread. */
    public void dispatch(Task task) {
        Registers r = task.registers();
        // As Linux: the upper half of rax is not part of the number. x32 calls (bit 30) are out of
        // range.
        int number = (int) r.origRax;
        if (task.callWork() != 0) {
            dispatchWatched(task, r, number);
            return;
        }
        serve(task, r, number);
    }

    private void serve(Task task, Registers r, int number) {
        SyscallHandler handler = table.get(number);
        SyscallObserver observer = kernel.observer();
        if (observer != null) {
            observe(task, r, number, handler, observer);
            return;
        }
        if (handler == null) {
            r.rax = ENOSYS;
            return;
        }
        try {
            r.rax = handler.invoke(task, r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9);
        } catch (ErrnoException e) {
            r.rax = fail(task, e);
        } catch (OutOfMemoryError e) {
            r.rax = heapExhausted(task);
        } catch (RuntimeException | Error bug) {
            throw report(task, handler, bug);
        }
    }

    /**
     * A call of a task that is traced or has a seccomp filter. Both see it before it is made, in
     * this order, and may change or refuse it; number and arguments are read again after each.
     */
    private void dispatchWatched(Task task, Registers r, int guestNumber) {
        r.rax = ENOSYS;
        r.origRax = guestNumber;
        boolean go = true;
        int work = task.callWork();
        if ((work & (Task.CALL_TRACE | Task.CALL_EMULATE)) != 0) {
            go = TraceStops.callEntered(task) && (work & Task.CALL_EMULATE) == 0;
        }
        if (go && (work & Task.CALL_SECCOMP) != 0) {
            go = Seccomp.enter(task);
        }
        int number = (int) r.origRax;
        if (go && number != -1) {
            serve(task, r, number);
        }
        if (task.isExiting()) {
            return;
        }
        if (task.isStepping()) {
            SignalDelivery.stepped(task);
        } else if ((task.callWork() & (Task.CALL_TRACE | Task.CALL_EMULATE)) == Task.CALL_TRACE) {
            TraceStops.callLeft(task);
        }
    }

    /** Guests have filled the Sentry's own heap: one of them has to go, the others go on. */
    private static long heapExhausted(Task task) {
        task.kernel().oomKiller().heapExhausted(task);
        return -Errno.ENOMEM.number;
    }

    private static long fail(Task task, ErrnoException e) {
        int errno = e.errno.number;
        if (errno >= FIRST_RESTART) {
            task.addWork(Task.WORK_RESTART);
        }
        return -errno;
    }

    private static void observe(
            Task task,
            Registers r,
            int number,
            @org.jspecify.annotations.Nullable SyscallHandler handler,
            SyscallObserver observer) {
        long a0 = r.rdi;
        long a1 = r.rsi;
        long a2 = r.rdx;
        long a3 = r.r10;
        long a4 = r.r8;
        long a5 = r.r9;
        observer.enter(task, number, a0, a1, a2, a3, a4, a5);
        long result;
        if (handler == null) {
            result = ENOSYS;
        } else {
            try {
                result = handler.invoke(task, a0, a1, a2, a3, a4, a5);
            } catch (ErrnoException e) {
                result = fail(task, e);
            } catch (OutOfMemoryError e) {
                result = heapExhausted(task);
            } catch (RuntimeException | Error bug) {
                throw report(task, handler, bug);
            }
        }
        r.rax = result;
        observer.exit(task, number, a0, a1, a2, a3, a4, a5, result);
    }

    /** Says in which call a bug of ours showed; what needs no report passes as it is. */
    private static RuntimeException report(Task task, SyscallHandler handler, Throwable bug) {
        if (bug instanceof dev.jvisor.platform.ContextLostException lost) {
            return lost;
        }
        StringBuilder call = new StringBuilder(handler.name()).append('(');
        Registers r = task.registers();
        long[] arguments = {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9};
        for (int i = 0; i < arguments.length; i++) {
            call.append(i == 0 ? "0x" : ", 0x").append(Long.toHexString(arguments[i]));
        }
        return new SentryBug("system call " + call.append(')'), bug);
    }
}
