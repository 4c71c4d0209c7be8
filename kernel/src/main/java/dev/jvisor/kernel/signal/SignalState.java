// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

/** Signal state of one task. Skeleton; see the methods' comments. */
public final class SignalState {

    /** The first task of a process, nothing blocked. */
    public SignalState(GroupSignals group) {}

    /**
     * State for a child: same mask, nothing pending; the alternate stack is kept unless the child shares
     * memory without being a vfork child.
     */
    public SignalState forClone(GroupSignals childGroup, boolean dropAltStack) {
        throw new UnsupportedOperationException();
    }

    /** Whether a signal, stop or kill waits that the task has to act on (Linux: TIF_SIGPENDING). */
    public boolean isPending() {
        throw new UnsupportedOperationException();
    }

    /** Makes {@link #isPending} true so that the task passes through delivery (and recomputes it). */
    public void setPending() {}

    public long blocked() {
        throw new UnsupportedOperationException();
    }

    /** Replaces the mask (own thread); SIGKILL and SIGSTOP are taken out. */
    public void setBlocked(long mask) {}

    /**
     * Replaces the mask until the current system call ends (ppoll, pselect, epoll_pwait, sigsuspend): own
     * thread. Delivery puts the old mask back, after a handler if one runs.
     */
    public void setTemporaryMask(long mask) {}

    /** Puts the mask of {@link #setTemporaryMask} back, when the call was not interrupted. */
    public void restoreMask() {}

    /** Whether {@link #setTemporaryMask} is in force. */
    public boolean hasSavedMask() {
        throw new UnsupportedOperationException();
    }
}
