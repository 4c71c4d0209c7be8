// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.fs.host.HostFileDescription;
import dev.jvisor.fs.host.HostStreams;
import dev.jvisor.fs.host.HostTerminal;
import dev.jvisor.fs.tty.ControllingTerminal;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostTty;
import dev.jvisor.runsc.cli.RunscException;

import org.jspecify.annotations.Nullable;

/**
 * Standard input, output and error of the first process, and its terminal.
 *
 * <p>Who sits at a terminal with both input and output gets a {@link Console}: a terminal of the
 * sandbox's own. In a pipeline the user's terminal has other readers, too, so there it is passed on
 * as it is and read only when a guest reads it.
 */
final class StandardStreams {

    private static final int STREAMS = 3;
    private static final int SIZEOF_WINSIZE = 8;

    private @Nullable HostTerminal terminal;
    private @Nullable Console console;

    /** Makes the first process's descriptor table. */
    FdTable open(BootContext context, SandboxConfig config) throws RunscException {
        FdTable files = FdTable.create();
        boolean both = config.terminalOfUser && HostTty.isTty(0) && HostTty.isTty(1);
        if (config.terminal || both) {
            openConsole(context, config);
        }
        try {
            int[] passed = new int[STREAMS];
            for (int fd = 0; fd < STREAMS; fd++) {
                boolean ours = config.terminal || both && HostTty.isTty(fd);
                passed[fd] = ours ? -1 : fd;
            }
            HostFileDescription[] streams = HostStreams.open(passed);
            boolean first = true;
            for (int fd = 0; fd < STREAMS; fd++) {
                FileDescription stream = streams[fd];
                if (passed[fd] < 0 && console != null) {
                    stream = console.slave();
                    if (!first) {
                        stream.retain();
                    }
                    first = false;
                }
                if (stream != null) {
                    files.installAt(fd, stream, false, Long.MAX_VALUE);
                }
                if (stream instanceof HostFileDescription host && terminal == null) {
                    terminal = host.terminal();
                }
            }
        } catch (ErrnoException e) {
            throw new RunscException(
                    "cannot pass on standard input, output or error: " + e.errno.text);
        }
        return files;
    }

    private void openConsole(BootContext context, SandboxConfig config) throws RunscException {
        byte[] size = null;
        if (config.consoleHeight != 0 || config.consoleWidth != 0) {
            size = new byte[SIZEOF_WINSIZE];
            size[0] = (byte) config.consoleHeight;
            size[1] = (byte) (config.consoleHeight >> 8);
            size[2] = (byte) config.consoleWidth;
            size[3] = (byte) (config.consoleWidth >> 8);
        }
        try {
            Console made = Console.open(context, size);
            made.setOwner(config.credentials.uid());
            console = made;
        } catch (ErrnoException e) {
            throw new RunscException(
                    "cannot make a terminal: " + e.errno.text + "; it needs devpts at /dev/pts");
        }
    }

    /** The user's terminal if it is passed on, or null. */
    @Nullable
    HostTerminal hostTerminal() {
        return terminal;
    }

    /** The sandbox's terminal that is shown at the user's, or null. */
    @Nullable
    Console console() {
        return console;
    }

    /** What controls the first process's session, or null. */
    @Nullable
    ControllingTerminal terminal() {
        return console != null ? console.terminal() : terminal;
    }

    /** Shows what is left to be shown, and gives the user's terminal back as it was found. */
    void end() {
        if (console != null) {
            console.end();
        }
        if (terminal != null) {
            terminal.restore();
        }
    }
}
