// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc.mqueue;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FilesystemType;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.task.Task;

/** mqueue: each mount shows the queues of the mounter's IPC namespace. */
public final class QueueFilesystemType implements FilesystemType {

    private final Kernel kernel;

    public QueueFilesystemType(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "mqueue";
    }

    @Override
    public boolean allowsUserNamespaces() {
        return true;
    }

    @Override
    public Filesystem mount(CallContext context, String source, int flags, String data) {
        return (context instanceof Task task ? task.ipcNamespace() : kernel.ipc()).queues();
    }
}
