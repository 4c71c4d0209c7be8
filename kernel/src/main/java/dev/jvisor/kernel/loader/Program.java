// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.Registers;
import dev.jvisor.platform.abi.ErrnoException;

/** A validated program, ready to replace a task's image. Skeleton. */
public final class Program {

    /** The file whose mode bits and mount decide on set-id; what /proc/PID/exe shows. Borrowed. */
    public FileDescription executable() {
        throw new UnsupportedOperationException();
    }

    /** New name of the task, at most 15 bytes. */
    public String commName() {
        throw new UnsupportedOperationException();
    }

    /**
     * Maps the program into empty memory and sets the registers to its start.
     *
     * @param secure AT_SECURE: credentials changed
     */
    public void install(
            Task task,
            MemoryManager memory,
            Registers registers,
            Credentials credentials,
            boolean secure)
            throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /** Closes the files it holds. */
    public void release() {}
}
