// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.dev.ControllingTerminalDevice;
import dev.jvisor.kernel.task.ThreadGroup;

/** What stat says of a process's controlling terminal. */
final class Terminals {

    private Terminals() {}

    /** Device number as stat encodes it (Linux: new_encode_dev), 0 for none. */
    static int deviceOf(ThreadGroup group) {
        return group.session().controllingTerminal()
                        instanceof ControllingTerminalDevice.Openable terminal
                ? (int) terminal.deviceNumber()
                : 0;
    }

    /** Process group in the foreground, -1 for none. */
    static int foregroundGroupOf(ThreadGroup group) {
        return group.session().controllingTerminal()
                        instanceof ControllingTerminalDevice.Openable terminal
                ? terminal.foregroundProcessGroup()
                : -1;
    }
}
