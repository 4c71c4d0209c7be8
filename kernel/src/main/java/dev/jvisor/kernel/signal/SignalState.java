// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * Signal state of one task: mask, its own pending signals, alternate stack (Linux: the signal
 * fields of {@code task_struct}).
 *
 * <p>The queue and the stop flags are guarded by the lock of {@link GroupSignals}; the mask is
 * written by the task's own thread under that lock and read by any; the alternate stack and the
 * saved mask belong to the task's own thread.
 */
public final class SignalState {

    /** sigaltstack(2) flags. */
    public static final int SS_ONSTACK = 1;

    public static final int SS_DISABLE = 2;
    public static final int SS_AUTODISARM = 1 << 31;

    private final GroupSignals group;
    final SignalQueue pending = new SignalQueue();

    /** Linux: TIF_SIGPENDING. */
    private volatile boolean signalPending;

    private volatile long blocked;

    /** The mask that rt_sigtimedwait replaced meanwhile; guarded by the group's lock. */
    long realBlocked;

    private long savedMask;
    private boolean hasSavedMask;

    /** A group stop wants this task to stop (JOBCTL_STOP_PENDING); guarded by the group's lock. */
    boolean stopPending;

    /** A stop signal was taken and no SIGCONT came since (JOBCTL_STOP_DEQUEUED); group's lock. */
    boolean stopDequeued;

    /** Whether it waits in a stop; written under the group's lock. */
    volatile boolean stopped;

    /** The signal of the last stop that was begun (JOBCTL_STOP_SIGMASK); group's lock. */
    int stopSignal;

    /** The tracer is to get a stop (JOBCTL_TRAP_STOP, _NOTIFY); written under the group's lock. */
    volatile boolean trapPending;

    private long altStackAddress;
    private long altStackSize;
    private int altStackFlags = SS_DISABLE;

    /** Of the last fault, for the signal frame (Linux: thread.trap_nr, error_code, cr2). */
    long trapNumber;

    long errorCode;
    long faultAddress;

    private byte[] frameBuffer = new byte[0];

    /** The first task of a process, nothing blocked. */
    public SignalState(GroupSignals group) {
        this.group = group;
    }

    /**
     * State for a child: same mask, nothing pending.
     *
     * @param dropAltStack whether the child shares memory and is no vfork child: then it starts
     *     without alternate stack
     */
    public SignalState forClone(GroupSignals childGroup, boolean dropAltStack) {
        SignalState child = new SignalState(childGroup);
        child.blocked = blocked;
        if (!dropAltStack) {
            child.altStackAddress = altStackAddress;
            child.altStackSize = altStackSize;
            child.altStackFlags = altStackFlags;
        }
        return child;
    }

    /** Whether a signal, stop or kill waits that the task has to act on (Linux: TIF_SIGPENDING). */
    public boolean isPending() {
        return signalPending;
    }

    /**
     * Makes {@link #isPending} true so that the task passes through delivery (and recomputes it).
     */
    public void setPending() {
        signalPending = true;
    }

    /** Recomputes {@link #isPending}; own thread, under the group's lock. */
    void recalculateLocked() {
        signalPending = stopPending
                || trapPending
                || group.notifyPending()
                || ((pending.pending() | group.shared.pending()) & ~blocked) != 0;
    }

    /** Whether a stop for the tracer is due. */
    public boolean isTrapPending() {
        return trapPending;
    }

    /** The mask. */
    public long blocked() {
        return blocked;
    }

    /** Signals pending for this thread alone (SigPnd in /proc/PID/status). */
    public long pendingSet() {
        group.lock.lock();
        try {
            return pending.pending();
        } finally {
            group.lock.unlock();
        }
    }

    /** Replaces the mask (own thread); SIGKILL and SIGSTOP are taken out. */
    public void setBlocked(long mask) {
        long wanted = mask & ~SignalSet.UNBLOCKABLE;
        if (wanted == blocked) {
            return;
        }
        group.lock.lock();
        try {
            setBlockedLocked(wanted);
        } finally {
            group.lock.unlock();
        }
    }

    /** As {@link #setBlocked} for a mask without SIGKILL and SIGSTOP. */
    void setBlockedLocked(long mask) {
        if (signalPending) {
            group.retargetLocked(this, mask & ~blocked);
        }
        blocked = mask;
        recalculateLocked();
    }

    /**
     * Replaces the mask until the current system call ends (ppoll, pselect, epoll_pwait,
     * sigsuspend): own thread. Delivery puts the old mask back, after a handler if one runs.
     */
    public void setTemporaryMask(long mask) {
        savedMask = blocked;
        hasSavedMask = true;
        setBlocked(mask);
    }

    /** Puts the mask of {@link #setTemporaryMask} back, when the call was not interrupted. */
    public void restoreMask() {
        if (hasSavedMask) {
            hasSavedMask = false;
            setBlocked(savedMask);
        }
    }

    /** Whether {@link #setTemporaryMask} is in force. */
    public boolean hasSavedMask() {
        return hasSavedMask;
    }

    /** The mask that a signal frame keeps, which sigreturn will put back. */
    long maskToSave() {
        return hasSavedMask ? savedMask : blocked;
    }

    void forgetSavedMask() {
        hasSavedMask = false;
    }

    /** Whether this thread waits in a group stop (state T in procfs). */
    public boolean isStopped() {
        return stopped;
    }

    // Alternate stack; own thread.

    public long altStackAddress() {
        return altStackAddress;
    }

    public long altStackSize() {
        return altStackSize;
    }

    /** Flags as they were set, which frames keep. */
    int altStackFlags() {
        return altStackFlags;
    }

    /**
     * Whether a stack pointer lies on the alternate stack, armed or not (Linux: __on_sig_stack).
     */
    boolean isWithinAltStack(long pointer) {
        long offset = pointer - altStackAddress;
        return Long.compareUnsigned(pointer, altStackAddress) > 0
                && Long.compareUnsigned(offset, altStackSize) <= 0;
    }

    /** Whether a stack pointer uses the alternate stack; never so with SS_AUTODISARM. */
    boolean isOnAltStack(long pointer) {
        return (altStackFlags & SS_AUTODISARM) == 0 && isWithinAltStack(pointer);
    }

    /** {@code ss_flags} as sigaltstack(2) reports them for a stack pointer. */
    public int altStackFlagsFor(long pointer) {
        return altStackMode(pointer) | altStackFlags & SS_AUTODISARM;
    }

    /** SS_DISABLE, SS_ONSTACK or 0 (Linux: sas_ss_flags). */
    int altStackMode(long pointer) {
        if (altStackSize == 0) {
            return SS_DISABLE;
        }
        return isOnAltStack(pointer) ? SS_ONSTACK : 0;
    }

    /**
     * Sets the alternate stack.
     *
     * @param pointer the task's stack pointer
     * @param sizeMin smallest size accepted, in bytes
     * @throws ErrnoException EPERM while on the alternate stack; EINVAL for flags; ENOMEM if too
     *     small
     */
    public void setAltStack(long address, long size, int flags, long pointer, long sizeMin)
            throws ErrnoException {
        if (isOnAltStack(pointer)) {
            throw Errno.EPERM.exception();
        }
        int mode = flags & ~SS_AUTODISARM;
        if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0) {
            throw Errno.EINVAL.exception();
        }
        if (mode == SS_DISABLE) {
            altStackAddress = 0;
            altStackSize = 0;
        } else {
            if (Long.compareUnsigned(size, sizeMin) < 0) {
                throw Errno.ENOMEM.exception();
            }
            altStackAddress = address;
            altStackSize = size;
        }
        altStackFlags = flags;
    }

    void resetAltStack() {
        altStackAddress = 0;
        altStackSize = 0;
        altStackFlags = SS_DISABLE;
    }

    /** A buffer for frames, reused. */
    byte[] frameBuffer(int size) {
        if (frameBuffer.length < size) {
            frameBuffer = new byte[size];
        }
        return frameBuffer;
    }
}
