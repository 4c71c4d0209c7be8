// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.signal;

import dev.jvisor.kernel.signal.SignalSet;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** Arguments that several signal calls share. */
final class SignalArgs {

    private SignalArgs() {}

    /** EINVAL unless a {@code sigsetsize} argument is that of the kernel's sets. */
    static void checkSetSize(long size) throws ErrnoException {
        if (size != SignalSet.SIZE) {
            throw Errno.EINVAL.exception();
        }
    }

    static long readSet(Task task, long address) throws ErrnoException {
        return task.memory().getLong(address);
    }
}
