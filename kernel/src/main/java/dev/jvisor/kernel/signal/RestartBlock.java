// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * How restart_syscall(2) goes on with an interrupted call whose arguments no longer say what is
 * left to do (Linux: {@code struct restart_block}). A call stores one in its task and throws
 * ERESTART_RESTARTBLOCK.
 */
public interface RestartBlock {

    /** Continues the call on the task's own thread. */
    long restart(Task task) throws ErrnoException;
}
