// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.dev.ControllingTerminalDevice;
import dev.jvisor.kernel.task.PidNamespace;
import dev.jvisor.kernel.task.ProcessGroup;
import dev.jvisor.kernel.task.ThreadGroup;

/** What stat says of a process's controlling terminal. */
final class Terminals {

    private Terminals() {}

    /** Device number as stat encodes it (Linux: new_encode_dev), 0 for none. */
    static int deviceOf(ThreadGroup group) {
        return group.controllingTerminal() instanceof ControllingTerminalDevice.Openable terminal
                ? (int) terminal.deviceNumber()
                : 0;
    }

    /** Process group in the foreground by its number in a namespace, -1 for none. */
    static int foregroundGroupOf(ThreadGroup group, PidNamespace pids) {
        return group.controllingTerminal() instanceof ControllingTerminalDevice.Openable terminal
                        && terminal.foregroundProcessGroup() instanceof ProcessGroup foreground
                ? foreground.pid().numberIn(pids)
                : -1;
    }
}
