// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.ipc;

import dev.jvisor.kernel.ipc.IpcTable;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.platform.abi.ErrnoException;

/** Commands that all kinds of objects have (uapi/linux/ipc.h). */
final class IpcCommands {

    static final int IPC_RMID = 0;
    static final int IPC_SET = 1;
    static final int IPC_STAT = 2;
    static final int IPC_INFO = 3;

    private IpcCommands() {}

    /**
     * IPC_STAT and its like.
     *
     * @return 0, or the id of what is at a place
     */
    static long stat(
            Task task,
            IpcTable<?> table,
            int id,
            boolean byPlace,
            boolean checked,
            long buffer,
            int size)
            throws ErrnoException {
        byte[] b = new byte[size];
        int found = table.stat(task.credentials(), id, byPlace, checked, b);
        task.memory().copyOut(buffer, b, 0, b.length);
        return byPlace ? found : 0;
    }
}
