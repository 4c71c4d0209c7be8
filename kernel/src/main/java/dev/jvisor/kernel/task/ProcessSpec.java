// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.tty.ControllingTerminal;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.limits.ResourceLimits;

import org.jspecify.annotations.Nullable;

/**
 * A process that the kernel starts on request from outside: the first one, and those of
 * {@code exec}.
 */
public final class ProcessSpec {

    /** argv, byte strings without NUL; not empty. */
    public byte[][] arguments = {};

    /** envp. */
    public byte[][] environment = {};

    /**
     * Program; null: {@code arguments[0]}. Without a slash it is searched in the environment's
     * PATH.
     */
    public @Nullable String path;

    public Credentials credentials = Credentials.ROOT;

    /** Descriptors; the process takes over the reference. */
    public @Nullable FdTable files;

    /** Root and working directory. */
    public @Nullable FsContext fs;

    /** The terminal that controls its session from the start, or null. */
    public @Nullable ControllingTerminal terminal;

    public ResourceLimits limits = new ResourceLimits();

    /**
     * Called with the wait status when the process has ended (any thread, no locks held); may be
     * null.
     */
    public @Nullable ExitListener exitListener;

    /**
     * Set when the start failed because the platform could not make a context, not for the program.
     */
    public boolean platformFailed;

    /** See {@link #exitListener}. */
    public interface ExitListener {
        void exited(int waitStatus);
    }
}
