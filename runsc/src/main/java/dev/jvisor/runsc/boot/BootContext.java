// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.boot;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.mm.MemoryManager;

import org.jspecify.annotations.Nullable;

/** The kernel's own hand while it sets up files, before there is a task: root, without limits. */
final class BootContext implements CallContext {

    private final Kernel kernel;
    private @Nullable FsContext fs;

    BootContext(Kernel kernel) {
        this.kernel = kernel;
    }

    void setFs(FsContext fs) {
        this.fs = fs;
    }

    @Override
    public Credentials credentials() {
        return Credentials.ROOT;
    }

    @Override
    public FsContext fs() {
        FsContext context = fs;
        if (context == null) {
            throw new IllegalStateException("no root yet");
        }
        return context;
    }

    @Override
    public MemoryManager memory() {
        throw new IllegalStateException("the boot has no guest memory");
    }

    @Override
    public long realtimeNanos() {
        return kernel.clocks().realtimeNanos();
    }

    @Override
    public long monotonicNanos() {
        return kernel.clocks().monotonicNanos();
    }

    @Override
    public long limit(int resource) {
        return -1;
    }

    @Override
    public void raise(int signal) {}

    @Override
    public int processId() {
        return 0;
    }

    @Override
    public Object fileTableOwner() {
        return this;
    }

    @Override
    public Session session() {
        throw new IllegalStateException("the boot has no session");
    }

    @Override
    public boolean sleep(long deadlineNanos) {
        throw new IllegalStateException("the boot does not wait for guests");
    }

    @Override
    public WaitQueue.Entry newWaitEntry(int mask) {
        throw new IllegalStateException("the boot does not wait for guests");
    }
}
