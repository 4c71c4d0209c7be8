// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.fs.host.HostFileDescription;
import dev.jvisor.fs.host.HostStreams;
import dev.jvisor.fs.host.HostTerminal;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.runsc.cli.RunscException;

import org.jspecify.annotations.Nullable;

/**
 * Standard input, output and error of runsc, passed on to the first process; the terminal behind
 * them.
 */
final class StandardStreams {

    private @Nullable HostTerminal terminal;

    /** Makes the first process's descriptor table. */
    FdTable open() throws RunscException {
        FdTable files = FdTable.create();
        try {
            HostFileDescription[] streams = HostStreams.open(0, 1, 2);
            for (int fd = 0; fd < streams.length; fd++) {
                HostFileDescription stream = streams[fd];
                if (stream != null) {
                    files.installAt(fd, stream, false, Long.MAX_VALUE);
                    terminal = terminal == null ? stream.terminal() : terminal;
                }
            }
        } catch (ErrnoException e) {
            throw new RunscException(
                    "cannot pass on standard input, output or error: " + e.errno.text);
        }
        return files;
    }

    @Nullable
    HostTerminal terminal() {
        return terminal;
    }

    /**
     * Makes the terminal, if there is one, the controlling terminal of the first process's session.
     */
    void attachTerminal(ThreadGroup init) {
        Task leader = init.leader();
        if (terminal != null && leader != null) {
            terminal.attach(leader.session());
        }
    }

    /** Gives the terminal back as it was found. */
    void restoreTerminal() {
        if (terminal != null) {
            terminal.restore();
        }
    }
}
