// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Sched;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.stub.ControlFile;
import dev.jvisor.platform.stub.RangeSet;
import dev.jvisor.platform.stub.StubAddressSpace;
import dev.jvisor.platform.stub.StubUsage;

/** The address space of a stub process, changed by its agent at any time. */
final class SystrapAddressSpace extends StubAddressSpace implements StubAddressSpace.ListRunner {

    private static final int CLONE_THREAD_FLAGS = Sched.CLONE_VM
            | Sched.CLONE_FS
            | Sched.CLONE_FILES
            | Sched.CLONE_SIGHAND
            | Sched.CLONE_THREAD
            | Sched.CLONE_SYSVSEM
            | Sched.CLONE_CHILD_CLEARTID;

    /** CLONE_PARENT: all stubs are children of the Sentry. */
    private static final int CLONE_PROCESS_FLAGS =
            Sched.CLONE_PARENT | Sched.CLONE_FILES | Sched.CLONE_FS | Signals.SIGCHLD;

    private static final int READ_WRITE = Mman.PROT_READ | Mman.PROT_WRITE;
    private static final int SHARED_FIXED = Mman.MAP_SHARED | Mman.MAP_FIXED;

    /** What {@link #appendLast} appends. */
    private enum Last {
        NOTHING,
        THREAD,
        PROCESS
    }

    final StubProcess process;
    private final SystrapPlatform platform;

    // Guarded by lock.
    private Last last = Last.NOTHING;
    /** Slot of the thread, or list of the process, that is made. */
    private long argument;

    private long childEntry;
    private long lastResult;
    /** Left by its process for another one (exec): nothing more happens here. */
    private boolean dead;

    SystrapAddressSpace(SystrapPlatform platform, StubProcess process, RangeSet mapped) {
        super(
                platform.memory(),
                platform.control(),
                process.files,
                process.list,
                StubCode.LIMIT,
                mapped);
        this.platform = platform;
        this.process = process;
    }

    @Override
    protected void killProcess() {
        process.kill();
    }

    @Override
    public void commit() throws ErrnoException {
        if (!hasPending()) {
            return;
        }
        synchronized (lock) {
            if (hasPending() && !dead) {
                try {
                    executeAll(this, false);
                } catch (ContextLostException gone) {
                    // Nobody sees its memory any more; its contexts will notice by themselves.
                    forgetAll();
                    return;
                }
                throwFailure();
            }
        }
    }

    @Override
    public int runList(int first, int count, boolean withLast) {
        int left = process.execute(first, count, withLast);
        lastResult = left != 0 || withLast ? process.result() : 0;
        return left;
    }

    @Override
    public long lastResult() {
        return lastResult;
    }

    @Override
    protected int appendLast(int entries) {
        int n = entries;
        if (last == Last.THREAD) {
            n = putThread(process.list, n, argument);
        } else {
            n = put(n, -1, Sys.CLONE, CLONE_PROCESS_FLAGS, 0, 0, 0, 0, argument);
            platform.control().putExtra(process.list, n - 1, childEntry);
        }
        return n;
    }

    /** Appends what makes a guest thread: its slot is mapped, the thread cloned. */
    private int putThread(long list, int entries, long slot) {
        ControlFile control = platform.control();
        long[] words = new long[ControlFile.ENTRY_WORDS];
        long at = ContextFile.stubAddress(slot);
        control.put(
                words,
                list,
                entries,
                Sys.MMAP,
                at,
                Block.SLOT_SIZE,
                READ_WRITE,
                SHARED_FIXED,
                StubCode.CONTEXT_FD,
                slot);
        control.put(
                words,
                list,
                entries + 1,
                Sys.CLONE,
                CLONE_THREAD_FLAGS,
                at + Block.STACK_TOP,
                0,
                at + Block.STATE,
                0,
                0);
        control.putExtra(list, entries + 1, platform.code().threadStart);
        return entries + 2;
    }

    /**
     * Makes a guest thread that waits, after all queued changes.
     *
     * @param slot what {@link SystrapPlatform#newSlot} made
     */
    StubThread makeThread(long slot) throws ErrnoException {
        synchronized (lock) {
            last = Last.THREAD;
            argument = slot;
            long tid = executeAll(this, true);
            if (Host.isError(tid)) {
                unmap(slot);
            }
            check(tid);
            StubThread thread = new StubThread((int) tid, slot);
            process.addThread(thread);
            return thread;
        }
    }

    /**
     * Makes a copy of the process with a guest thread in it, after all queued changes.
     *
     * @param slot for the thread
     * @param empty whether the copy is to have no guest mappings
     */
    StubProcess makeProcess(long slot, boolean empty) throws ErrnoException {
        ControlFile control = platform.control();
        synchronized (lock) {
            long list = control.allocate();
            long pid;
            try {
                putThread(list, 0, slot);
                long page = control.address(list);
                StubProcess.prepare(page, 0, 2, true);
                RawMemory.putInt(page + StubCode.SEQUENCE, 1);
                last = Last.PROCESS;
                argument = list;
                childEntry = empty ? platform.code().childFresh : platform.code().childProcess;
                pid = check(executeAll(this, true));
            } catch (ErrnoException | RuntimeException e) {
                control.free(list);
                throw e;
            }
            process.files.addProcess();
            StubProcess child = new StubProcess(platform, (int) pid, process.files, list);
            platform.register(child);
            return child;
        }
    }

    /** Returns the address space of a copy of the process, with everything that is queued. */
    SystrapAddressSpace fork(long slot) throws ErrnoException {
        synchronized (lock) {
            StubProcess child = makeProcess(slot, false);
            try {
                throwFailure();
            } catch (ErrnoException e) {
                platform.discard(child);
                throw e;
            }
            return new SystrapAddressSpace(platform, child, copyMapped());
        }
    }

    /** Returns an empty address space in a new process with the same descriptors. */
    SystrapAddressSpace forkEmpty(long slot) throws ErrnoException {
        return new SystrapAddressSpace(platform, makeProcess(slot, true), new RangeSet());
    }

    /** Waits for the guest thread that a forked process makes by itself. */
    StubThread awaitFirstThread(long slot) throws ErrnoException {
        synchronized (lock) {
            process.awaitDone(1);
            StubThread thread = new StubThread((int) check(process.result()), slot);
            process.addThread(thread);
            return thread;
        }
    }

    /** As Linux tells a failed clone(2): EAGAIN or ENOMEM. */
    static long check(long result) throws ErrnoException {
        if (Host.isError(result)) {
            throw result == -Errno.ENOMEM.number
                    ? Errno.ENOMEM.exception()
                    : Errno.EAGAIN.exception();
        }
        return result;
    }

    /** Unmaps the slot of a thread that has ended. */
    void unmapSlot(StubThread thread) {
        synchronized (lock) {
            unmap(thread.slot());
        }
        process.removeThread(thread);
    }

    private void unmap(long slot) {
        put(0, -1, Sys.MUNMAP, ContextFile.stubAddress(slot), Block.SLOT_SIZE, 0, 0, 0, 0);
        if (process.execute(0, 1, false) != 0) {
            process.kill();
            throw new ContextLostException("slot cannot be unmapped");
        }
    }

    /** Removes all guest mappings, and ends this object although the process goes on. */
    void abandonInPlace() {
        synchronized (lock) {
            put(0, -1, Sys.MUNMAP, 0, StubCode.LIMIT, 0, 0, 0, 0);
            if (process.execute(0, 1, false) != 0) {
                process.kill();
                throw new ContextLostException("address space cannot be emptied");
            }
            dead = true;
            forgetAll();
        }
    }

    @Override
    public void hostUsage(HostUsage result, boolean withFiles) {
        StubUsage.read(process.tgid, result, withFiles);
    }

    @Override
    public long touchedBytes(long address, long length) {
        return StubUsage.touchedBytes(process.tgid, address, length);
    }
}
