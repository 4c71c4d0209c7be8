// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.stub.ControlFile;
import dev.jvisor.platform.stub.StubFiles;

/** A host process that holds a guest address space, and how many stub threads of it are in use. */
final class StubProcess {

    private static final int WALL = 0x40000000;

    final int tgid;
    final StubFiles files;

    /** Offset of its command list in the control file. */
    final long list;

    /** Threads with a context, and threads that wait for one. Guarded by this. */
    private int threads = 1;

    private boolean ended;

    /** Whether the process mapped its list itself (a forked one does, before it parks). */
    private final boolean listMapped;

    StubProcess(int tgid, StubFiles files, long list, boolean listMapped) {
        this.listMapped = listMapped;
        this.tgid = tgid;
        this.files = files;
        this.list = list;
    }

    boolean isListMapped() {
        return listMapped;
    }

    synchronized void addThread() {
        threads++;
    }

    /** Counts a thread out; true if it was the last one. */
    synchronized boolean removeThread() {
        return --threads == 0;
    }

    synchronized boolean hasOneThread() {
        return threads == 1;
    }

    /** Ends the process with all its threads. */
    void kill() {
        HostProcess.kill(tgid, Signals.SIGKILL);
    }

    /** Collects the process after {@link #kill} and gives back what it used. Idempotent. */
    void reap(ControlFile control) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
        }
        NativeBuffer buffer = NativeBuffer.scratch();
        long result;
        do {
            result = HostProcess.wait4(tgid, buffer.address(), WALL);
        } while (!Host.isError(result) && (buffer.getInt(0) & 0xff) == 0x7f);
        control.free(list);
        files.removeProcess();
    }
}
