// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.dispatch;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.ErrnoException;

/** One bound system call: generated code (or a test's own) between six words and a typed method. */
public abstract class SyscallHandler {

    /** System call number, x86-64. */
    public abstract int number();

    /** Name as in asm/unistd_64.h. */
    public abstract String name();

    /**
     * Executes the call.
     *
     * @return the value for {@code rax}; errors are thrown, never returned
     * @throws ErrnoException the guest's error; {@code ERESTART*} ask the dispatcher to restart
     */
    public abstract long invoke(Task task, long a0, long a1, long a2, long a3, long a4, long a5)
            throws ErrnoException;
}
