// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static dev.jvisor.platform.abi.Signals.SA_EXPOSE_TAGBITS;
import static dev.jvisor.platform.abi.Signals.SA_NOCLDSTOP;
import static dev.jvisor.platform.abi.Signals.SA_NOCLDWAIT;
import static dev.jvisor.platform.abi.Signals.SA_NODEFER;
import static dev.jvisor.platform.abi.Signals.SA_ONSTACK;
import static dev.jvisor.platform.abi.Signals.SA_RESETHAND;
import static dev.jvisor.platform.abi.Signals.SA_RESTART;
import static dev.jvisor.platform.abi.Signals.SA_RESTORER;
import static dev.jvisor.platform.abi.Signals.SA_SIGINFO;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** Changing actions (Linux: do_sigaction). */
public final class SignalActions {

    /** Linux: UAPI_SA_FLAGS with SA_RESTORER. */
    private static final long KNOWN_FLAGS = (SA_NOCLDSTOP
                    | SA_NOCLDWAIT
                    | SA_SIGINFO
                    | SA_ONSTACK
                    | SA_RESTART
                    | SA_NODEFER
                    | SA_RESETHAND
                    | SA_EXPOSE_TAGBITS
                    | SA_RESTORER)
            & 0xffffffffL;

    private SignalActions() {}

    /**
     * Replaces the action of a signal.
     *
     * @param action null to read only
     * @return the action before
     * @throws ErrnoException EINVAL for a number that is no signal, and for SIGKILL or SIGSTOP with
     *     an action
     */
    public static SignalAction exchange(Task task, int signal, @Nullable SignalAction action)
            throws ErrnoException {
        if (signal < 1
                || signal > SignalHandlers.COUNT
                || action != null && SignalSet.contains(SignalSet.UNBLOCKABLE, signal)) {
            throw Errno.EINVAL.exception();
        }
        GroupSignals signals = task.threadGroup().signals();
        if (action == null) {
            return signals.handlers().get(signal);
        }
        return signals.setAction(
                signal,
                new SignalAction(
                        action.handler(),
                        action.flags() & KNOWN_FLAGS,
                        action.restorer(),
                        action.mask() & ~SignalSet.UNBLOCKABLE));
    }
}
