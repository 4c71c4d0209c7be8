// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.fs.host.HostTerminal;
import dev.jvisor.kernel.signal.SigInfo;
import dev.jvisor.kernel.signal.Signals;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.platform.host.HostProcess;

import org.jspecify.annotations.Nullable;

import sun.misc.Signal;

/**
 * Forwards the signals that end programs from runsc to the sandbox.
 *
 * <p>SIGQUIT cannot be had: the Java virtual machine keeps it.
 */
final class HostSignals {

    private static final String[] FORWARDED = {"HUP", "INT", "TERM", "USR2"};
    private static final int SIGSTOP = 19;

    private HostSignals() {}

    /** Starts forwarding to the first process, and of the terminal's SIGINT to its foreground. */
    static void forwardTo(ThreadGroup init, @Nullable HostTerminal terminal) {
        for (String name : FORWARDED) {
            Signal.handle(new Signal(name), signal -> forward(init, terminal, signal));
        }
        if (terminal != null) {
            Signal.handle(
                    new Signal("WINCH"), signal -> terminal.signalForeground(signal.getNumber()));
            Signal.handle(new Signal("TSTP"), signal -> stop(terminal, signal.getNumber()));
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

    private static void forward(ThreadGroup init, @Nullable HostTerminal terminal, Signal signal) {
        int number = signal.getNumber();
        // Process 1 is immune against what it does not handle; a program that a user starts and
        // interrupts is not.
        if (init.signals().handlers().get(number).isDefault()) {
            init.beginGroupExit(number);
        } else if (terminal != null && signal.getName().equals("INT")) {
            terminal.signalForeground(number);
        } else {
            Signals.sendFromOutside(init, SigInfo.kernel(number));
        }
    }
}
