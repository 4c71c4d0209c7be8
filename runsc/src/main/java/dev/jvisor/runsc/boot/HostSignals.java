// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.fs.host.HostTerminal;
import dev.jvisor.fs.tty.ControllingTerminal;
import dev.jvisor.fs.tty.Pty;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.host.HostProcess;

import org.jspecify.annotations.Nullable;

import sun.misc.Signal;

/**
 * Forwards the signals that end programs from runsc to the sandbox.
 *
 * <p>SIGQUIT cannot be had: the Java virtual machine keeps it. As a key it works at a terminal of
 * the sandbox's own ({@link Console}).
 */
final class HostSignals implements Console.KeySignals {

    private static final String[] FORWARDED = {"HUP", "INT", "TERM", "USR2"};
    private static final int SIGHUP = 1;
    private static final int SIGINT = 2;
    private static final int SIGQUIT = 3;
    private static final int SIGSTOP = 19;

    private final ThreadGroup init;
    private final @Nullable ControllingTerminal terminal;

    private HostSignals(ThreadGroup init, @Nullable ControllingTerminal terminal) {
        this.init = init;
        this.terminal = terminal;
    }

    /** Starts forwarding to the first process, and of the terminal's SIGINT to its foreground. */
    static void forwardTo(ThreadGroup init, StandardStreams streams) {
        HostSignals to = new HostSignals(init, streams.terminal());
        for (String name : FORWARDED) {
            Signal.handle(new Signal(name), signal -> to.forward(signal.getNumber()));
        }
        HostTerminal passed = streams.hostTerminal();
        Console console = streams.console();
        if (console != null) {
            Signal.handle(new Signal("WINCH"), signal -> console.resized());
            Signal.handle(new Signal("CONT"), signal -> console.resumed());
            console.start(to);
        } else if (passed != null) {
            Signal.handle(
                    new Signal("WINCH"), signal -> passed.signalForeground(signal.getNumber()));
            Signal.handle(new Signal("TSTP"), signal -> stop(passed, signal.getNumber()));
        }
    }

    /**
     * ^Z belongs to a shell with job control in the sandbox, if there is one, else to the user's.
     */
    private static void stop(HostTerminal terminal, int number) {
        if (terminal.hasJobControl()) {
            terminal.signalForeground(number);
        } else {
            HostProcess.kill(HostProcess.getpid(), SIGSTOP);
        }
    }

    /**
     * Process 1 is immune against what it does not handle; a program that a user starts and
     * interrupts is not.
     */
    private boolean isDefault(int signal) {
        return init.signals().handlers().get(signal).isDefault();
    }

    private void forward(int number) {
        if (isDefault(number)) {
            init.beginGroupExit(number);
        } else if (terminal != null && number == SIGINT) {
            terminal.signalForeground(number);
        } else {
            Signals.sendFromOutside(init, SigInfo.kernel(number));
        }
    }

    @Override
    public boolean endsSandbox(int signal, Pty console) {
        boolean ends = signal == SIGHUP
                || (signal == SIGINT || signal == SIGQUIT)
                        && console.foregroundProcessGroup() == init.processGroup();
        if (!ends || !isDefault(signal)) {
            return false;
        }
        init.beginGroupExit(signal);
        return true;
    }
}
