// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.poll;

import dev.jvisor.kernel.signal.SignalSet;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** The signal mask that ppoll(2), pselect(2) and epoll_pwait(2) have while they wait. */
final class TemporaryMask {

    private TemporaryMask() {}

    /** Sets it if there is one. EINVAL for the size, EFAULT. */
    static boolean set(Task task, long sigset, long size) throws ErrnoException {
        if (sigset == 0) {
            return false;
        }
        if (size != SignalSet.SIZE) {
            throw Errno.EINVAL.exception();
        }
        task.signals().setTemporaryMask(task.memory().getLong(sigset));
        return true;
    }

    /** After a wait that no signal ended. */
    static void end(Task task, boolean wasSet) {
        if (wasSet) {
            task.signals().restoreMask();
        }
    }

    /**
     * After a wait that failed: if a signal ended it, the old mask is left to the signal's
     * delivery.
     *
     * @param timeoutStored whether a restart would find what is left of the timeout
     * @return what to throw
     */
    static ErrnoException interrupted(
            Task task, boolean wasSet, ErrnoException error, boolean timeoutStored) {
        if (error.errno != Errno.ERESTARTNOHAND) {
            end(task, wasSet);
            return error;
        }
        return timeoutStored ? error : Errno.EINTR.exception();
    }
}
