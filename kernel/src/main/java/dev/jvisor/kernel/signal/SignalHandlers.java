// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.SA_NOCLDSTOP;
import static dev.jvisor.platform.abi.Signals.SA_NOCLDWAIT;
import static dev.jvisor.platform.abi.Signals.SIGCHLD;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The 64 actions of a process (Linux: {@code struct sighand_struct}); shared by CLONE_SIGHAND.
 *
 * <p>Each entry is read and replaced atomically; who needs several steps to agree holds the lock of
 * {@link GroupSignals}.
 */
public final class SignalHandlers {

    /** Number of signals; the first is 1. */
    public static final int COUNT = 64;

    private final AtomicReferenceArray<SignalAction> actions = new AtomicReferenceArray<>(COUNT);

    /** All default. */
    public SignalHandlers() {
        for (int i = 0; i < COUNT; i++) {
            actions.set(i, SignalAction.DEFAULT);
        }
    }

    /** The action of a signal (1..64). */
    public SignalAction get(int signal) {
        return actions.get(signal - 1);
    }

    void set(int signal, SignalAction action) {
        actions.set(signal - 1, action);
    }

    /** A copy for fork. */
    public SignalHandlers copy() {
        SignalHandlers copy = new SignalHandlers();
        for (int i = 0; i < COUNT; i++) {
            copy.actions.set(i, actions.get(i));
        }
        return copy;
    }

    /**
     * A copy for execve: handlers become default, ignored signals stay ignored, flags and masks go.
     */
    SignalHandlers copyForExec() {
        SignalHandlers copy = new SignalHandlers();
        for (int i = 0; i < COUNT; i++) {
            if (actions.get(i).isIgnore()) {
                copy.actions.set(i, new SignalAction(SignalAction.SIG_IGN, 0, 0, 0));
            }
        }
        return copy;
    }

    /** Sets every caught signal to default (CLONE_CLEAR_SIGHAND). */
    public void clearHandlers() {
        for (int i = 0; i < COUNT; i++) {
            SignalAction a = actions.get(i);
            if (!a.isIgnore()) {
                actions.set(i, SignalAction.DEFAULT);
            }
        }
    }

    /** Whether a signal has no effect on a process that has not blocked it. */
    public boolean isIgnored(int signal) {
        SignalAction a = get(signal);
        return a.isIgnore()
                || a.isDefault() && SignalSet.contains(SignalSet.DEFAULT_IGNORE, signal);
    }

    /** Whether children of the process leave no zombie: SIGCHLD is ignored or has SA_NOCLDWAIT. */
    public boolean isChildIgnored() {
        SignalAction a = get(SIGCHLD);
        return a.isIgnore() || a.has(SA_NOCLDWAIT);
    }

    /** Whether stopped or continued children shall not send SIGCHLD. */
    public boolean isNoChildStop() {
        SignalAction a = get(SIGCHLD);
        return a.isIgnore() || a.has(SA_NOCLDSTOP);
    }

    /** Signals with SIG_IGN (for /proc/PID/status). */
    public long ignoredMask() {
        long mask = 0;
        for (int i = 0; i < COUNT; i++) {
            if (actions.get(i).isIgnore()) {
                mask |= 1L << i;
            }
        }
        return mask;
    }

    /** Signals with a handler (for /proc/PID/status). */
    public long caughtMask() {
        long mask = 0;
        for (int i = 0; i < COUNT; i++) {
            SignalAction a = actions.get(i);
            if (!a.isIgnore() && !a.isDefault()) {
                mask |= 1L << i;
            }
        }
        return mask;
    }
}
