// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.task;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.signal.SignalState;
import dev.jvisor.mm.MemoryManager;

import org.jspecify.annotations.Nullable;

/** What a new task starts with; whoever fills it in took the references. */
final class TaskSpec {
    final SignalState signals;
    Credentials credentials = Credentials.ROOT;

    @Nullable
    MemoryManager memory;

    @Nullable
    FdTable files;

    @Nullable
    FsContext fs;

    Namespaces namespaces;
    String name = "";
    int personality;
    Scheduling scheduling = new Scheduling();

    TaskSpec(SignalState signals, Namespaces namespaces) {
        this.signals = signals;
        this.namespaces = namespaces;
    }
}
