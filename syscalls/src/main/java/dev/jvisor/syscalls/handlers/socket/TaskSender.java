// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.socket;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.ErrnoException;

/** A task that sends control messages. */
record TaskSender(Task task) implements SocketMessage.Sender {

    @Override
    public FileDescription acquire(int descriptor) throws ErrnoException {
        return task.files().acquire(descriptor);
    }

    @Override
    public boolean hasProcess(int id) {
        return task.pids().threadGroup(id) != null;
    }
}
