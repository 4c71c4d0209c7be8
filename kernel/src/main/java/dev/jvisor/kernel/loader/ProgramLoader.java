// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.ErrnoException;

/** execve(2)'s part that understands files. Skeleton. */
public final class ProgramLoader {

    private ProgramLoader() {}

    /**
     * Reads and validates a program; nothing of the task changes.
     *
     * @param file from {@code Vfs.openForExec}; a reference is taken, the caller keeps its own
     * @param execName path as execve got it (AT_EXECFN, {@code #!} argument), ISO-8859-1
     * @param arguments argv, byte strings without NUL
     * @param environment envp
     */
    public static Program prepare(
            Task task,
            FileDescription file,
            String execName,
            byte[][] arguments,
            byte[][] environment)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }
}
