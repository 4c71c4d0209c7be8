// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.abi.ErrnoException;
import org.jspecify.annotations.Nullable;

/**
 * A thread of a guest process (Linux: {@code struct task_struct}), run by one Java platform thread.
 *
 * <p>Contract skeleton: the kernel.task owner makes it a real class; names stay.
 */
public abstract class Task implements CallContext {

    public abstract Kernel kernel();

    /** Thread id. */
    public abstract int tid();

    /** The process it belongs to. */
    public abstract ThreadGroup threadGroup();

    /** Register access and platform control; on the task's own thread only. */
    public abstract GuestContext context();

    @Override
    public abstract MemoryManager memory();

    /** Descriptor table. */
    public abstract FdTable files();

    /** Name of at most 15 bytes (PR_SET_NAME, /proc/PID/comm). */
    public abstract String name();

    /**
     * Waits until one of {@code events} holds on a file ({@code file.poll()}), a deadline passes, or a
     * signal is pending. Cannot miss a change.
     *
     * @param deadlineNanos CLOCK_MONOTONIC, Long.MAX_VALUE for none
     * @return false if the deadline passed
     * @throws ErrnoException ERESTARTSYS if a signal is pending
     */
    public abstract boolean waitFor(FileDescription file, int events, long deadlineNanos)
            throws ErrnoException;

    /**
     * Sleeps until {@link #wake}, the deadline, or a signal. A wake that came since the last sleep counts.
     *
     * @return false if the deadline passed
     * @throws ErrnoException ERESTARTSYS if an unblocked signal is pending (or the task is being killed)
     */
    @Override
    public abstract boolean sleep(long deadlineNanos) throws ErrnoException;

    /** Wakes it out of {@link #sleep}; any thread. */
    public abstract void wake();

    /** A queue entry that calls {@link #wake}. */
    @Override
    public abstract WaitQueue.Entry newWaitEntry(int mask);

    /** Whether an unblocked signal (or kill, stop) waits for it. */
    public abstract boolean hasPendingSignal();

    /** Set by calls that must act before the task goes back to guest code: see {@code dispatch}. */
    public abstract @Nullable Object restartBlock();
}
