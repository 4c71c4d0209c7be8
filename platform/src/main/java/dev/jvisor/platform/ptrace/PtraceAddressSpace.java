// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.ptrace;

import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.stub.MapQueue;
import dev.jvisor.platform.stub.RangeSet;
import dev.jvisor.platform.stub.StubAddressSpace;
import dev.jvisor.platform.stub.StubUsage;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** The address space of a stub process whose threads are stopped to change it. */
final class PtraceAddressSpace extends StubAddressSpace implements StubAddressSpace.ListRunner {

    private static final int MAP_MEMORY = Mman.MAP_SHARED | Mman.MAP_FIXED | Mman.MAP_NORESERVE;
    private static final long COMMIT_POLL_MILLIS = 10;

    final StubProcess process;
    private final PtracePlatform platform;

    // Guarded by lock.
    private final List<PtraceContext> contexts = new ArrayList<>();
    /** Left by its process for another one (exec): nothing more happens here. */
    private boolean dead;

    /** Who executes, and the clone(2) at the end, during an execution. */
    private @Nullable Tracee tracee;

    private long cloneFlags;
    private long child;
    private long childList;

    /** Whether {@link #commit} of a thread without a context waits. */
    private volatile boolean committing;

    PtraceAddressSpace(PtracePlatform platform, StubProcess process, RangeSet mapped) {
        super(
                platform.memory(),
                platform.control(),
                process.files,
                process.list,
                StubImage.CODE,
                mapped);
        this.platform = platform;
        this.process = process;
    }

    @Override
    protected void killProcess() {
        process.kill();
    }

    // What the host knows.

    @Override
    public void hostUsage(HostUsage result, boolean withFiles) {
        StubUsage.read(process.tgid, result, withFiles);
    }

    @Override
    public long touchedBytes(long address, long length) {
        return StubUsage.touchedBytes(process.tgid, address, length);
    }

    // Contexts.

    void addContext(PtraceContext context) {
        synchronized (lock) {
            contexts.add(context);
        }
    }

    void removeContext(PtraceContext context) {
        synchronized (lock) {
            contexts.remove(context);
            lock.notifyAll();
        }
    }

    /** Ends this address space although its process goes on with another one. */
    void abandon() {
        synchronized (lock) {
            dead = true;
            forgetAll();
            lock.notifyAll();
        }
    }

    /** Called by a context that left guest code: a committing thread may wait for that. */
    void guestLeft() {
        if (committing) {
            synchronized (lock) {
                lock.notifyAll();
            }
        }
    }

    // Taking effect.

    @Override
    public void commit() throws ErrnoException {
        if (!hasPending()) {
            return;
        }
        synchronized (lock) {
            PtraceContext own = null;
            for (PtraceContext context : contexts) {
                if (context.isOwnedByCaller()) {
                    own = context;
                    break;
                }
            }
            if (own != null) {
                flush(own.tracee());
            } else {
                commitByOthers();
            }
        }
    }

    /**
     * Waits until a context in guest code has been stopped and has flushed. If none is in guest
     * code there is nothing to wait for: each flushes before it enters.
     */
    private void commitByOthers() {
        boolean interrupted = false;
        while (hasPending() && !dead) {
            committing = true;
            PtraceContext running = null;
            for (PtraceContext context : contexts) {
                if (context.isInGuest()) {
                    running = context;
                    break;
                }
            }
            if (running == null) {
                break;
            }
            running.kickForFlush();
            try {
                lock.wait(COMMIT_POLL_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        committing = false;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Makes all queued changes by a stopped stub thread of the process.
     *
     * @throws ErrnoException if a mapping could not be made; all others were
     * @throws ContextLostException if something could not be removed or protected: the process is
     *     killed
     */
    void flush(Tracee tracee) throws ErrnoException {
        synchronized (lock) {
            if (hasPending()) {
                execute(tracee, 0, 0, 0);
                throwFailure();
            }
        }
    }

    /**
     * As {@link #flush}, and lets the stub thread make a clone(2) afterwards, in the same stop.
     * Call with the lock held.
     *
     * @return the clone's result; a mapping that failed is for {@link #throwFailure}
     */
    long flushAndClone(Tracee tracee, long flags, long child, long childList) {
        return execute(tracee, flags, child, childList);
    }

    private long execute(Tracee by, long flags, long childEntry, long childArgument) {
        clearFailure();
        StubImage image = platform.image();
        if (queue.count() == 0) {
            return by.injectClone(image.gadgetSyscall, flags, childEntry, childArgument);
        }
        if (queue.count() == 1 && flags == 0 && queue.kind(0) != MapQueue.MAP_HOST) {
            executeOne(by, image);
            return 0;
        }
        tracee = by;
        cloneFlags = flags;
        child = childEntry;
        childList = childArgument;
        try {
            return executeAll(this, flags != 0);
        } finally {
            tracee = null;
        }
    }

    private void executeOne(Tracee by, StubImage image) {
        long start = queue.start(0);
        long length = queue.length(0);
        long gadget = image.gadgetSyscall;
        int protection = queue.protection(0);
        long result = switch (queue.kind(0)) {
            case MapQueue.MAP ->
                by.inject(
                        gadget,
                        Sys.MMAP,
                        start,
                        length,
                        protection,
                        MAP_MEMORY,
                        StubImage.MEMORY_FD,
                        queue.offset(0));
            case MapQueue.UNMAP -> by.inject(gadget, Sys.MUNMAP, start, length, 0, 0, 0, 0);
            default -> by.inject(gadget, Sys.MPROTECT, start, length, protection, 0, 0, 0);
        };
        if (Host.isError(result)) {
            failed(0, result);
        }
        executed();
    }

    @Override
    protected int appendLast(int entries) {
        return put(entries, -1, Sys.CLONE, cloneFlags, 0, 0, 0, 0, 0);
    }

    @Override
    public int runList(int first, int count, boolean last) {
        Tracee by = executing();
        long at = StubImage.LIST + (long) first * StubImage.ENTRY_SIZE;
        return by.injectList(
                platform.image().gadgetList, at, count, last ? child : 0, last ? childList : 0);
    }

    @Override
    public long lastResult() {
        return executing().injectedResult();
    }

    private Tracee executing() {
        Tracee by = tracee;
        if (by == null) {
            throw new IllegalStateException("nothing is executed");
        }
        return by;
    }
}
