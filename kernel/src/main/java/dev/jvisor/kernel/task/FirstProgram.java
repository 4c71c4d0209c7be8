// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import static dev.jvisor.platform.abi.Signals.SIGKILL;

import dev.jvisor.kernel.Kernel;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CountDownLatch;

/**
 * The program of a process that the kernel starts, installed on the new task's own thread (which
 * has to own the context); who starts it waits for the outcome.
 */
final class FirstProgram {

    private final ProcessSpec spec;
    private final CountDownLatch done = new CountDownLatch(1);
    private @Nullable ErrnoException failure;
    private @Nullable Throwable bug;

    FirstProgram(ProcessSpec spec) {
        this.spec = spec;
    }

    /** On the task's thread; false if it failed. */
    boolean install(Task task) {
        try {
            Kernel kernel = task.kernel();
            spec.platformFailed = true;
            GuestContext context = kernel.platform().newContext();
            spec.platformFailed = false;
            task.setContext(context);
            MemoryManager memory = MemoryManager.create(
                    context.addressSpace(),
                    kernel.pages(),
                    kernel.platform().minAddress(),
                    kernel.platform().maxAddress());
            memory.setLimits(task.threadGroup());
            task.setMemory(memory);
            TaskExec.executeFirst(task, spec);
            return true;
        } catch (ErrnoException e) {
            failure = e;
            task.threadGroup().beginGroupExit(SIGKILL);
            return false;
        } catch (Throwable t) {
            bug = t;
            throw t;
        } finally {
            done.countDown();
        }
    }

    /** Waits for {@link #install}; throws what it failed with. */
    void await() throws ErrnoException {
        boolean interrupted = false;
        for (; ; ) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw failure;
        }
        if (bug != null) {
            throw new dev.jvisor.platform.SentryBug("first program failed", bug);
        }
    }
}
